"""The picture of the loss curves: one canvas for one snapshot, without an app."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple, get_args

import numpy as np

from tui.dashboard.panels import ghost_drawing
from tui.dashboard.panels.loss import average_lines, change_marks, coming_changes, loss_reading
from tui.dashboard.panels.loss.time_window import TimeWindow
from tui.dashboard.panels.ruler import Line, Ruler, Unit
from tui.painting import run_colours
from tui.painting.axes import Array, Axis, StickyAxis, growing_axis, quantile
from tui.painting.canvas import Canvas, Dots
from tui.painting.frame import Frame, band, frame
from tui.painting.labels import write_labels
from tui.painting.numbers import fixed, tick
from tui.painting.palette import Ink
from tui.painting.strokes import stroke
from tui.words import floor_words

if TYPE_CHECKING:
    from engine.runs.curves import Curve
    from engine.runs.ghosts import Ghost
    from engine.serving.snapshot import Snapshot
    from engine.serving.views.curves_view import CurvesView
    from engine.serving.views.scene import Scene

BatchCurve = Literal["envelope and mean", "envelope", "mean"]
BATCH_CURVES: tuple[BatchCurve, ...] = get_args(BatchCurve)
_FEWEST_UPDATES = 20
_FEWEST_DOTS = 40  # of a curve, however narrow the panel
_FEW_POINTS = 12  # in a window: so coarse a curve is explained
_LABELS_FROM, _NAMES_FROM = 66, 104  # columns of the panel
_LOW = 7  # rows, of which none can be spared for words
_VALUE, _NAME = 9, 12  # columns of the labels at the right edge


class Choice(NamedTuple):
    """Choices of the user: the axes, and how the loss of the minibatches is drawn."""

    log: bool = True
    unit: Unit = "updates"
    batch: BatchCurve = "envelope and mean"


class LossCurves:
    """Paints snapshots of one run after the other; the loss axis remembers where it stood.

    choice, time: what the user wants to see of them. inside, ruler: the area inside the axes of the latest picture, and
    what its x axis counts; None before it. Curves that change ten times a second are read better than thirty.
    """

    every = 3
    title = "Loss"

    def __init__(self, choice: Choice | None = None) -> None:
        self.choice, self.time = choice or Choice(), TimeWindow()
        self.inside: Frame | None = None
        self.ruler: Ruler | None = None
        self._y_axis = StickyAxis()
        self._marks: tuple[object, list[change_marks.Mark]] = (None, [])
        self._ghosts = ghost_drawing.KeptDots()

    def forget(self) -> None:
        """Forget all but the user's choices, as another run is going to be shown."""
        self._y_axis.forget()
        self.time = TimeWindow(span=self.time.span)

    @property
    def subtitle(self) -> str:
        """Words for the steps that are shown where those are not all."""
        if self.time.span is None:
            return ""
        span = f"{self.time.span:,}"
        return f"latest {span} updates" if self.time.start is None else f"{span} updates from {self.time.start:,}"

    def view(self, width: int, height: int) -> CurvesView:
        """The request for what the next picture needs."""
        return self.time.view(max(_FEWEST_DOTS, 2 * width))  # two dots to a column

    def complete(self, snapshot: Snapshot) -> bool:
        """Tell whether a snapshot has what was asked for: curves of any width can be drawn."""
        return True

    def paint(self, scene: Scene, snapshot: Snapshot, width: int, height: int) -> Canvas:
        """The picture of this moment."""
        choice, curves = self.choice, snapshot.curves
        ruler = _ruler(curves.examples, scene, snapshot, choice)
        lines = _lines(scene, snapshot, choice, ruler)
        legend, apart = _legend(choice, lines, width)
        if choice.batch != "mean" and all(ink != Ink.SMOOTHED for _, ink in legend):  # a line without a name
            lines = [line for line in lines if line.ink != Ink.SMOOTHED]
        reading = _reading_rows(scene, snapshot, lines, ruler, width, height)
        margin = 0 if width < _LABELS_FROM else _VALUE + (_NAME if width >= _NAMES_FROM else 0)
        averages = curves.averages if height > _LOW else None  # what they buy, in words
        plot = Canvas(width - margin, height - len(reading) - (averages is not None))
        first_mark = 1 + bool(snapshot.coming)  # row
        marks_rows = 0 if not snapshot.changes else 2 if height > 15 else 1
        x_axis = _x_axis(snapshot, ruler)
        y_axis = self._losses_axis(snapshot, choice, lines, x_axis)
        inside = frame(plot, x_axis, y_axis, top=first_mark + marks_rows)
        _draw_floor(plot, inside, snapshot)
        if snapshot.coming:
            coming_changes.draw(plot, inside, snapshot.coming, ruler, 1)
        change_marks.draw(plot, inside, self._found_marks(snapshot, inside, ruler, choice), first_mark)
        _draw_batch(plot, inside, snapshot, choice, ruler)
        _draw_moment(plot, inside, snapshot, ruler)
        _draw_cursor(plot, inside, snapshot, ruler)
        self._draw_lines(plot, inside, snapshot, lines, (choice.unit, scene.num_examples))
        ghost_drawing.number_curves(plot, inside, lines)
        average_lines.mark_ends(plot, inside, lines)
        _name_floor(plot, inside, snapshot)
        _say_how_coarse(plot, inside, snapshot)
        _mark_blow_up(plot, inside, snapshot, ruler)
        canvas = Canvas(width, height)
        canvas.paste(plot, 0, 0)
        _write_legend(canvas, legend, apart)
        if averages is not None:
            average_lines.write(canvas, averages, plot.height)
        loss_reading.write(canvas, reading, height - len(reading))
        if margin:
            _write_end_labels(canvas, inside, lines, names=margin > _VALUE)
        self.inside, self.ruler = inside, ruler
        return canvas

    def _found_marks(self, snapshot: Snapshot, inside: Frame, ruler: Ruler, choice: Choice) -> list[change_marks.Mark]:
        """Found again only where something about them has changed: there may be hundreds."""
        columns = tuple(inside.column(float(ruler.place(change.step))) for change in snapshot.changes[-1:])
        key = (snapshot.changes, columns, inside.left, inside.width, inside.x_axis, choice.unit)
        if self._marks[0] != key:
            self._marks = key, change_marks.marks(snapshot.changes, inside, ruler)
        return self._marks[1]

    def _draw_lines(
        self, canvas: Canvas, inside: Frame, snapshot: Snapshot, lines: list[Line], place: tuple[Unit, int]
    ) -> None:
        """Draw the ghosts' lines, and the others over them."""
        numbered = {line.number: line for line in lines}

        def work_out(ghost: Ghost) -> Dots:
            line = numbered[ghost.number]
            return inside.curve_dots(canvas, line.places, line.losses, line.ink)

        for dots in self._ghosts.of(snapshot.ghosts, (inside, canvas.width, canvas.height, *place), work_out):
            canvas.draw(dots)
        for line in (line for line in lines if not line.number):
            inside.curve(canvas, line.places, line.losses, line.ink)

    def _losses_axis(self, snapshot: Snapshot, choice: Choice, lines: list[Line], x_axis: Axis) -> Axis:
        """The axis around what is to be seen, but not down to every lucky minibatch: nine in ten of those are enough.
        How low a ghost came is worth seeing; how high it was would flatten all the rest."""
        batch = snapshot.curves.batch
        seen = [_within(line, x_axis) for line in lines if not line.number]
        lows = [*seen, *(_within(line, x_axis) for line in lines if line.number)]
        if choice.batch != "mean":
            seen.append(batch.high)
            means = batch.mean[np.isfinite(batch.mean)]
            lows.append(np.array([quantile(means, 0.1)]) if len(means) else means)
        high_values, low_values = np.concatenate(seen), np.concatenate(lows)
        if choice.log:
            high_values, low_values = high_values[high_values > 0], low_values[low_values > 0]
        high_values = high_values[np.isfinite(high_values)]
        low_values = low_values[np.isfinite(low_values)]
        if not len(high_values) or not len(low_values):
            return Axis(0.1, 10, log=True) if choice.log else Axis(0, 1)
        high, low = float(high_values.max()), float(low_values.min())
        return self._y_axis.around(min(low if choice.log else min(0.0, low), high), high, log=choice.log)


