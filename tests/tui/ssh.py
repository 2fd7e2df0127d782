"""A real OpenSSH server on loopback, with its own keys and no privileges, and a slow link before it."""

import getpass
import os
import queue
import shutil
import socket
import subprocess
import threading
import time
from pathlib import Path

_SBIN = "/usr/sbin:/usr/local/sbin:/opt/homebrew/sbin"
SSHD = shutil.which("sshd") or shutil.which("sshd", path=_SBIN)
MISSING = None if SSHD and shutil.which("ssh") else "no OpenSSH server and client are installed"


def _free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """sshd for this user alone, on a port of its own. `command` is the client's command line."""

    def __init__(self, folder):
        self._folder = Path(folder)
        self.port = _free_port()
        for name in ("host", "client"):
            key = str(self._folder / name)
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key], check=True)
        (self._folder / "authorized").write_text((self._folder / "client.pub").read_text())
        settings = {
            "ListenAddress": f"127.0.0.1:{self.port}",
            "HostKey": self._folder / "host",
            "AuthorizedKeysFile": self._folder / "authorized",
            "PidFile": "none",
            "StrictModes": "no",
            "UsePAM": "no",
            "PermitRootLogin": "yes",
            "PasswordAuthentication": "no",
        }
        config = self._folder / "sshd_config"
        config.write_text("".join(f"{key} {value}\n" for key, value in settings.items()))
        if os.geteuid() == 0:  # then sshd separates privileges, in a folder that its service would have made
            Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
        self._log = self._folder / "sshd.log"
        self._process = subprocess.Popen([SSHD, "-D", "-f", config, "-E", self._log])
        while not self._listens():
            if self._process.poll() is not None:
                raise RuntimeError(self._log.read_text())
            time.sleep(0.01)

    def _listens(self):
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def command(self, remote, *, port=None):
        """That runs `remote`, a shell's line, on a terminal of the server's."""
        options = {
            "StrictHostKeyChecking": "no",
            "UserKnownHostsFile": "/dev/null",
            "IdentitiesOnly": "yes",
            "IdentityFile": self._folder / "client",
            "LogLevel": "ERROR",
        }
        given = [word for key, value in options.items() for word in ("-o", f"{key}={value}")]
        address = f"{getpass.getuser()}@127.0.0.1"
        return ["ssh", "-tt", "-F", "none", *given, "-p", str(port or self.port), address, remote]

    def close(self):
        self._process.terminate()
        self._process.wait()


class SlowLink:
    """Forwards one port to another: `rate` bytes a second each way, `delay` seconds each way."""

    def __init__(self, port, *, rate, delay):
        self._target, self._rate, self._delay = port, rate, delay
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            far = socket.create_connection(("127.0.0.1", self._target))
            for source, sink in ((near, far), (far, near)):
                sink.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                under_way = queue.Queue()
                threading.Thread(target=self._take, args=(source, under_way), daemon=True).start()
                threading.Thread(target=self._give, args=(sink, under_way), daemon=True).start()

    def _take(self, source, under_way):
        free_at = time.monotonic()
        while True:
            try:
                data = source.recv(max(64, int(self._rate * 0.01)))
            except OSError:
                data = b""
            free_at = max(free_at, time.monotonic()) + len(data) / self._rate
            under_way.put((free_at + self._delay, data))
            if not data:
                return
            time.sleep(max(0.0, free_at - time.monotonic()))

    def _give(self, sink, under_way):
        while True:
            due, data = under_way.get()
            time.sleep(max(0.0, due - time.monotonic()))
            try:
                sink.sendall(data) if data else sink.shutdown(socket.SHUT_WR)
            except OSError:
                return
            if not data:
                return

    def close(self):
        self._listener.close()
