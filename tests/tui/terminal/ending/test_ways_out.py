"""However the program ends: the terminal is as it was, the exit code right, and no process is left behind."""

import os
import shlex
import signal
import sys
import time
from pathlib import Path

import pytest

from tests.tui import ssh
from tests.tui.real_terminal import LOOKING_IN_PROC, ROOT, descend, state
from tui.terminal.ending.ways_out import _RESTORE

pytestmark = pytest.mark.skipif(not Path("/proc/self/task").exists(), reason=LOOKING_IN_PROC)

OTHERS = [pytest.param(name, marks=pytest.mark.thorough) for name in ("TERM", "QUIT", "USR1")]
SIGNALS = ("HUP", "INT", "ABRT", *OTHERS)  # the rest of them: tests/benchmarks/deaths.py
OFF = (1000, 1003, 1006, 1049, 2004)  # mouse, alternate screen, paste


def assert_restored(dashboard, engine):
    dashboard.until(lambda: state(engine) is None)
    assert dashboard.modes == dashboard.modes_before
    private = dashboard.private_modes()
    assert [number for number in OFF if private[number]] == []
    assert private[25]  # the cursor


@pytest.mark.parametrize("name", SIGNALS)
def test_a_signal_ends_it_with_the_terminal_restored(terminal, name):
    number = signal.Signals[f"SIG{name}"]
    dashboard = terminal().begin()
    engine = dashboard.engine_pid()
    dashboard.signal(number)
    assert dashboard.wait() == 128 + number
    assert_restored(dashboard, engine)


def children(pid):
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


@pytest.mark.parametrize("name", ["KILL", "SEGV"])
def test_the_terminal_is_restored_when_the_program_cannot(terminal, name):
    number = signal.Signals[f"SIG{name}"]
    dashboard = terminal(environment={"PYTHONFAULTHANDLER": ""}).begin()
    engine, (guardian,) = dashboard.engine_pid(), set(children(dashboard.process.pid)) - {dashboard.engine_pid()}
    dashboard.signal(number)
    assert dashboard.wait() == -number
    dashboard.until(lambda: state(guardian) is None)
    dashboard.read_for(0.05)
    assert_restored(dashboard, engine)
    assert b"descend: ended without a word" in bytes(dashboard.written).rpartition(b"\x1b[?25h")[2]


EXITS = """
import os, sys, tui.dashboard.session
from tui.cli.command_line import main
tui.dashboard.session.Session.toggle_running = lambda self: os._exit(1)
sys.exit(main(["line-fit"]))
"""


def test_the_terminal_is_restored_when_a_library_ends_the_program(terminal):
    """As OpenBLAS does where there is too little memory."""
    dashboard = terminal(command=[sys.executable, "-c", EXITS]).begin()
    engine = dashboard.engine_pid()
    dashboard.press(b" ")
    assert dashboard.wait() == 1
    dashboard.until(lambda: not dashboard.private_modes()[1049])
    dashboard.read_for(0.05)
    assert_restored(dashboard, engine)


def test_suspended_and_killed_it_leaves_the_shell_s_terminal_alone(terminal):
    dashboard = terminal().begin()
    guardian = next(iter(set(children(dashboard.process.pid)) - {dashboard.engine_pid()}))
    dashboard.press(b"\x1a")
    dashboard.wait_until_stopped()
    dashboard.read_for(0.1)
    before = len(dashboard.written)
    dashboard.signal(signal.SIGKILL)
    dashboard.wait()
    dashboard.until(lambda: state(guardian) is None)
    dashboard.read_for(0.05)
    assert len(dashboard.written) == before


def test_without_its_guardian_it_goes_on(terminal):
    dashboard = terminal().begin()
    guardian = next(iter(set(children(dashboard.process.pid)) - {dashboard.engine_pid()}))
    os.kill(guardian, signal.SIGKILL)
    dashboard.press(b"\x1a")
    dashboard.wait_until_stopped()
    dashboard.signal(signal.SIGCONT)
    dashboard.until(lambda: dashboard.private_modes()[1049])
    dashboard.press(b"q")
    assert dashboard.wait() == 0
    assert_restored(dashboard, 0)


@pytest.mark.parametrize("leave", ["q", signal.SIGTERM, pytest.param(signal.SIGINT, marks=pytest.mark.thorough)])
def test_it_ends_though_nobody_reads(terminal, leave):
    dashboard = terminal(columns=200, rows=60).begin()
    engine = dashboard.engine_pid()
    # What it writes of its own accord is held back by then; these are asked for, and fill all buffers.
    for size in range(100, 200, 2):
        dashboard.resize(size, 60)
        time.sleep(0.01)  # two changes at once would be one
    if leave == "q":
        dashboard.press(b"q")
        assert dashboard.wait_without_reading() == 0
    else:
        dashboard.signal(leave)
        assert dashboard.wait_without_reading() == 128 + leave
    assert_restored(dashboard, engine)


def test_forced_to_end_it_wipes_nothing_of_the_shell_s_screen():
    assert b"[2J" not in _RESTORE  # it may come when the alternate screen has been left already


