"""Hints: one at a time on a key, and offered once, when a run has missed the goal."""

import pytest

import scenarios
from engine.runs.standing.goals import GoalState
from engine.runs.standing.status import Status
from engine.serving.process import LocalEngine
from tests.tui.dashboards import until
from tui.dashboard.app import Dashboard
from tui.dashboard.course.hints import Hints
from tui.dashboard.course.studies import Studies
from tui.dashboard.session import Session
from tui.home.progress import Progress

BRISK = scenarios.load("brisk")


def studies():
    return Studies(Progress())


class Shown:
    """As much of a snapshot as hints look at."""

    def __init__(self, kind, stars=0, status="running"):
        self.goal = GoalState(kind, stars=stars) if kind else None
        self.status = Status(status)
        self.solution = ""


@pytest.mark.parametrize(
    ("shown", "offered"),
    [
        (Shown("open"), False),
        (Shown("open", status="converged"), True),
        (Shown("open", status="diverged"), True),
        (Shown("held", status="converged"), False),
        (Shown("failed"), True),
        (Shown("over", 1), True),
        (Shown("reached", 2), True),
        (Shown("reached", 3), False),
        (Shown(""), False),
    ],
)
def test_a_hint_is_offered_at_the_first_miss(shown, offered):
    hints = Hints(studies())
    assert hints.offers(BRISK, shown) == offered
    assert not hints.offers(BRISK, shown)


def test_whoever_has_had_a_hint_is_offered_none():
    hints = Hints(studies())
    hints.next(BRISK)
    assert not hints.offers(BRISK, Shown("failed"))


def test_the_next_session_knows_of_them_and_gives_them_from_the_first_one_on():
    hints = Hints(studies())
    hints.next(BRISK)
    hints.next(BRISK)
    later = Hints(studies())
    assert not later.offers(BRISK, Shown("failed"))
    assert later.next(BRISK) == (BRISK.file.hints[0], 1)
    assert studies().of(BRISK).hints == 2


def test_hints_come_one_at_a_time_and_the_last_one_stays():
    hints, told = Hints(studies()), BRISK.file.hints
    assert [hints.next(BRISK) for _ in range(4)] == [(told[0], 1), (told[1], 2), (told[2], 3), (told[2], 3)]


async def test_a_key_gives_the_next_hint():
    app = Dashboard(Session(BRISK, LocalEngine(BRISK), LocalEngine))
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: app.session.snapshot)
        for hint in BRISK.file.hints:
            await pilot.press("h")
            await until(pilot, lambda hint=hint: any(hint in notice.message for notice in app.shown_notifications))
        assert any(notice.message.startswith("Hint 3 of 3: ") for notice in app.shown_notifications)
