"""An error of the program itself ends no training: it is told, kept in a file, and what broke is built anew."""

import asyncio
import re
import sys
from functools import wraps
from pathlib import Path

import pytest
from textual.widgets import Input, OptionList, Static
from textual.widgets._toast import Toast

import scenarios
from engine.serving.process import LocalEngine
from tests.tui.dashboards import until
from tui.dashboard.app import Dashboard
from tui.dashboard.dialogs import Dialogs
from tui.dashboard.panels.controls.controls_panel import ControlsPanel
from tui.dashboard.panels.loss.loss_panel import LossPanel
from tui.dashboard.panels.panel import Panel
from tui.dashboard.panels.status_line import StatusLine
from tui.dashboard.panels.weights.weights_panel import WeightsPanel
from tui.dashboard.recovery import faults
from tui.dashboard.recovery.faults import Faults
from tui.dashboard.recovery.notices import NoticeApp
from tui.dashboard.screens.command_palette import CommandPalette
from tui.dashboard.screens.help_dialog import HelpScreen
from tui.dashboard.screens.picker import PickerScreen
from tui.dashboard.screens.prompt import Prompt
from tui.dashboard.screens.runs.race_dialog import RaceScreen
from tui.dashboard.screens.side_column import SideColumn
from tui.dashboard.screens.training_screen import TrainingScreen
from tui.dashboard.screens.verdict_dialog import VerdictScreen
from tui.dashboard.session import Session
from tui.terminal.link import Link

pytestmark = pytest.mark.faults


def dashboard(name="line-fit"):
    scenario = scenarios.load(name)
    return Dashboard(Session(scenario, LocalEngine(scenario), LocalEngine))


def kept():
    folder = faults.default_folder()
    return sorted(folder.glob("*.txt")) if folder.exists() else []


class Broken:
    """A method that raises once, or always, and what it was before; async where that was."""

    def __init__(self, monkeypatch, owner, name, *, times=1):
        self.times, self.raised = times, 0
        before = getattr(owner, name)

        @wraps(before)
        def broken(*arguments, **options):
            if self.raised < self.times:
                self.raised += 1
                raise LookupError("the broken \x1b]52;c;thing\x07")
            return before(*arguments, **options)

        @wraps(before)
        async def broken_async(*arguments, **options):
            result = broken(*arguments, **options)
            return await result if asyncio.iscoroutine(result) else result

        monkeypatch.setattr(owner, name, broken_async if asyncio.iscoroutinefunction(before) else broken)


# What breaks, and the keys that bring it about.
ONCE = [
    (LossPanel, "paint", []),
    (WeightsPanel, "paint", []),
    (ControlsPanel, "paint", ["up"]),
    (StatusLine, "paint", []),
    (Panel, "render_line", []),
    (Panel, "repaint", []),
    (Panel, "on_resize", ["resize"]),
    (TrainingScreen, "show", []),
    (TrainingScreen, "view", []),
    (TrainingScreen, "on_resize", ["resize"]),
    (TrainingScreen, "_refresh_layout", ["resize"]),
    (SideColumn, "_fill", ["resize"]),
    (SideColumn, "tell", ["h"]),
    (Session, "receive", []),
    (Session, "request_frame", []),
    (Session, "toggle_running", ["space"]),
    (Session, "change_batch_size", ["left"]),
    (Dashboard, "_receive", []),
    (Link, "ready", []),
    (Dialogs, "show_help", ["question_mark"]),
    (Dashboard, "change_look", ["T"]),
    (Dashboard, "get_css_variables", ["T"]),
    (Dashboard, "get_system_commands", ["ctrl+p"]),
    (HelpScreen, "compose", ["question_mark"]),
    (HelpScreen, "on_mount", ["question_mark"]),
    (HelpScreen, "narrow", ["question_mark", "x"]),
    (HelpScreen, "_content", ["question_mark"]),
    (PickerScreen, "compose", ["p"]),
    (PickerScreen, "on_option_list_option_highlighted", ["p"]),
    (PickerScreen, "on_option_list_option_selected", ["p", "enter"]),
    (CommandPalette, "compose", ["ctrl+p"]),
    (CommandPalette, "narrow", ["ctrl+p"]),
    (RaceScreen, "compose", ["x"]),
    (RaceScreen, "_begin", ["x", "enter"]),
    (OptionList, "render_line", ["p"]),
    (OptionList, "get_content_height", ["x"]),
    (VerdictScreen, "compose", ["V"]),
    (VerdictScreen, "_measure", ["V"]),
    (Prompt, "compose", ["enter"]),
    (Prompt, "on_input_changed", ["enter", "x"]),
    (Input, "render_line", ["enter"]),
    (NoticeApp, "on_notify", ["full_stop"]),
]  # fmt: skip