def _ruler(examples: Curve, scene: Scene, snapshot: Snapshot, choice: Choice) -> Ruler:
    size = snapshot.knobs.batch_in_effect(scene.num_examples)
    return Ruler(choice.unit, examples, num_examples=scene.num_examples, batch_size=size)


def _x_axis(snapshot: Snapshot, ruler: Ruler) -> Axis:
    curves = snapshot.curves
    if curves.view.span is None:
        return growing_axis(float(ruler.place(snapshot.latest_step)), float(ruler.place(_FEWEST_UPDATES)))
    low, high = ruler.place(np.array([curves.start, curves.stop], dtype=float))
    return Axis(float(low), float(high))


def _lines(scene: Scene, snapshot: Snapshot, choice: Choice, ruler: Ruler) -> list[Line]:
    """The lines, from the one drawn first to the one drawn on top of all."""
    curves = snapshot.curves
    lines = ghost_drawing.curves(snapshot.ghosts, ruler)
    if choice.batch != "envelope":
        lines.append(
            Line(f"mean of {tick(curves.mean_of, 3)}", Ink.SMOOTHED, ruler.place(curves.batch.steps), curves.smoothed)
        )
    lines += average_lines.lines(curves.averages, ruler)
    if np.isfinite(curves.validation.values).any():
        lines.append(Line("validation", Ink.VALIDATION, ruler.place(curves.validation.steps), curves.validation.values))
    lines.append(Line(_name(snapshot), Ink.TRAINING, ruler.place(curves.training.steps), curves.training.values))
    return lines


