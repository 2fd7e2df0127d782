"""The real program before a reader that is slow, and through a real OpenSSH connection that is lost."""

import re
import shlex
from pathlib import Path

import pytest

from tests.tui import ssh
from tests.tui.real_terminal import descend, state

ROOT = Path(__file__).parents[3]


def rate_shown(dashboard):
    found = re.search(r"learning rate +([\d.]+) ", dashboard.text)  # a frame may be half drawn
    return float(found[1]) if found else None


@pytest.mark.parametrize("answers", [True, False])
def test_a_slow_reader_sees_keys_and_few_frames(terminal, answers):
    dashboard = terminal(rate=16_000, answers=answers)
    dashboard.until(lambda: rate_shown(dashboard) == 0.05)
    dashboard.press(b"+" * 12)
    for key, rate in ((b"\x1b[A", 0.1), (b"\x1b[B", 0.05)):
        read = len(dashboard.written)
        dashboard.press(key)
        dashboard.until(lambda rate=rate: rate_shown(dashboard) == rate)
        assert len(dashboard.written) - read < 24_000  # what waited before it, were it read to the end
    dashboard.press(b"q")
    assert dashboard.wait() == 0


@pytest.fixture
def server(tmp_path):
    if ssh.MISSING:
        pytest.skip(ssh.MISSING)
    server = ssh.Server(tmp_path)
    yield server
    server.close()


def remote(pid_file):
    run = f"echo $$ > {shlex.quote(str(pid_file))} && exec {shlex.join(descend())}"
    return f"cd {shlex.quote(str(ROOT))} && {run}"


def children(pid):
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="finds the engine process through /proc")
def test_a_lost_ssh_connection_leaves_no_process_behind(terminal, server, tmp_path):
    pid_file = tmp_path / "pid"
    dashboard = terminal(command=server.command(remote(pid_file))).begin()
    screen = int(pid_file.read_text())
    engines = children(screen)
    assert engines
    dashboard.process.kill()
    dashboard.until(lambda: not any(state(pid) for pid in (screen, *engines)))


def test_over_ssh_quitting_leaves_nothing_for_the_shell_to_read(terminal, server):
    """Answers to the last questions are read before the program ends, not left as if they were typed."""
    with_slow_way = ssh.SlowLink(server.port, rate=64_000, delay=0.05)
    line = f"cd {shlex.quote(str(ROOT))} && {shlex.join(descend())}; cat -v"
    dashboard = terminal(command=server.command(line, port=with_slow_way.port)).begin()
    dashboard.press(b"+" * 12)
    dashboard.until(lambda: re.search(r"\d,\d{3} steps/s", dashboard.text))
    dashboard.press(b"q")
    dashboard.until(lambda: dashboard.private_modes()[1049] is False)
    dashboard.until_quiet(0.5)
    dashboard.press(b"\r\x04\x04")
    dashboard.wait()
    with_slow_way.close()
    after = bytes(dashboard.written).rpartition(b"\x1b[?1049l")[2]
    assert b"^[" not in after
    assert b"R" not in after