async def break_and_go_on(monkeypatch, app, pilot, owner, name, keys):
    """Told in a notice, kept in a file; then the training goes on, and dialogs open, as ever."""
    before = len(kept())
    broken = Broken(monkeypatch, owner, name)
    if keys == ["resize"]:
        await pilot.resize_terminal(app.size.width - 1, 105 - app.size.height)
    else:
        await pilot.press(*keys)
    await until(pilot, lambda: broken.raised and len(kept()) > before)
    report = kept()[-1]
    await until(pilot, lambda: told(app, str(report)))
    assert "issue page" in told(app, str(report))
    assert "\x1b" not in told(app, str(report))
    assert all(words in report.read_text() for words in ("LookupError", "scenario line-fit", "seed 0"))
    assert "\x1b" not in report.read_text()
    if keys and app.screen is not app.training:
        await pilot.press("escape", "escape")
    await until(pilot, lambda: app.screen is app.training)
    if not app.session._running:
        await pilot.press("space")
    step = app.session.snapshot.step
    await until(pilot, lambda: app.session.snapshot.step > step)
    await until(pilot, lambda: all(panel._canvas for panel in app.training.numbered[:4]))
    assert len(kept()) == before + 1


def told(app, words):
    """What the notice with these words says."""
    notices = [toast._notification.message for toast in app.screen.query(Toast)]
    return next((notice for notice in notices if words in notice), "")


@pytest.mark.parametrize("part", [0, 1, *(pytest.param(part, marks=pytest.mark.thorough) for part in (2, 3, 4))])
async def test_whatever_breaks_once_is_told_and_the_training_goes_on(monkeypatch, part):
    monkeypatch.setattr(faults, "_MOST_FILES", 100)
    app, now = dashboard(), iter(range(0, 1000, 2))
    app.faults = Faults(app.session.in_words, clock=lambda: next(now))
    async with app.run_test(size=(190, 50), notifications=True) as pilot:
        await until(pilot, lambda: app.session.snapshot is not None and app.session.pacing.complete)
        for owner, name, keys in ONCE[part::5]:
            print(owner.__name__, name)
            await break_and_go_on(monkeypatch, app, pilot, owner, name, keys)
        await pilot.press("question_mark")
        await until(pilot, lambda: isinstance(app.screen, HelpScreen) and app.screen.query(Static))
    assert app.return_code in (0, None)


@pytest.mark.parametrize(
    ("owner", "name", "keys"),
    [
        (LossPanel, "paint", []), (Panel, "render_line", ["1"]), (TrainingScreen, "show", []),
        (Dashboard, "_receive", []), (Link, "ready", []), (NoticeApp, "on_notify", ["full_stop"]), (Faults, "keep", []),
    ],
    ids=lambda value: getattr(value, "__name__", value),
)  # fmt: skip
async def test_what_breaks_again_within_a_second_ends_it_in_order(monkeypatch, owner, name, keys):
    app = dashboard()

    async def break_it():
        async with app.run_test(size=(120, 40)) as pilot:
            await until(pilot, lambda: app.session.snapshot is not None)
            if owner is Faults:
                Broken(monkeypatch, Session, "receive", times=9)
            Broken(monkeypatch, owner, name, times=1_000_000)
            await pilot.press(*keys)
            await until(pilot, lambda: app._exit or app._closed)

    with pytest.raises(LookupError):
        await break_it()
    assert app.return_code == 1
    assert len(kept()) <= 2


