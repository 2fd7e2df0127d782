"""The line at the top: what is trained, how fast, how far."""

from __future__ import annotations

from engine.snapshot import Scene, Snapshot
from tui.painting.canvas import Canvas
from tui.painting.palette import Ink
from tui.panels.panel import Panel


class StatusLine(Panel):
    """One row without a border. `title` is the scenario's."""

    DEFAULT_CSS = "StatusLine { border: none; height: 1; }"
    every = 2

    def __init__(self) -> None:
        super().__init__()
        self.title = ""

    def paint(self, scene: Scene, snapshot: Snapshot, width: int, height: int) -> Canvas:
        canvas = Canvas(width, height)
        column = canvas.text(1, 0, self.title, Ink.STRONG)
        if width >= 100:
            weights = len(scene.weight_names)
            size = f"{weights:,} weight{'s' if weights > 1 else ''} on {scene.num_examples:,} examples"
            canvas.text(column, 0, f" · {size}", Ink.FAINT)
        # Fields of steady width, so that growing numbers move nothing.
        step, epoch, examples = f"{snapshot.step:,}", f"{snapshot.epoch:,.1f}", f"{snapshot.examples:,}"
        progress = f"step {step:<10}"
        if width >= 75:
            progress += f" epoch {epoch:<8}"
        if width >= 100:
            progress += f" {examples + ' examples':<20}"
        column = width - len(progress)
        canvas.text(column, 0, progress, Ink.PLAIN)
        state = f"{'►' if snapshot.running else '‖'} {_speed(snapshot)}"
        canvas.text(column - 21, 0, state, Ink.GOOD if snapshot.running else Ink.CAUTION)
        return canvas


def _speed(snapshot: Snapshot) -> str:
    if not snapshot.running:
        return "paused"
    if snapshot.steps_per_second is None:
        return f"full, {snapshot.measured_rate:,.0f}/s"
    return f"{snapshot.steps_per_second:,g} steps/s"
