"""An engine that does not answer, and more keys than there is time for."""

import os
import re
import signal
from pathlib import Path

import pytest

import scenarios
from engine.serving.process import LocalEngine
from engine.serving.snapshot import View
from tests.tui.real_terminal import LOOKING_IN_PROC, seconds_of_cpu
from tui.dashboard.session import Session

in_proc = pytest.mark.skipif(not Path("/proc/self/task").exists(), reason=LOOKING_IN_PROC)
ARROWS = b"\x1b[A\x1b[B"


class Stopped:
    """An engine that takes commands and answers nothing."""

    def __init__(self):
        self.commands, self.closed = [], None

    def listen(self, on_reply):
        self.on_reply = on_reply

    def send(self, command):
        self.commands.append(command)

    def close(self, *, patiently=True):
        self.closed = patiently


class Clock:
    now = 100.0

    def __call__(self):
        return self.now


def session_with(engine):
    clock = Clock()
    scenario = scenarios.load("line-fit")
    session = Session(scenario, engine, LocalEngine, clock)
    session.listen(session.receive)
    return session, clock


def test_an_engine_is_silent_from_two_seconds_on():
    session, clock = session_with(Stopped())
    assert session.request_frame(View())
    for waited, silence in ((1.9, 0.0), (2.0, 2.0), (7.5, 7.5)):
        clock.now = 100.0 + waited
        assert session.silence == silence


def test_nothing_is_sent_to_a_silent_engine_and_training_again_starts_another():
    engine = Stopped()
    session, clock = session_with(engine)
    session.request_frame(View())
    clock.now += 3
    sent = len(engine.commands)
    session.toggle_running()
    session.set_speed(None)
    session.branch()
    assert len(engine.commands) == sent
    session.train_again(new_seed=False)
    assert (engine.closed, session.silence) == (False, 0.0)
    assert session.request_frame(View())
    assert session.snapshot is not None  # the other engine has answered


def test_an_engine_that_answers_is_not_silent():
    session, clock = session_with(LocalEngine(scenarios.load("line-fit")))
    session.request_frame(View())
    clock.now += 100
    assert session.silence == 0.0


def test_a_program_that_was_suspended_does_not_blame_the_engine():
    session, clock = session_with(Stopped())
    session.request_frame(View())
    with session.held():
        clock.now += 100
    assert session.silence == 0.0


@in_proc
def test_a_stopped_engine_is_said_to_be_silent_until_it_answers(terminal):
    dashboard = terminal(columns=120, rows=40).begin()
    engine = dashboard.engine_pid()
    os.kill(engine, signal.SIGSTOP)
    dashboard.until(lambda: "has not answered for" in dashboard.text and "no answer for" in dashboard.text)
    assert "r starts it again" in dashboard.text
    os.kill(engine, signal.SIGCONT)
    dashboard.until(lambda: "answer" not in dashboard.text and "steps/s" in dashboard.text)


@in_proc
def test_keys_before_a_stopped_engine_block_nothing(terminal):
    dashboard = terminal().begin()
    os.kill(dashboard.engine_pid(), signal.SIGSTOP)
    for _ in range(100):  # as much as many times the pipe holds
        dashboard.press(ARROWS * 20)
        dashboard.read(0)
    dashboard.until(lambda: "has not answered for" in dashboard.text)
    dashboard.press(b"r")
    dashboard.until(lambda: "steps/s" in dashboard.text and "answer" not in dashboard.text)
    dashboard.press(b"q")
    assert dashboard.wait() == 0


OTHERS = [
    pytest.param(keys, id=name, marks=pytest.mark.thorough)
    for keys, name in ((b"t", "table"), (b"120", "panels"), (b"a", "ascii"))
]


@pytest.mark.parametrize("keys", [pytest.param(b"T", id="theme"), pytest.param(ARROWS, id="rate"), *OTHERS])
def test_a_flood_of_keys_is_worked_off_in_a_few_frames(terminal, keys):
    dashboard = terminal().begin(pause=True)
    questions = dashboard.questions  # the program asks one after each of its frames
    dashboard.press(keys * (600 // len(keys)))
    dashboard.press(b"+")  # a sign that shows when it was reached: 10 steps a second become 30
    dashboard.press(b" ")
    dashboard.until(lambda: re.search(r"► 30 steps/s|> 30 steps/s", dashboard.text))
    assert dashboard.questions - questions < 60  # not one for each of 200 to 600 keys
    dashboard.press(b"q")
    assert dashboard.wait() == 0


@in_proc
def test_which_window_has_the_keys_is_no_concern_of_the_program(terminal):
    """Textual would style all panels anew, each time: 5,000 changes took half a minute."""
    dashboard = terminal().begin(pause=True)
    used = seconds_of_cpu(dashboard.process.pid)
    for _ in range(50):
        dashboard.press(b"\x1b[O\x1b[I" * 50)
        dashboard.read(0)
    dashboard.press(b" ")
    dashboard.until(lambda: "paused" not in dashboard.text)
    assert seconds_of_cpu(dashboard.process.pid) - used < 3
    dashboard.press(b"q")
    assert dashboard.wait() == 0