def _name(snapshot: Snapshot) -> str:
    """The name of the training loss of the run in front: with the run's number where there are others."""
    if not snapshot.ghosts:
        return "training"
    return " ".join(filter(None, (str(snapshot.number), snapshot.label or "training")))


def _draw_moment(canvas: Canvas, inside: Frame, snapshot: Snapshot, ruler: Ruler) -> None:
    """Draw the moment that is shown, if that is not the latest step."""
    column = inside.column(float(ruler.place(snapshot.step)))
    if snapshot.step < snapshot.latest_step and column is not None:
        for row in range(inside.top, inside.top + inside.height):
            canvas.text(column, row, "│", Ink.CAUTION)


def _within(line: Line, x_axis: Axis) -> Array:
    """The losses within the window, or where there is none the ones around it."""
    inside = line.losses[(line.places >= x_axis.low) & (line.places <= x_axis.high)]
    return inside if np.isfinite(inside).any() or line.number else line.losses


def _reading_rows(
    scene: Scene, snapshot: Snapshot, lines: list[Line], ruler: Ruler, width: int, height: int
) -> list[list[loss_reading.Field]]:
    """Rows of what the cursor reads; of other runs the training loss where they were as far along the axis."""
    reading = snapshot.curves.reading
    if reading is None:
        return []
    found = loss_reading.fields(reading, snapshot, scene.num_examples)
    place = float(ruler.place(reading.step))
    for line in (line for line in lines if line.number):
        seen = np.flatnonzero(line.places <= place)
        if len(seen):
            found.append(
                loss_reading.other_run(run_colours.marker(line.number), float(line.losses[seen[-1]]), line.ink)
            )
    return loss_reading.arranged(found, width - 1, max(1, height // 4))


def _legend(choice: Choice, lines: list[Line], width: int) -> tuple[list[tuple[str, int]], int]:
    """Words that say what the lines are, with their inks, and how far apart they stand. Where that is too much, the
    names of the other runs stay longest: a race is about them."""
    front = [line for line in reversed(lines) if not line.number and not average_lines.is_second(line)]
    own = [(f"{stroke(line.ink).sample} {line.name}", line.ink) for line in front]
    fewer = [(f"{stroke(line.ink).sample} {line.name}", line.ink) for line in front if line.ink != Ink.SMOOTHED]
    batch = [("⣿ batch", int(Ink.BATCH))] if choice.batch != "mean" else []
    named = [(line.name, line.ink) for line in lines if line.number]
    racers = [(words, ink) for words, ink in named if " " in words and ink != Ink.FAINT]  # without earlier records
    numbered = [(run_colours.marker(line.number), line.ink) for line in lines if line.number]
    ways = [batch + own + named, batch + fewer + named, fewer + named]
    ways += [fewer + racers, *_without_rates(fewer[:1] + racers)] if racers else []
    ways += [batch + own + numbered, batch + fewer + numbered]
    entries = next((way for way in ways if 1 + _cells(way, 1) <= width), ways[-1])
    return entries, 2 if 1 + _cells(entries, 2) <= width else 1


def _write_legend(canvas: Canvas, entries: list[tuple[str, int]], apart: int) -> None:
    """Write what the lines are. An entry that does not fit is left out whole."""
    column = 1
    for words, ink in entries:
        if column + len(words) <= canvas.width:
            column = canvas.text(column, 0, words, ink) + apart


def _without_rates(entries: list[tuple[str, int]]) -> list[list[tuple[str, int]]]:
    """The entries without the learning rates that stand behind names, where the names alone tell them apart; else
    none."""
    shorter = [(words.rpartition(" ")[0], ink) for words, ink in entries]
    told_apart = {words.rpartition(" ")[2] for words, _ in shorter}
    return [shorter] if len(told_apart) == len(shorter) and all(map(str.isalpha, told_apart)) else []


def _cells(entries: list[tuple[str, int]], apart: int) -> int:
    """The width of the entries side by side."""
    return sum(len(words) + apart for words, _ in entries) - apart


def _draw_floor(canvas: Canvas, inside: Frame, snapshot: Snapshot) -> None:
    """Draw the noise floor of the training loss, if that is within the picture."""
    floor = snapshot.readings.noise_floor.value
    if 0 <= float(inside.y_axis.share(floor)) <= 1:
        canvas.text(inside.left, inside.row(floor), "┄" * inside.width, Ink.AXIS)


def _name_floor(canvas: Canvas, inside: Frame, snapshot: Snapshot) -> None:
    """Write at the right end of the noise floor's line what it is and where it comes from, if no curve is there yet."""
    floor = snapshot.readings.noise_floor
    row, words = inside.row(floor.value), f" floor, {floor_words.source(floor)} "
    start = canvas.width - len(words) - 2
    if start > inside.left and row < canvas.height and (canvas.chars[row, start:] == "┄").all():
        canvas.text(start, row, words, Ink.FAINT)


def _draw_cursor(canvas: Canvas, inside: Frame, snapshot: Snapshot, ruler: Ruler) -> None:
    """Draw the cursor under the lines, which it must not hide."""
    reading = snapshot.curves.reading
    column = None if reading is None else inside.column(float(ruler.place(reading.step)))
    if column is not None:
        for row in range(inside.top, inside.top + inside.height):
            canvas.text(column, row, "│", Ink.KEY)


def _draw_batch(canvas: Canvas, inside: Frame, snapshot: Snapshot, choice: Choice, ruler: Ruler) -> None:
    curves = snapshot.curves
    batch = curves.batch
    if choice.batch != "mean":
        steps, low, high = batch.steps, *(np.maximum(edge, inside.y_axis.low) for edge in (batch.low, batch.high))
        if curves.every > 1 and len(steps):  # the last point stands for as many steps as the others
            end = min(steps[-1] + curves.every, snapshot.latest_step)
            steps, low, high = np.append(steps, end), np.append(low, low[-1]), np.append(high, high[-1])
        inside.curve(canvas, *band(ruler.place(steps), low, high), Ink.BATCH)


def _say_how_coarse(canvas: Canvas, inside: Frame, snapshot: Snapshot) -> None:
    """Say how coarse the curves are where the window lies so far back that zooming shows no more."""
    curves = snapshot.curves
    if curves.every > 1 and curves.every * _FEW_POINTS > curves.stop - curves.start:
        words = f"all that is left of these steps is {curves.every:,} together"
        canvas.text(inside.left + 1, inside.top, words, Ink.CAUTION)


def _mark_blow_up(canvas: Canvas, inside: Frame, snapshot: Snapshot, ruler: Ruler) -> None:
    """Mark where the curves end because there are no numbers any more."""
    step = snapshot.curves.blew_up_at
    column = None if step is None else inside.column(float(ruler.place(step)))
    if column is None:
        return
    finite = snapshot.curves.batch.high[np.isfinite(snapshot.curves.batch.high)]
    row = inside.row(float(finite[-1])) if len(finite) else inside.top
    words = f"not finite at step {step:,}"
    if column + 2 + len(words) <= canvas.width:
        canvas.text(column, row, f"✕ {words}", Ink.DANGER)
    else:
        canvas.text(column - 1 - len(words), row, f"{words} ✕", Ink.DANGER)


def _write_end_labels(canvas: Canvas, inside: Frame, lines: list[Line], *, names: bool) -> None:
    """Write what every curve has come to, at the right edge."""
    labels = []
    for line in lines:
        seen = np.flatnonzero((line.places <= inside.x_axis.high) & np.isfinite(line.losses))
        if len(seen):
            loss = float(line.losses[seen[-1]])
            words = f"{line.name:<{_NAME - 1}} {fixed(loss)}" if names else fixed(loss)
            labels.append((inside.row(loss), words, line.ink))
    write_labels(canvas, inside.left + inside.width + 1, labels, inside.top, inside.height)
