"""The real program in a real terminal (a pty): keys in, screen out, and the terminal left as it was."""

import os
import re
import signal
from pathlib import Path

import pytest

from tests.tui.real_terminal import LOOKING_IN_PROC, state

in_proc = pytest.mark.skipif(not Path("/proc/self/task").exists(), reason=LOOKING_IN_PROC)

UP, LEFT = b"\x1b[A", b"\x1b[D"


def test_keys_act_and_quitting_leaves_the_terminal_as_it_was(terminal):
    dashboard = terminal()
    dashboard.until(lambda: "learning rate 0.05" in dashboard.text and "steps/s" in dashboard.text)
    assert "Line fit" in dashboard.text
    dashboard.press(UP + UP + LEFT)
    dashboard.until(lambda: "learning rate 0.2" in dashboard.text and "batch size    16" in dashboard.text)
    dashboard.press(b" ")
    dashboard.until(lambda: "paused" in dashboard.text)
    dashboard.press(b"?")
    dashboard.until(lambda: "points scatter around" in dashboard.text)
    dashboard.press(b"?")
    dashboard.until(lambda: "paused" in dashboard.text and "points scatter around" not in dashboard.text)
    dashboard.press(b"q")
    assert dashboard.wait() == 0
    dashboard.until(lambda: b"\x1b[?1049l" in dashboard.written)
    assert b"\x1b[?25h" in dashboard.written[dashboard.written.rindex(b"\x1b[?1049h") :]
    assert dashboard.modes == dashboard.modes_before


@pytest.mark.parametrize("leave", [b"q", b"\x1a"], ids=["q", "ctrl+z"])
def test_a_terminal_that_was_resized_is_left_with_nothing_of_the_dashboard(terminal, leave):
    dashboard = terminal().begin()
    dashboard.resize(120, 40)
    dashboard.until(lambda: "examples" in dashboard.screen.display[0])
    dashboard.press(leave)
    dashboard.until(lambda: b"\x1b[?1049l" in dashboard.written)
    dashboard.until_quiet()
    # tmux 3.3 would keep rows of what stands on the alternate screen when it is left.
    before, _, after = bytes(dashboard.written).partition(b"\x1b[?1049l")
    drawn_last = before.rpartition(b"\x1b[2J")[2]
    assert drawn_last != before
    for part in (drawn_last, after):
        assert re.sub(rb"\x1b\[[0-9?<>;]*[a-z]", b"", part) == b""


@in_proc
def test_a_killed_engine_is_said_and_the_screen_lives_on(terminal):
    dashboard = terminal("one-weight", columns=120, rows=40)
    dashboard.until(lambda: "One weight" in dashboard.text and "slope" in dashboard.text)
    os.kill(dashboard.engine_pid(), signal.SIGKILL)
    dashboard.until(lambda: "The engine has stopped" in dashboard.text and "SIGKILL" in dashboard.text)
    dashboard.press(b"r")
    dashboard.until(lambda: "The engine has stopped" not in dashboard.text and "steps/s" in dashboard.text)
    dashboard.press(b"q")
    assert dashboard.wait() == 0


@in_proc
def test_the_engine_ends_with_its_screen_however_that_died(terminal):
    dashboard = terminal()
    dashboard.until(lambda: "steps/s" in dashboard.text)
    engine = dashboard.engine_pid()
    dashboard.process.kill()
    dashboard.process.wait()
    dashboard.until(lambda: state(engine) is None)
