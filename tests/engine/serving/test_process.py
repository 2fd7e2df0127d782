import importlib
import os
import queue
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import msgspec
import pytest

import scenarios
from engine.bounds import MOST_STEPS
from engine.runs.plan import Plan
from engine.serving.child import Child
from engine.serving.commands import Advance, Play, RequestFrame, SetKnob, SetSpeed, TrainAgain
from engine.serving.opening import Opening
from engine.serving.process import EngineProcess, LocalEngine
from engine.serving.snapshot import EngineFailed, Refused, Snapshot, View

SEED_3 = Opening(Plan(3, scenarios.load("line-fit").file.training.starting_knobs(), (), MOST_STEPS))
PATIENCE = 60  # seconds until a test gives up; nothing waits for it unless it fails
SLOW = 0.001  # steps a second: none is taken unless asked for


def line_fit(**training):
    """A scenario that another process can import, which sources of a test module are not."""
    scenario = scenarios.load("line-fit")
    file = msgspec.structs.replace(scenario.file, training=msgspec.structs.replace(scenario.file.training, **training))
    return scenarios.Scenario(scenario.id, file)


class Flight:
    """An engine and the replies that came of it."""

    def __init__(self, engine):
        self.engine = engine
        self.replies = queue.Queue()
        engine.listen(self.replies.put)

    def reply(self, kind):
        reply = self.replies.get(timeout=PATIENCE)
        assert isinstance(reply, kind), reply
        return reply

    def frame(self):
        self.engine.send(RequestFrame(View()))
        return self.reply(Snapshot)

    def advance_to(self, step):
        self.engine.send(Advance(step - self.frame().step))
        deadline = time.monotonic() + PATIENCE
        while (snapshot := self.frame()).step < step:
            assert time.monotonic() < deadline
        return snapshot


@contextmanager
def flight_of(source, **kwargs):
    engine = EngineProcess(source, **{"steps_per_second": SLOW, **kwargs})
    try:
        yield Flight(engine)
    finally:
        engine.close()


def has_ended(pid):
    """Whether the process is gone, or dead and only not yet waited for."""
    try:
        os.kill(pid, 0)
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except (ProcessLookupError, FileNotFoundError):
        return not Path("/proc/self").exists() or not Path(f"/proc/{pid}").exists()


def wait_for_end(pid):
    deadline = time.monotonic() + PATIENCE
    while not has_ended(pid):
        assert time.monotonic() < deadline, "the engine process lives on"
        time.sleep(0.01)


def test_the_bits_are_the_same_with_and_without_the_process():
    changes = [
        (7, SetKnob("learning_rate", 0.1)),
        (20, SetKnob("batch_size", 5)),
        (77, SetKnob("momentum", 0.9)),
        (300, SetKnob("batch_size", 100)),
        (900, None),
    ]
    frames = []
    local = Flight(LocalEngine(line_fit(), opening=SEED_3))
    local.engine.send(Play(False))
    with flight_of(line_fit(), opening=SEED_3) as remote:
        for flight in (local, remote):
            for step, change in changes:
                frame = flight.advance_to(step)
                if change:
                    flight.engine.send(change)
            frames.append(frame)
    one, other = frames
    assert one.step == other.step == 900
    assert one.weights.present.tobytes() == other.weights.present.tobytes()
    assert one.curves.batch.mean.tobytes() == other.curves.batch.mean.tobytes()
    assert one.curves.training.values.tobytes() == other.curves.training.values.tobytes()
    assert (one.status, one.changes, one.knobs) == (other.status, other.changes, other.knobs)


def test_speed_does_not_change_the_bits():
    with flight_of(line_fit(), steps_per_second=None) as fast:
        while fast.frame().step < 100:
            pass
        fast.engine.send(Play(False))
        frame = fast.frame()
    trainer = line_fit().trainer()
    trainer.run(frame.step)
    assert frame.weights.present.tobytes() == trainer.weights.tobytes()


def test_a_command_that_cannot_be_done_is_refused_in_words():
    with flight_of(line_fit()) as flight:
        for command in (SetKnob("learning_rate", -1.0), SetKnob("altitude", 1.0), SetSpeed(0)):
            flight.engine.send(command)
            assert flight.reply(Refused).reason
        flight.engine.send(TrainAgain(new_seed=True))
        assert flight.frame().seed == 1


