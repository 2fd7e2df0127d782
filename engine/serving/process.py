"""The engine in a process of its own, and the pipe to it.

The screen asks for a frame and gets one snapshot; nobody floods, nobody waits for the other. The
process ends by itself when the pipe closes, however its parent died.
"""

from __future__ import annotations

import contextlib
import queue
import signal
import threading
import traceback
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING

from engine.refusals import RefusalError
from engine.serving.child import Child

if TYPE_CHECKING:  # what trains is loaded where it works, and nothing of it before the process is started
    from engine.runs.records.recorder import MakesRecorder
    from engine.runs.run import RunSource
    from engine.serving.commands import Command
    from engine.serving.opening import Opening
    from engine.serving.snapshot import Reply
    from engine.serving.worker import Worker

_QUIT_SECONDS = 1.0


def serve(
    pipe: Connection,
    source: RunSource,
    steps_per_second: float | None,
    opening: Opening | None,
    make_recorder: MakesRecorder | None,
) -> None:
    """The engine process: commands in, replies out, until the pipe closes."""
    with contextlib.suppress(EOFError, OSError):  # the screen has gone
        from engine.serving.snapshot import EngineFailed

        try:
            from engine.serving.worker import Worker

            recorder = make_recorder() if make_recorder is not None else None
            worker = Worker(source, steps_per_second=steps_per_second, opening=opening, recorder=recorder)
            try:
                _loop(pipe, worker)
            finally:
                worker.close()
        except (EOFError, BrokenPipeError):
            raise
        except Exception as error:
            pipe.send(EngineFailed(f"{type(error).__name__}: {error}", traceback.format_exc()))


def _loop(pipe: Connection, worker: Worker) -> None:
    from engine.serving.snapshot import Refused

    while True:
        while pipe.poll(worker.seconds_to_wait()):
            if (command := pipe.recv()) is None:
                return
            try:
                worker.handle(command)
            except RefusalError as error:
                pipe.send(Refused.of(error))
            _answer(pipe, worker)
        worker.advance()
        _answer(pipe, worker)


def _answer(pipe: Connection, worker: Worker) -> None:
    while (answer := worker.answer()) is not None:
        pipe.send(answer)


class EngineProcess:
    """Starts an engine process, sends it commands and hands its replies on.

    `on_reply` is called on a thread of its own, once for each reply; after the process has ended or
    the pipe has closed, with an `EngineFailed`, unless `close` was called. Commands are written by a thread
    as well: the pipe of a process that reads nothing is soon full, and `send` must not wait for it.
    make_recorder: makes one in the process, which is told of all runs.
    """

    def __init__(
        self,
        source: RunSource,
        *,
        steps_per_second: float | None,
        opening: Opening | None = None,
        make_recorder: MakesRecorder | None = None,
    ) -> None:
        self._child = Child(serve, source, steps_per_second, opening, make_recorder)
        self._pipe = self._child.pipe
        self._closed = False
        self._commands: queue.SimpleQueue[Command | None] = queue.SimpleQueue()
        threading.Thread(target=self._write, name="engine-commands", daemon=True).start()

    @property
    def pid(self) -> int:
        """The process number of the engine process."""
        return self._child.process.pid

    @property
    def exit_code(self) -> int | None:
        """The exit code of the engine process; None before `close` has seen its end."""
        return self._child.process.returncode

    def listen(self, on_reply: Callable[[Reply], None]) -> None:
        """Begin to hand replies to `on_reply`."""
        threading.Thread(target=self._receive, args=(on_reply,), name="engine-replies", daemon=True).start()

    def _receive(self, on_reply: Callable[[Reply], None]) -> None:
        from engine.serving.snapshot import EngineFailed

        while True:
            try:
                reply = self._pipe.recv()
            except (EOFError, OSError):
                break
            except Exception as error:  # for want of memory, say; a library's words may begin with a page of advice
                why = str(error).strip().rpartition("\n")[2]
                reply = EngineFailed(f"its answer cannot be read: {type(error).__name__}: {why}")
            on_reply(reply)
            if isinstance(reply, EngineFailed):
                return
        if not self._closed:
            on_reply(EngineFailed(f"the engine process ended ({_how(self._child.wait(_QUIT_SECONDS))})"))

    def send(self, command: Command) -> None:
        """Hand over a command, without waiting. Does nothing where the process has ended; `on_reply` hears of that."""
        self._commands.put(command)

    def _write(self) -> None:
        with contextlib.suppress(OSError):  # the process has ended
            while (command := self._commands.get()) is not None:
                self._pipe.send(command)
            self._pipe.send(None)

    def close(self, *, patiently: bool = True) -> None:
        """End the process, within about a second; at once where it is not waited for patiently."""
        self._closed = True
        # Closing the pipe would not do: while the other thread reads from it, it stays open for the process.
        self._commands.put(None)
        self._child.close(_QUIT_SECONDS if patiently else 0.0)


def _how(exit_code: int | None) -> str:
    if exit_code is not None and exit_code < 0:
        return f"killed by {signal.Signals(-exit_code).name}"
    return f"exit code {exit_code}"


class LocalEngine:
    """The same loop without a process, synchronous: for tests and wherever no screen must stay alive.

    Every frame request first takes `steps_per_frame` steps if the run is not paused, instead of asking
    the clock.
    """

    def __init__(self, source: RunSource, *, steps_per_frame: int = 1, opening: Opening | None = None) -> None:
        from engine.serving.worker import Worker

        self._worker = Worker(source, steps_per_second=None, opening=opening)
        self._steps_per_frame = steps_per_frame
        self._on_reply: Callable[[Reply], None] = lambda _: None

    @property
    def worker(self) -> Worker:
        """The worker that serves the commands."""
        return self._worker

    def listen(self, on_reply: Callable[[Reply], None]) -> None:
        """Hand replies to `on_reply`, from within `send`."""
        self._on_reply = on_reply

    def send(self, command: Command) -> None:
        """Carry out a command at once."""
        from engine.serving.snapshot import Refused

        try:
            self._worker.handle(command)
        except RefusalError as error:
            self._on_reply(Refused.of(error))
        while not self._worker.running and self._worker.pace.seconds_to_next_step() == 0:
            self._worker.advance()
        if self._worker.wants_frame and self._worker.running and not self._worker.pace.held:
            self._worker.train(self._steps_per_frame)
        while (answer := self._worker.answer(at_once=True)) is not None:
            self._on_reply(answer)

    def close(self, *, patiently: bool = True) -> None:
        """Do nothing: there is no process to end."""
