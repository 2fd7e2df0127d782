"""How `train` and `export` end: signals, closed streams, terminals that go."""

import errno
import json
import os
import signal
import subprocess
import sys
import time

import pytest

from tests.tui.real_terminal import descend, state
from tui.cli.command_line import main
from tui.terminal.ending.ending_signals import Ended, ending_signals, interruptible

LONG = ("--steps", "100000000")


def test_all_signals_that_end_a_program_are_answered_but_faults():
    answered = set(ending_signals())
    wanted = [
        "HUP",
        "INT",
        "QUIT",
        "TERM",
        "USR1",
        "USR2",
        "ALRM",
        "VTALRM",
        "PROF",
        "XCPU",
        "XFSZ",
        "ABRT",
        "PIPE",
        "TRAP",
        "SYS",
    ]
    assert {signal.Signals[f"SIG{name}"] for name in wanted} <= answered
    others = ["KILL", "STOP", "SEGV", "BUS", "ILL", "FPE", "CHLD", "CONT", "TSTP", "TTIN", "TTOU", "URG", "WINCH"]
    assert not {signal.Signals[f"SIG{name}"] for name in others} & answered


def test_the_second_signal_ends_at_once():
    with interruptible() as stop:
        signal.raise_signal(signal.SIGTERM)
        assert stop.number == signal.SIGTERM
        with pytest.raises(Ended):
            signal.raise_signal(signal.SIGUSR1)
    with pytest.raises(Ended):
        stop.end()


def test_what_is_ignored_stays_ignored():
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with interruptible() as stop:
            signal.raise_signal(signal.SIGHUP)
            assert not stop.is_set()
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)


OTHERS = [pytest.param(name, marks=pytest.mark.thorough) for name in ("QUIT", "USR1")]


@pytest.mark.parametrize("name", ["INT", "TERM", "HUP", "KILL", *OTHERS])
def test_a_signal_gives_the_cursor_back(terminal, tmp_path, name):
    number = signal.Signals[f"SIG{name}"]
    training = terminal("train", "one-weight", *LONG, "--csv", "steps.csv", folder=tmp_path)
    training.until(lambda: "steps/s" in training.text)
    assert not training.private_modes()[25]
    training.signal(number)
    assert training.wait() == (-number if name == "KILL" else 128 + number)
    training.until(lambda: training.private_modes()[25])
    assert training.modes == training.modes_before
    if name != "KILL":
        assert "interrupted after" in training.text
        assert (tmp_path / "steps.csv").read_text().endswith("\n")


def test_it_ends_when_its_window_is_closed(terminal):
    training = terminal("train", "one-weight", *LONG)
    training.until(lambda: "steps/s" in training.text)
    training.hang_up()
    assert training.process.wait(20) == 128 + signal.SIGHUP


def test_killed_by_a_scheduler_it_reports_what_it_had(tmp_path):
    process = subprocess.Popen(
        descend("train", "one-weight", *LONG, "--json", "--csv", tmp_path / "steps.csv"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    while sum(part.stat().st_size for part in tmp_path.iterdir()) < 10_000 and state(process.pid):
        time.sleep(0.01)  # the rows lie beside the file until the end
    process.terminate()
    out, err = process.communicate(timeout=60)
    assert process.returncode == 128 + signal.SIGTERM
    assert json.loads(out)["steps"] > 0
    assert err.startswith("descend: interrupted after")


@pytest.mark.parametrize("closed", [(0,), (1,), (2,), (0, 1, 2)], ids=str)
@pytest.mark.parametrize("options", [("--csv", "steps.csv"), ("--json",)], ids=str)
def test_closed_streams_are_quiet(tmp_path, closed, options):
    closing = " ".join(f"{number}{'<' if number == 0 else '>'}&-" for number in closed)
    command = ["sh", "-c", f'"$@" {closing}', "sh", *descend("train", "line-fit", "--steps", "20", *options)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert bool(done.stdout) == (1 not in closed)
    if "--csv" in options:
        lines = (tmp_path / "steps.csv").read_text().splitlines()
        assert len(lines) == 21
        assert {line.count(",") for line in lines} == {13}


def test_a_full_standard_error_is_no_reason_to_stop():
    if not os.path.exists("/dev/full"):  # noqa: PTH110
        pytest.skip("this system has no /dev/full")
    with open("/dev/full", "w") as full:  # noqa: PTH123
        command = descend("train", "line-fit", "--steps", "5", "--json", "--optimizer", "adam", "--momentum", "0.5")
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=full, timeout=60)
    assert done.returncode == 0
    assert json.loads(done.stdout)["steps"] == 5


LITTLE = (
    "import resource, sys; resource.setrlimit(resource.RLIMIT_AS, (int(sys.argv[1]) << 20,) * 2); sys.argv[1:2] = []"
)


@pytest.mark.skipif(sys.platform != "linux", reason="limits memory as Linux does")
def test_too_little_memory_is_said_in_a_sentence(tmp_path):
    program = f"{LITTLE}; import runpy; runpy.run_module('tui', run_name='__main__', alter_sys=True)"
    for size in (40, 60, 100):
        command = [sys.executable, "-c", program, str(size), "train", "line-fit", "--steps", "5"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
        if done.returncode in (-signal.SIGSEGV, -signal.SIGABRT):
            continue  # once in hundreds a library written in C ends the process itself, and nobody can say a word
        assert done.returncode == 1
        assert done.stderr.splitlines()[-1] in (
            "descend: error: this takes more memory than there is",
            "OpenBLAS error: Memory allocation still failed after 10 retries, giving up.",
        )


@pytest.mark.skipif(sys.platform != "linux", reason="limits memory as Linux does")
@pytest.mark.parametrize("size", [100, 250])
def test_too_little_memory_for_the_screen_is_said_without_a_traceback(terminal, size):
    program = f"{LITTLE}; import runpy; runpy.run_module('tui', run_name='__main__', alter_sys=True)"
    dashboard = terminal(command=[sys.executable, "-c", program, str(size), "one-weight"])
    dashboard.until(lambda: dashboard.process.poll() is not None)
    if dashboard.wait() not in (-signal.SIGSEGV, -signal.SIGABRT):  # a library written in C ended the process itself
        assert dashboard.wait() == 1
    dashboard.read_for(0.1)
    assert b"Traceback" not in dashboard.written
    assert dashboard.modes == dashboard.modes_before


@pytest.mark.parametrize(
    "error", [MemoryError(), OSError(errno.ENOMEM, "no memory"), RuntimeError("can't start new thread")], ids=repr
)
def test_whatever_says_that_memory_is_short_ends_in_a_sentence(monkeypatch, capsys, error):
    def load(*_, **__):
        raise error

    monkeypatch.setattr("scenarios.load", load)
    monkeypatch.setattr("tui.cli.loading.load", load)
    assert main(["train", "line-fit", "--steps", "5"]) == 1
    assert capsys.readouterr().err == "descend: error: this takes more memory than there is\n"
