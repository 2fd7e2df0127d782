"""The line under the panels: what is to be achieved, and how the run stands to it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from engine.plain_text import counted
from scenarios.files.goal_forms import and_hold, budget_in_words, in_brief, unit
from tui.dashboard.panels.panel import Panel
from tui.home.progress_contents import Best
from tui.painting.canvas import Canvas
from tui.painting.numbers import short
from tui.painting.palette import Ink
from tui.words.obstacle_words import in_brief as obstacle_in_brief

if TYPE_CHECKING:
    from engine.runs.standing.goals import Goal, GoalState
    from engine.serving.snapshot import Snapshot
    from engine.serving.views.scene import Scene

_BEGINNING = " Goal "


class GoalLine(Panel):
    """One row without a border. `goal` is the scenario's, `best` what was achieved in it so far."""

    DEFAULT_CSS = "GoalLine { border: none; height: 1; }"
    every = 3

    def __init__(self) -> None:
        super().__init__()
        self.goal: Goal | None = None
        self.best: Best | None = None

    def paint(self, scene: Scene, snapshot: Snapshot, width: int, height: int) -> Canvas:
        canvas = Canvas(width, height)
        if self.goal is None or snapshot.goal is None:
            return canvas
        used = spent(self.goal, snapshot)
        state, ink = standing(self.goal, snapshot.goal, used, snapshot.step)
        briefs = in_brief(self.goal)
        room = width - len(_BEGINNING) - len(briefs[-1]) - 2
        states = [state, *_briefly(self.goal, snapshot.goal, used, snapshot.step)]
        if snapshot.goal.kind == "open" and snapshot.obstacle is not None:
            why, ink = obstacle_in_brief(snapshot.obstacle, self.goal), Ink.CAUTION
            states = [f"{why} · {state}", f"{why} · {stars(self.goal.stars_for(used))} still possible", why]
        state = next((words for words in states if len(words) <= room), states[-1])
        start = width - len(state) - 1
        canvas.text(start, 0, state, ink)
        column = canvas.text(0, 0, _BEGINNING, Ink.KEY)
        asked = next((words for words in briefs if column + len(words) < start), briefs[-1])
        column = canvas.text(column, 0, asked, Ink.PLAIN)
        for text, text_ink in ((_prices(self.goal), Ink.FAINT), (self._best_text(), Ink.CAUTION)):
            if text and column + len(text) + 5 < start:
                column = canvas.text(column + 3, 0, text, text_ink)
        if column >= start:  # how it stands matters more than what was asked
            canvas.text(start - 2, 0, f"… {state} ", ink)
        return canvas

    def _best_text(self) -> str:
        if self.best is None:
            return ""
        whose = "before this scenario changed:" if self.best.outdated else "your best"
        return f"{whose} {stars(self.best.stars)} {short(self.best.score)}"


def spent(goal: Goal, snapshot: Snapshot) -> float:
    """The amount of the effort that counts, or that is limited, that the run has used."""
    effort = goal.measure if goal.is_effort else goal.budget[0] if goal.budget else "steps"
    return {"steps": snapshot.step, "epochs": snapshot.epoch, "examples": snapshot.examples}[effort]


def standing(goal: Goal, state: GoalState, used: float, step: int) -> tuple[str, int]:
    """Words for how a run that has used so much stands, and their ink."""
    match state.kind:
        case "failed":
            return f"missed: {state.reason}", Ink.DANGER
        case "reached":
            return f"reached: {_amount(goal, state.score)}{and_hold(goal)} {stars(state.stars)}", Ink.GOOD
        case "over":
            budget = f" after {budget_in_words(goal)}" if goal.budget else ""
            return (
                f"over{budget}: {_amount(goal, state.score)} {stars(state.stars)}",
                Ink.GOOD if state.stars else Ink.FAINT,
            )
        case "held":
            where = "at the target" if goal.near else "below the target"
            held = f"{where} for {_held(goal, state, step)} · {_amount(goal, state.score)} so far"
            return f"{held} {stars(state.stars)}", Ink.CAUTION
    if goal.is_effort:
        return f"{_amount(goal, used)} so far, {stars(goal.stars_for(used))} still possible", Ink.PLAIN
    best = f"lowest measured {short(state.score)} {stars(state.stars)}" if not math.isnan(state.score) else ""
    return f"{used:,.5g} of {budget_in_words(goal)}, {best}" if goal.budget else best, Ink.PLAIN


def _held(goal: Goal, state: GoalState, step: int) -> str:
    return f"{min(step - state.step, goal.hold_steps):,} of {counted(goal.hold_steps, 'step')}"


def _briefly(goal: Goal, state: GoalState, used: float, step: int) -> list[str]:
    """The standing in fewer and fewer words."""
    amount = f"{_amount(goal, state.score)} {stars(state.stars)}"
    match state.kind:
        case "failed":
            return []
        case "reached":
            return [f"reached: {amount}"]
        case "over":
            return [f"over: {amount}", f"over: {short(state.score)} {stars(state.stars)}"]
        case "held":
            held = _held(goal, state, step)
            return [f"{held} held, {amount}", f"{held.rpartition(' ')[0]} held, {amount}"]
    if goal.is_effort:
        possible = f"{stars(goal.stars_for(used))} still possible"
        return [f"{_amount(goal, used)}, {possible}", possible]
    lowest = "" if math.isnan(state.score) else f"{short(state.score)} {stars(state.stars)}"
    return [f"{used:,.5g} of {budget_in_words(goal)}, {lowest}" if goal.budget else lowest, lowest]


def stars(number: int) -> str:
    """★★☆"""
    return "★" * number + "☆" * (3 - number)


def _amount(goal: Goal, score: float) -> str:
    if math.isnan(score):
        return "nothing measured"
    if not goal.is_effort:
        return f"{unit(goal)} {short(score)}"
    return f"{score:,.1f} epochs" if goal.measure == "epochs" else f"{score:,.0f} {unit(goal, score)}"


def _prices(goal: Goal) -> str:
    """Words for what one, two and three stars take."""
    return "  ".join(f"{'★' * count} {most:,.5g}" for count, most in enumerate(goal.stars, 1))