def test_a_killed_engine_is_reported_in_words():
    with flight_of(line_fit()) as flight:
        flight.frame()
        os.kill(flight.engine.pid, signal.SIGKILL)
        failure = flight.reply(EngineFailed)
        assert "the engine process ended" in failure.reason
        assert "SIGKILL" in failure.reason
        flight.engine.send(Play(True))  # goes nowhere, quietly


def test_a_scenario_that_cannot_be_run_is_reported_with_its_reason():
    with flight_of(scenarios.Scenario("without a file", None)) as flight:
        failure = flight.reply(EngineFailed)
        assert failure.reason.startswith("AttributeError: ")
        assert "Traceback" in failure.details
        wait_for_end(flight.engine.pid)
    assert flight.replies.empty()


@pytest.mark.parametrize("speed", [SLOW, None])
def test_closing_lets_the_process_end_by_itself_and_is_no_failure(speed):
    with flight_of(line_fit(), steps_per_second=speed) as flight:
        flight.frame()
    assert flight.engine.exit_code == 0  # and not killed after a second
    assert flight.replies.empty()


def test_closing_ends_a_process_that_has_only_begun():
    with flight_of(line_fit()) as flight:
        pid = flight.engine.pid
    assert has_ended(pid)


@pytest.mark.skipif(sys.platform == "win32", reason="kills with a signal")
@pytest.mark.parametrize("speed", [SLOW, None])
def test_the_process_ends_by_itself_when_its_parent_is_killed(speed):
    parent = f"""
import os, signal, queue, scenarios
from engine.serving.commands import RequestFrame
from engine.serving.snapshot import View
from engine.serving.process import EngineProcess
if __name__ == "__main__":
    engine, replies = EngineProcess(scenarios.load("line-fit"), steps_per_second={speed}), queue.Queue()
    engine.listen(replies.put)
    engine.send(RequestFrame(View()))
    replies.get(timeout={PATIENCE})
    print(engine.pid, flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
"""
    done = subprocess.run([sys.executable, "-c", parent], capture_output=True, text=True, timeout=PATIENCE)
    assert done.returncode == -signal.SIGKILL, done.stderr
    wait_for_end(int(done.stdout))


def test_an_interrupt_is_the_screens_to_handle():
    with flight_of(line_fit()) as flight:
        flight.frame()
        os.kill(flight.engine.pid, signal.SIGINT)
        assert flight.advance_to(5).step == 5


def test_the_process_prints_nothing(capfd):
    with flight_of(line_fit(learning_rate=5.0), steps_per_second=None) as flight:
        while flight.frame().running:
            pass
        flight.engine.send(Play(True))
        while flight.frame().running:
            pass
    printed = capfd.readouterr()
    assert (printed.out, printed.err) == ("", "")


BUSY = """
import os
def work(pipe):
    pipe.send(os.getpid())
    while True:
        pass
"""


def test_a_process_that_never_looks_at_its_pipe_does_not_live_on_for_nobody(tmp_path, monkeypatch):
    (tmp_path / "busy.py").write_text(BUSY)
    monkeypatch.syspath_prepend(tmp_path)
    child = Child(importlib.import_module("busy").work)
    pid = child.pipe.recv()
    child.pipe.close()
    wait_for_end(pid)
    child.close(PATIENCE)
    assert child.process.returncode == 1


PARENT = """
import os, queue, sys
import scenarios
from engine.serving.commands import RequestFrame
from engine.serving.process import EngineProcess
from engine.serving.snapshot import View
sys.path[:0] = ["", os.getcwd()]  # as Python does without -P
engine, replies = EngineProcess(scenarios.load("line-fit"), steps_per_second=1), queue.Queue()
engine.listen(replies.put)
engine.send(RequestFrame(View()))
print(type(replies.get(timeout=60)).__name__)
engine.close()
"""


def test_files_of_the_current_folder_are_not_run(tmp_path):
    names = "signal socket select struct types pickle multiprocessing enum subprocess threading numpy engine scenarios"
    for name in names.split():
        (tmp_path / f"{name}.py").write_text(f"import pathlib; pathlib.Path({str(tmp_path / 'ran')!r}).touch()")
    done = subprocess.run(
        [sys.executable, "-P", "-c", PARENT],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        cwd=tmp_path,
        env={key: value for key, value in os.environ.items() if key != "PYTHONPATH"},
    )
    assert (done.stdout, done.stderr) == ("Snapshot\n", "")
    assert not (tmp_path / "ran").exists()
