"""The question on the screen: answered by a key, told at the verdict."""

from rich.console import Group
from textual.containers import VerticalScroll
from textual.widgets import Static

import scenarios
from engine.serving.process import LocalEngine
from tests.tui.dashboards import until
from tui.dashboard.app import Dashboard
from tui.dashboard.course.studies import Studies
from tui.dashboard.screens.briefing import BriefingScreen, QuestionScreen
from tui.dashboard.screens.verdict_dialog import VerdictScreen
from tui.dashboard.session import Session
from tui.home.progress import Progress


def dashboard(name):
    scenario = scenarios.load(name)
    return Dashboard(Session(scenario, LocalEngine(scenario), LocalEngine))


def answer(name):
    """The answer that is kept, as the next session reads it."""
    return Studies(Progress()).of(scenarios.load(name)).answer


def shown(screen):
    options = screen.app.console.options.update(width=200)
    parts = Group(*(part.content for part in screen.query(Static) if part.is_attached and part.content))
    lines = screen.app.console.render_lines(parts, options)
    return " ".join("".join(segment.text for segment in line).strip() for line in lines)


async def asked(pilot, app):
    await until(pilot, lambda: app.session.snapshot)
    await pilot.press("A")
    await until(pilot, lambda: isinstance(app.screen, QuestionScreen))


async def test_an_answer_is_a_key_and_the_verdict_tells_it():
    app = dashboard("brisk")
    async with app.run_test(size=(80, 24)) as pilot:
        await asked(pilot, app)
        await pilot.press("9", "2")
        await until(pilot, lambda: app.screen is app.training)
        await pilot.press("V")
        await until(pilot, lambda: isinstance(app.screen, VerdictScreen) and "That is wrong" in shown(app.screen))
        text = shown(app.screen)
        assert "You said: A tenth of the learning rate, 0.02." in text
        assert app.session.scenario.file.question.why[:40] in text


async def test_a_number_is_typed():
    app = dashboard("potholes")
    async with app.run_test(size=(80, 24)) as pilot:
        await asked(pilot, app)
        await pilot.press("x", "e")
        assert isinstance(app.screen, QuestionScreen)
        await until(pilot, lambda: "is no number yet" in shown(app.screen))
        await pilot.press("backspace", "0", "full_stop", "2", "3", "backspace", "enter")
        await until(pilot, lambda: app.screen is app.training)
        assert answer("potholes") == 0.2


async def test_a_question_may_be_skipped():
    app = dashboard("brisk")
    async with app.run_test(size=(80, 24)) as pilot:
        await asked(pilot, app)
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is app.training)
        assert answer("brisk") is None


async def test_the_briefing_asks_it_and_takes_the_answer():
    app = dashboard("brisk")
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: app.session.snapshot)
        app.open_scenario(scenarios.load("past-the-edge"))
        await until(pilot, lambda: isinstance(app.screen, BriefingScreen))
        await until(pilot, lambda: "0.5, half of the limit" in shown(app.screen))
        assert "1–3 answer" in str(app.screen.query_one(VerticalScroll).border_subtitle)
        await pilot.press("3", "2", "space")
        await until(pilot, lambda: app.screen is app.training)
        assert answer("past-the-edge") == 1
        await until(pilot, lambda: app.session.snapshot.step > 0)
        await pilot.press("A")  # to look at it again
        await until(pilot, lambda: isinstance(app.screen, QuestionScreen))
        assert app.screen._answering.said == 1


async def test_an_answer_belongs_to_its_scenario():
    app = dashboard("brisk")
    async with app.run_test(size=(80, 24)) as pilot:
        await asked(pilot, app)
        await pilot.press("1")
        await until(pilot, lambda: app.screen is app.training)
        app.open_scenario(scenarios.load("past-the-edge"))
        await until(pilot, lambda: isinstance(app.screen, BriefingScreen))
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is app.training)
        assert answer("brisk") == 0


async def test_the_next_session_knows_the_answer_and_the_verdict_the_help_that_was_had():
    kept = Studies(Progress())
    kept.answer(scenarios.load("brisk"), 1.0)
    kept.give_hint(scenarios.load("brisk"), 2)
    kept.show_solution(scenarios.load("brisk"))
    app = dashboard("brisk")
    async with app.run_test(size=(80, 24)) as pilot:
        await asked(pilot, app)
        assert app.screen._answering.said == 1
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is app.training)
        await pilot.press("V")
        await until(pilot, lambda: isinstance(app.screen, VerdictScreen) and "That is wrong" in shown(app.screen))
        assert "Looked at in this scenario so far: 2 of 3 hints and the solution." in shown(app.screen)
