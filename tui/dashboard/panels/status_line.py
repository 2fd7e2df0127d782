"""The line at the top: what is trained, how fast, how far."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.plain_text import counted
from tui.dashboard.panels.panel import Panel
from tui.painting.canvas import Canvas, cut
from tui.painting.palette import Ink
from tui.words.run_words import level_words

if TYPE_CHECKING:
    from engine.serving.snapshot import Snapshot
    from engine.serving.views.scene import Scene

_STATE_COLUMNS = 21
_HARD_TO_KEEP = 1000  # steps a second; below it the measured rate is too rough to tell


class StatusLine(Panel):
    """One row without a border. title: the scenario's. silence: seconds for which the engine has not answered."""

    DEFAULT_CSS = "StatusLine { border: none; height: 1; }"
    every = 3

    def __init__(self) -> None:
        super().__init__()
        self.title = ""
        self.silence = 0

    def paint(self, scene: Scene, snapshot: Snapshot, width: int, height: int) -> Canvas:
        canvas = Canvas(width, height)
        # Fields of steady width, so that growing numbers move nothing.
        step, epoch, examples = f"{snapshot.step:,}", f"{snapshot.epoch:,.1f}", counted(snapshot.examples, "example")
        progress = f"step {step:<10}"
        if width >= 75:
            progress += f" epoch {epoch:<8}"
        if width >= 100:
            progress += f" {examples:<20}"
        if width >= 160:
            per_step = scene.num_examples / snapshot.knobs.steps_per_epoch(scene.num_examples)
            progress += f" {snapshot.measured_rate * per_step:>12,.0f} examples/s "
        column = width - len(progress)
        canvas.text(column, 0, progress, Ink.PLAIN)
        state, ink = (f"… no answer for {self.silence} s", Ink.DANGER) if self.silence else _state(snapshot)
        column -= _STATE_COLUMNS
        canvas.text(column, 0, state, ink)
        end = canvas.text(1, 0, cut(self.title, column - 2), Ink.STRONG)
        size = f" · {counted(len(scene.weight_names), 'weight')} on {counted(scene.num_examples, 'example')}"
        if snapshot.lock_step:
            size = f" · race, {level_words(snapshot.lock_step)}"
        if snapshot.solution:
            size = _SHOWN[snapshot.solution]
        if end + len(size) < column:
            canvas.text(end, 0, size, Ink.FAINT)
        return canvas


_SHOWN = {
    "shown": " · the solution",
    "taken over": " · taken over from the solution",
    "replayed": " · a replay",
}


def _state(snapshot: Snapshot) -> tuple[str, int]:
    """Words for how fast it goes, or why it does not, and their ink."""
    if not snapshot.running:
        diverged = snapshot.status.kind == "diverged"
        if back := snapshot.latest_step - snapshot.step:
            return f"‖ {counted(back, 'step')} back", Ink.CAUTION
        return ("✕ diverged", Ink.DANGER) if diverged else ("‖ paused", Ink.CAUTION)
    asked, measured = snapshot.steps_per_second, snapshot.measured_rate
    if asked is None:
        return f"► {measured:,.0f} steps/s", Ink.GOOD
    if asked >= _HARD_TO_KEEP and 0 < measured < 0.8 * asked:
        return f"► {measured:,.0f} of {asked:,.0f}/s", Ink.CAUTION
    return f"► {f'{asked:,.0f}' if asked >= 1 else f'{asked:.2g}'} steps/s", Ink.GOOD
