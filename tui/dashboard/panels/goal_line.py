"""The line under the panels: what is to be achieved, and how the run stands to it."""

from __future__ import annotations

import math

from engine.runs.standing.goals import Goal, GoalState
from engine.serving.snapshot import Snapshot
from engine.serving.views.scene import Scene
from scenarios.files.goal_forms import in_brief, unit
from tui.dashboard.panels.panel import Panel
from tui.home.progress import Best
from tui.painting.canvas import Canvas
from tui.painting.numbers import short
from tui.painting.palette import Ink


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
        state, ink = standing(self.goal, snapshot.goal, spent(self.goal, snapshot), snapshot.step)
        start = width - len(state) - 1
        canvas.text(start, 0, state, ink)
        column, asked = canvas.text(1, 0, "Goal ", Ink.KEY), in_brief(self.goal)
        if column + len(asked) >= start:
            asked = asked.replace(" loss ≤", " ≤")
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
            return f"reached: {_amount(goal, state.score)} {stars(state.stars)}", Ink.GOOD
        case "over":
            budget = f" after {goal.budget[1]:,.15g} {goal.budget[0]}" if goal.budget else ""
            return (
                f"over{budget}: {_amount(goal, state.score)} {stars(state.stars)}",
                Ink.GOOD if state.stars else Ink.FAINT,
            )
        case "held":
            held = f"held {min(step - state.step, goal.hold_steps):,} of {goal.hold_steps:,}"
            return f"{held}, {_amount(goal, state.score)} {stars(state.stars)}", Ink.CAUTION
    if goal.is_effort:
        return f"{_amount(goal, used)} so far, {stars(goal.stars_for(used))} to be had", Ink.PLAIN
    best = f"lowest measured {short(state.score)} {stars(state.stars)}" if not math.isnan(state.score) else ""
    return f"{used:,.5g} of {goal.budget[1]:,.15g} {goal.budget[0]}, {best}" if goal.budget else best, Ink.PLAIN


def stars(number: int) -> str:
    """★★☆"""
    return "★" * number + "☆" * (3 - number)


def _amount(goal: Goal, score: float) -> str:
    if math.isnan(score):
        return "nothing measured"
    if not goal.is_effort:
        return f"{unit(goal)} {short(score)}"
    return f"{score:,.1f} epochs" if goal.measure == "epochs" else f"{score:,.0f} {goal.measure}"


def _prices(goal: Goal) -> str:
    """Words for what one, two and three stars take."""
    return "  ".join(f"{'★' * count} {most:,.5g}" for count, most in enumerate(goal.stars, 1))