@pytest.mark.parametrize("controls", [True, False], ids=["its own terminal", "another session's terminal"])
def test_it_ends_when_the_terminal_goes(terminal, controls):
    dashboard = terminal(controls=controls).begin()
    engine = dashboard.engine_pid()
    dashboard.hang_up()
    assert dashboard.process.wait(20) == 128 + signal.SIGHUP
    while state(engine):
        time.sleep(0.01)


def test_it_ends_when_the_terminal_goes_though_hanging_up_is_ignored(terminal):
    ignoring = ["sh", "-c", 'trap "" HUP; exec "$@"', "sh"]  # as nohup does
    dashboard = terminal(command=[*ignoring, *descend()]).begin()
    engine = dashboard.engine_pid()
    dashboard.hang_up()
    assert dashboard.process.wait(20) == 128 + signal.SIGHUP
    while state(engine):
        time.sleep(0.01)


def measured_picture(dashboard):
    """The picture once the last reading is there, without the first notice, which comes on a busy machine after a while
    in which nothing does."""
    dashboard.until(lambda: "% of the" in dashboard.text)
    while True:
        dashboard.press(b"\x1b")  # drops notices
        dashboard.until_quiet(0.5)
        picture = dashboard.text
        if not any(line.startswith("▌") for line in picture.splitlines()):
            return picture


@pytest.mark.parametrize("by", ["ctrl+z", pytest.param("SIGTSTP", marks=pytest.mark.thorough)])
def test_suspended_the_terminal_is_the_shell_s_and_fg_brings_the_whole_picture_back(terminal, by):
    dashboard = terminal("one-weight").begin(pause=True)
    picture = measured_picture(dashboard)
    if by == "ctrl+z":
        dashboard.press(b"\x1a")
    else:
        dashboard.signal(signal.SIGTSTP)
    dashboard.wait_until_stopped()
    assert_restored(dashboard, 0)
    dashboard.screen.erase_in_display(2)  # what the shell may do
    dashboard.signal(signal.SIGCONT)
    dashboard.until(lambda: dashboard.text == picture)
    assert dashboard.private_modes()[1049]
    dashboard.press(b" ")
    dashboard.until(lambda: "paused" not in dashboard.text)
    dashboard.press(b"q")
    assert dashboard.wait() == 0


@pytest.mark.parametrize("by", ["ctrl+z", "SIGTSTP"])
def test_asked_to_stop_many_times_it_stops_once(terminal, by):
    """A key held down; or every `fg` would find it stopped again."""
    dashboard = terminal("one-weight").begin(pause=True)
    picture = measured_picture(dashboard)
    if by == "ctrl+z":
        dashboard.press(b"\x1a" * 10)
    else:
        for _ in range(10):
            dashboard.signal(signal.SIGTSTP)
            time.sleep(0.002)
    dashboard.wait_until_stopped()
    dashboard.signal(signal.SIGCONT)
    dashboard.until(lambda: dashboard.text == picture)
    dashboard.press(b" ")
    dashboard.until(lambda: "paused" not in dashboard.text)
    dashboard.press(b"q")
    assert dashboard.wait() == 0


@pytest.mark.parametrize("wrapper", [[], ["sh", "-c", '"$@"; exit $?', "sh"]], ids=["leader", "child of the leader"])
def test_without_a_shell_to_bring_it_back_it_does_not_stop(terminal, wrapper):
    dashboard = terminal(command=[*wrapper, *descend()], shell=False, rows=40, columns=120).begin()
    dashboard.press(b"\x1a")
    dashboard.until(lambda: "no shell here" in dashboard.text)
    dashboard.press(b" ")
    dashboard.until(lambda: "paused" in dashboard.text)
    dashboard.press(b"q")
    assert dashboard.wait() == 0


def test_who_waits_for_it_stops_as_well(terminal):
    """Or the shell would not notice that anything has."""
    dashboard = terminal(command=["sh", "-c", '"$@"; exit $?', "sh", *descend()]).begin()
    dashboard.press(b"\x1a")
    dashboard.wait_until_stopped()  # the shell's own child
    os.killpg(dashboard.process.pid, signal.SIGCONT)
    dashboard.until(lambda: dashboard.private_modes()[1049])
    dashboard.press(b"q")
    assert dashboard.wait() == 0


@pytest.mark.skipif(ssh.MISSING is not None, reason=str(ssh.MISSING))
def test_ctrl_z_over_ssh_without_a_shell_is_refused(terminal, tmp_path):
    server = ssh.Server(tmp_path)
    try:
        line = f"cd {shlex.quote(str(ROOT))} && {shlex.join(descend())}"
        dashboard = terminal(command=server.command(line), rows=40, columns=120).begin()
        dashboard.press(b"\x1a")
        dashboard.until(lambda: "no shell here" in dashboard.text)
        dashboard.press(b"q")
        assert dashboard.wait() == 0
    finally:
        server.close()


def test_a_stray_continue_signal_changes_nothing(terminal):
    dashboard = terminal().begin(pause=True)
    measured_picture(dashboard)  # what is done once, and has a thread of its own, has been done
    threads = Path(f"/proc/{dashboard.process.pid}/task")
    before = len(list(threads.iterdir()))
    dashboard.signal(signal.SIGCONT)
    dashboard.signal(signal.SIGCONT)
    dashboard.press(b" ")
    dashboard.until(lambda: "paused" not in dashboard.text)
    assert len(list(threads.iterdir())) == before
