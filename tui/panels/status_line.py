"""The line at the top: what is trained, how fast, how far."""

from __future__ import annotations

from engine.snapshot import Snapshot
from engine.views.scene import Scene
from tui.painting.canvas import Canvas
from tui.painting.palette import Ink
from tui.panels.panel import Panel

_STATE_COLUMNS = 21


class StatusLine(Panel):
    """One row without a border. `title` is the scenario's."""

    DEFAULT_CSS = "StatusLine { border: none; height: 1; }"
    every = 3

    def __init__(self) -> None:
        super().__init__()
        self.title = ""

    def paint(self, scene: Scene, snapshot: Snapshot, width: int, height: int) -> Canvas:
        canvas = Canvas(width, height)
        # Fields of steady width, so that growing numbers move nothing.
        step, epoch, examples = f"{snapshot.step:,}", f"{snapshot.epoch:,.1f}", f"{snapshot.examples:,}"
        progress = f"step {step:<10}"
        if width >= 75:
            progress += f" epoch {epoch:<8}"
        if width >= 100:
            progress += f" {examples + ' examples':<20}"
        column = width - len(progress)
        canvas.text(column, 0, progress, Ink.PLAIN)
        state, ink = _state(snapshot)
        column -= _STATE_COLUMNS
        canvas.text(column, 0, state, ink)
        end = canvas.text(1, 0, self.title[: column - 2], Ink.STRONG)
        weights = len(scene.weight_names)
        size = f" · {weights:,} weight{'s' if weights > 1 else ''} on {scene.num_examples:,} examples"
        if snapshot.lock_step:
            size = f" · race, level in {snapshot.lock_step}"
        if end + len(size) < column:
            canvas.text(end, 0, size, Ink.FAINT)
        return canvas


def _state(snapshot: Snapshot) -> tuple[str, int]:
    """How fast it goes, or why it does not, and in which ink."""
    if not snapshot.running:
        diverged = snapshot.status.kind == "diverged"
        if back := snapshot.latest_step - snapshot.step:
            return f"‖ {back:,} step{'s' if back > 1 else ''} back", Ink.CAUTION
        return ("✕ diverged", Ink.DANGER) if diverged else ("‖ paused", Ink.CAUTION)
    full = snapshot.steps_per_second is None
    return f"► {snapshot.measured_rate if full else snapshot.steps_per_second:,.0f} steps/s", Ink.GOOD