async def test_faults_that_come_slowly_fill_no_disk():
    seconds = iter(range(0, 10_000, 2))
    told = Faults(lambda: "about", clock=lambda: next(seconds))
    for number in range(30):
        assert not told.again()
        words = told.keep(ValueError("x" * 100_000 + str(number)))
    assert len(words) < 600
    assert len(kept()) == 10
    assert all(path.stat().st_size < 60_000 for path in kept())
    assert kept()[-1].name in words


@pytest.mark.parametrize(
    "error",
    [MemoryError(), ImportError("libgcc_s.so.1: failed to map segment from shared object")],
    ids=lambda error: type(error).__name__,
)
def test_where_memory_ran_out_a_sentence_says_so_and_no_report_is_asked_for(tmp_path, error):
    with pytest.raises(ImportError) as raised:
        raise ImportError("a page of advice") from error  # as NumPy does
    assert Faults(str, folder=lambda: tmp_path).keep(raised.value) == "This takes more memory than there is."
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_had_is_said(tmp_path):
    (tmp_path / "file").write_text("")
    words = Faults(lambda: 1 / 0, folder=lambda: tmp_path / "file" / "faults").keep(ValueError("oh"))
    assert "ValueError: oh" in words
    assert "could not be kept" in words


def test_two_faults_in_a_second_are_one_too_many():
    now = [0.0]
    told = Faults(str, clock=lambda: now[0])
    answers = []
    for step in (5.0, 0.5, 0.9, 1.0, 2.0):
        now[0] += step
        answers.append(told.again())
    assert answers == [False, True, True, False, False]


BROKEN = """
import sys
from tui.cli.command_line import main
from tui.{module} import {owner}
before = {owner}.{method}
raised = []
def broken(self, *arguments, **options):
    if len(raised) < {times}:
        raised.append(1)
        raise LookupError("the broken thing")
    return before(self, *arguments, **options)
{owner}.{method} = broken
sys.exit(main(["line-fit"]))
"""


def test_on_a_real_terminal_it_goes_on_after_one(terminal, tmp_path):
    program = BROKEN.format(module="dashboard.session", owner="Session", method="toggle_running", times=1)
    screen = terminal(command=[sys.executable, "-c", program], folder=tmp_path, columns=120, rows=40).begin()
    screen.press(b" ")
    screen.until(lambda: "LookupError" in screen.text)
    screen.press(b" ")
    screen.until(lambda: "paused" in screen.text)
    assert len(list(tmp_path.rglob("faults/*.txt"))) == 1
    screen.press(b"q")
    assert screen.wait() == 0


def test_on_a_real_terminal_two_end_it_with_the_terminal_as_it_was(terminal, tmp_path):
    module = "dashboard.screens.training_screen"
    program = BROKEN.format(module=module, owner="TrainingScreen", method="show", times=10**9)
    screen = terminal(command=[sys.executable, "-c", program], folder=tmp_path)
    assert screen.wait() == 1
    assert screen.modes == screen.modes_before
    after = bytes(screen.written).rpartition(b"\x1b[?1049l")[2].decode()
    assert "LookupError: the broken thing" in " ".join(after.split())
    assert re.search(r"faults/\S+txt", "".join(after.split()))
    assert 1 <= len(list(Path(tmp_path).rglob("faults/*.txt"))) <= 2


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (KeyError("broken"), "KeyError: broken"),
        (OSError("no file 'a.tcss'"), "OSError: no file 'a.tcss'"),
        (ValueError(), "ValueError"),
    ],
)
def test_quotes_within_the_words_of_an_error_stay(error, words):
    assert faults.in_a_line(error) == words
