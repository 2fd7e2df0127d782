"""A Python function in a process of its own, and the pipe to it.

`multiprocessing` would do, but its processes look into the current folder for every module that they import, it runs
the program's main module anew, and keeps a process beside them to track what we do not use.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from multiprocessing import connection
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

_HOME = str(Path(__file__).parents[2])  # of the packages that belong together
_PROGRAM = "from engine.serving.child import spawn_main; spawn_main({handle})"
_POSIX = os.name == "posix"
_LAST_SECONDS = 1.0  # for what the process is doing when the other one has gone


class Child:
    """Runs `function(pipe, *arguments)` in a new process, whose end of the pipe closes when either process goes.

    The function is one of a module's, and all arguments can be pickled. The process reads nothing from the terminal
    and writes nothing to it. Raises OSError where the system starts no further process.
    """

    def __init__(self, function: Callable[..., object], *arguments: object) -> None:
        self.pipe, theirs = connection.Pipe()
        handle = theirs.fileno()
        inherited: dict[str, Any] = {"pass_fds": (handle,)}
        if not _POSIX:
            os.set_handle_inheritable(handle, True)  # type: ignore[attr-defined]
            inherited = {"close_fds": False}
        self.process = subprocess.Popen(
            [sys.executable, "-P", "-c", _PROGRAM.format(handle=handle)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "PYTHONSAFEPATH": "1", "PYTHONPATH": os.pathsep.join(_safe_path())},
            **inherited,
        )
        theirs.close()
        with contextlib.suppress(OSError):  # it has ended already; whoever reads from the pipe hears of that
            self.pipe.send((function, arguments))

    def wait(self, seconds: float) -> int | None:
        """Wait for the process to end; its exit code, −n after signal n, or None where it lives on for so long."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(seconds)
        return self.process.returncode

    def close(self, seconds: float = 0.0) -> None:
        """End the process, by force where it has not ended of its own accord after so long."""
        if self.wait(seconds) is None:
            self.process.kill()
            self.process.wait()
        self.pipe.close()


def _safe_path() -> list[str]:
    """The folders in which this process finds modules, without the current folder: what lies there is none of ours."""
    try:
        here = str(Path.cwd())
    except OSError:  # it was deleted
        here = ""
    found = [folder for folder in sys.path if Path(folder).is_absolute() and folder != here]
    return found if _HOME in found else [*found, _HOME]


def spawn_main(handle: int) -> None:
    """Run the function in the new process. Keys that act on a whole group of processes are for whoever has started
    it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    kind = Connection if _POSIX else connection.PipeConnection  # type: ignore[attr-defined]
    pipe = kind(handle)
    if _POSIX:
        signal.signal(signal.SIGTSTP, signal.SIG_IGN)
        threading.Thread(target=_end_with_the_pipe, args=(handle,), name="hang-up", daemon=True).start()
    with contextlib.suppress(EOFError, OSError):  # whoever has started it is gone
        function, arguments = pipe.recv()
        function(pipe, *arguments)


def _end_with_the_pipe(handle: int) -> None:
    """End the process soon after the pipe has closed, however long the function computes without looking at it."""
    poll = select.poll()
    poll.register(handle, 0)  # hanging up is always told
    poll.poll()
    time.sleep(_LAST_SECONDS)
    os._exit(1)
