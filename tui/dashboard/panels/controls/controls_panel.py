"""The knobs, what they lead to, and how the run stands."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from engine.plain_text import counted
from engine.serving.views import gauges_view
from engine.training.knobs import KNOBS, Knobs
from engine.training.schedules import CONSTANT
from tui.dashboard.panels.controls import age, consequences, measures, noise, stability_gauge, status_words
from tui.dashboard.panels.controls.consequences import LastChange
from tui.dashboard.panels.panel import Panel
from tui.dashboard.panels.top_border import Toggle
from tui.painting import digits
from tui.painting.canvas import Canvas, cut
from tui.painting.labels import fitting
from tui.painting.numbers import fixed, short
from tui.painting.palette import Ink
from tui.words.knob_steps import schedule_words

if TYPE_CHECKING:
    from engine.serving.snapshot import Snapshot
    from engine.serving.views.scene import Scene

_VALUE_CELLS = 16  # 0.0001 in large digits
_LARGE_FROM = (46, 11)  # columns and rows
_SMALL_WORDS = 14  # where the words of a small knob begin, after its value
_LINES_BELOW = 7
_READ = 10  # steps a second, each of which can be read


class ControlsPanel(Panel):
    """The controls: in full, the two knobs large, each with its gauge, over the measured quantities; where there are
    few rows, the same in three or four lines.
    """

    BORDER_TITLE = "Controls"
    every = 3  # numbers that change thirty times a second are not read

    def __init__(self) -> None:
        super().__init__()
        self.last_change = LastChange()
        self._ahead: Knobs | None = None  # of the latest snapshot: as they were set, and the engine has not said yet

    def begin(self, scene: Scene) -> None:
        self.last_change.forget()

    @property
    def toggles(self) -> tuple[Toggle, ...]:
        return Toggle("undo", "undo"), Toggle("entry", "exact value")

    def view(self) -> gauges_view.GaugesView:
        """The request for the next snapshot's part."""
        return gauges_view.GaugesView(readings=self.due or self._ahead is not None)

    def show(self, scene: Scene, snapshot: Snapshot) -> None:
        if scene is not self.scene:
            self.last_change.forget()
        self.last_change.follow(snapshot)
        speed = snapshot.steps_per_second
        self.turns.every = self.every if speed is None or speed > _READ else 1  # the angle is that of the picture
        super().show(scene, snapshot)

    def echo(self, knobs: Knobs | None) -> None:
        """Show knobs as they were set, before the first snapshot that knows of it."""
        before = self._ahead
        self._ahead = knobs if self.snapshot is not None and knobs != self.snapshot.knobs else None
        if before is not None or self._ahead is not None:  # or what was set was taken back, or has come
            self.repaint()

    def _as_set(self, snapshot: Snapshot) -> Snapshot:
        """The snapshot with the knobs as they were set."""
        if self._ahead is None:
            return snapshot
        as_before = self._ahead.learning_rate == snapshot.knobs.learning_rate
        rate = snapshot.learning_rate if as_before else self._ahead.learning_rate
        return replace(snapshot, knobs=self._ahead, learning_rate=rate)

    def paint(self, scene: Scene, snapshot: Snapshot, width: int, height: int) -> Canvas:
        canvas, snapshot = Canvas(width, height), self._as_set(snapshot)
        if height < _LINES_BELOW:
            self._paint_lines(canvas, scene, snapshot)
            left_out = 0
        else:
            left_out = self._paint_in_full(canvas, scene, snapshot)
        told = f"{counted(left_out, 'measure')} not shown" if left_out else ""
        if told != (self.border_subtitle or ""):  # it sends the whole panel
            self.border_subtitle = told
        return canvas

    def _paint_in_full(self, canvas: Canvas, scene: Scene, snapshot: Snapshot) -> int:
        """Paint all that there is room for; returns how many measures are left out."""
        large = canvas.width >= _LARGE_FROM[0] and canvas.height >= _LARGE_FROM[1]
        roomy = canvas.height >= 17
        row = int(roomy)
        for knob in (self._learning_rate, self._batch_size):
            knob(canvas, row, scene, snapshot, large=large)
            row += (digits.HEIGHT if large else 2) + roomy
        others, end = row, self._paint_others(canvas, row, snapshot)
        row += 1 + (canvas.height >= 14)
        row = self._paint_change(canvas, row, scene, snapshot)
        row += roomy
        left = canvas.height - row
        diverged = snapshot.status.kind == "diverged"
        status = status_words.lines(
            snapshot, self.keys, max(10, canvas.width - 2), left if diverged else max(1, left // 2)
        )
        left_out, seed = measures.draw(canvas, row, left - len(status), scene, snapshot), f"seed {snapshot.seed}"
        if "seed" in left_out and len(seed) <= (room := canvas.width - 1 - end):
            canvas.text(end, others, seed.rjust(room), Ink.FAINT)
            left_out.remove("seed")
        for line, text in enumerate(status, canvas.height - len(status)):
            canvas.text(1, line, text, status_words.ink(snapshot))
        return len(left_out)

    def _learning_rate(self, canvas: Canvas, row: int, scene: Scene, snapshot: Snapshot, *, large: bool) -> None:
        keys = self._pair("learning-rate-up", "learning-rate-down")
        left, cells = self._knob(canvas, row, "learning rate", keys, short(snapshot.learning_rate), large=large)
        stability_gauge.draw(canvas, left, row + large, cells, snapshot)
        left = left if large else _SMALL_WORDS
        words = stability_gauge.text(snapshot, canvas.width - left - 1)
        canvas.text(left, row + large + 1, words, stability_gauge.ink(snapshot))

    def _batch_size(self, canvas: Canvas, row: int, scene: Scene, snapshot: Snapshot, *, large: bool) -> None:
        keys = self._pair("batch-size-down", "batch-size-up")
        left, cells = self._knob(canvas, row, "batch size", keys, _batch_size(scene, snapshot), large=large)
        noise.draw(canvas, left, row + large, cells, scene, snapshot)
        left = left if large else _SMALL_WORDS
        end = canvas.text(left, row + large + 1, noise.angle_words(snapshot), age.ink(snapshot, Ink.LIT))
        canvas.text(end, row + large + 1, f" · {noise.noise_words(scene, snapshot)}", Ink.FAINT)
        if large:
            part = "all" if snapshot.knobs.batch_in_effect(scene.num_examples) >= scene.num_examples else "of"
            of_all = f"{part} {scene.num_examples:,}"
            canvas.text(canvas.width - 1 - len(of_all), row, of_all, Ink.FAINT)

    def _knob(self, canvas: Canvas, row: int, name: str, keys: str, value: str, *, large: bool) -> tuple[int, int]:
        """Write a knob's name, keys and value; returns the first column and the number of columns for its gauge."""
        if large:
            digits.draw(canvas, 1, row, _VALUE_CELLS, value, Ink.STRONG, in_ascii=self.look.ascii)
            left = _VALUE_CELLS + 2
            end = canvas.text(left, row, name, Ink.STRONG) + 2
            canvas.text(end, row, keys, Ink.KEY)
        else:
            canvas.text(1, row, keys, Ink.KEY)
            canvas.text(5, row, name, Ink.PLAIN)
            canvas.text(5, row + 1, value, Ink.STRONG)
            left = 20
        return left, max(4, canvas.width - left - 1)

    def _pair(self, one: str, other: str) -> str:
        return f"{self.keys.shown(one)} {self.keys.shown(other)}"

    def _paint_others(self, canvas: Canvas, row: int, snapshot: Snapshot) -> int:
        """Momentum, optimizer, schedule, and what else is set; returns the column two after them."""
        column, knobs, schedule = 1, snapshot.knobs, _schedule_words(snapshot)
        for key, text in (
            (self.keys.shown("momentum-up"), _momentum_words(knobs)),
            (self.keys.shown("optimizer"), knobs.optimizer),
            (self.keys.shown("schedule"), schedule),
        ):
            column = canvas.text(column, row, key, Ink.KEY) + 1
            whole = column + len(text) <= canvas.width
            column = canvas.text(column, row, text if whole else text.rpartition(" × ")[0], Ink.PLAIN) + 2
        unusual, room = " · ".join(_unusual(snapshot)), canvas.width - column
        if unusual and room < 1:
            canvas.text(canvas.width - 1, row, "…", Ink.FAINT)
        return canvas.text(column, row, unusual, Ink.FAINT) + 2

    def _paint_change(self, canvas: Canvas, row: int, scene: Scene, snapshot: Snapshot) -> int:
        """Paint what the last change of a knob led to, in two rows; returns the row after it."""
        consequence = self.last_change.until(snapshot.step)
        if consequence is None:
            return row
        change, effects = consequences.words(consequence, scene.num_examples)
        end = canvas.text(1, row, change, Ink.MARK)
        when = f" at step {consequence.step:,}"
        canvas.text(end, row, when if end + len(when) <= canvas.width else "", Ink.FAINT)
        canvas.text(1, row + 1, fitting(effects, canvas.width - 2), Ink.PLAIN)
        return row + 2

    def _paint_lines(self, canvas: Canvas, scene: Scene, snapshot: Snapshot) -> None:
        """Four lines, or three, for 80 columns."""
        rows = (
            (self._pair("learning-rate-up", "learning-rate-down"), "learning rate", short(snapshot.learning_rate)),
            (self._pair("batch-size-down", "batch-size-up"), "batch size", _batch_size(scene, snapshot)),
        )
        for row, (keys, name, value) in enumerate(rows):
            canvas.text(0, row, keys.replace(" ", ""), Ink.KEY)
            canvas.text(3, row, name, Ink.PLAIN)
            canvas.text(17, row, value, Ink.STRONG)
        cells = max(4, min(24, canvas.width - 64))
        column = stability_gauge.draw(canvas, 27, 0, cells, snapshot) + 1
        canvas.text(column, 0, stability_gauge.text(snapshot, canvas.width - column), stability_gauge.ink(snapshot))
        noise.draw(canvas, 27, 1, cells, scene, snapshot)
        end = canvas.text(column, 1, noise.angle_words(snapshot), age.ink(snapshot, Ink.LIT))
        canvas.text(end, 1, f" · {noise.noise_words(scene, snapshot)}", Ink.FAINT)
        news, consequence = status_words.brief(snapshot, self.keys), self.last_change.until(snapshot.step)
        if snapshot.status.kind == "diverged" or (news and consequence is None):
            canvas.text(0, 2, cut(news, canvas.width), status_words.ink(snapshot))
        elif consequence is None:
            canvas.text(0, 2, fitting(measures.in_a_line(scene, snapshot), canvas.width), Ink.FAINT)
        else:
            change, effects = consequences.words(consequence, scene.num_examples)
            end = canvas.text(0, 2, change, Ink.MARK)
            canvas.text(end, 2, f" · {fitting(effects, canvas.width - end - 3)}" if effects else "", Ink.PLAIN)
        self._paint_losses(canvas, canvas.height - 1, snapshot)

    def _paint_losses(self, canvas: Canvas, row: int, snapshot: Snapshot) -> None:
        if row < 3:
            return
        column = canvas.text(0, row, f"loss {fixed(snapshot.training_loss):<9}", Ink.TRAINING) + 1
        if not math.isnan(snapshot.validation_loss):
            column = canvas.text(column, row, f"validation {fixed(snapshot.validation_loss):<9}", Ink.VALIDATION) + 1
        others = f"{snapshot.knobs.optimizer} · {_momentum_words(snapshot.knobs)} · {_schedule_words(snapshot)}"
        canvas.text(column, row, others, Ink.FAINT)


def _batch_size(scene: Scene, snapshot: Snapshot) -> str:
    """The examples of a minibatch: all of them with the full batch, whatever the knob says."""
    return f"{snapshot.knobs.batch_in_effect(scene.num_examples):,}"


def _momentum_words(knobs: Knobs) -> str:
    """Words such as `momentum 0.9`; where the optimizer has none, they say so."""
    return f"momentum {short(knobs.momentum) if knobs.acts('momentum') else 'unused'}"


def _schedule_words(snapshot: Snapshot) -> str:
    """Words such as `constant` and `cosine over 200 steps, now × 0.43`."""
    schedule = snapshot.knobs.schedule
    words = schedule_words(schedule)
    if schedule == CONSTANT:
        return words
    return f"{words}, now × {short(snapshot.learning_rate / snapshot.knobs.learning_rate, 2)}"


def _unusual(snapshot: Snapshot) -> list[str]:
    """The knobs that are shown only where they are not as usual."""
    words = []
    for name, knob in KNOBS.items():
        value = getattr(snapshot.knobs, name)
        if knob.quiet and value != knob.default and snapshot.knobs.acts(name):
            words.append(value.replace("_", " ") if isinstance(value, str) else f"{knob.label} {short(value)}")
    return words
