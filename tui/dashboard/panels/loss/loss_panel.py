"""The loss panel: its curves, and the keys and the mouse that move them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import events

from tui.dashboard.panels.loss.loss_curves import BATCH_CURVES, Choice, LossCurves
from tui.dashboard.panels.pictures import PicturesPanel
from tui.dashboard.panels.ruler import UNITS, Unit
from tui.dashboard.panels.top_border import Toggle

if TYPE_CHECKING:
    from engine.serving.snapshot import Snapshot
    from engine.serving.views.curves_view import CurvesView
    from engine.serving.views.scene import Scene

_FAR = 10  # columns that the cursor moves when it moves far
_HURRY = 2  # frames that are shown at once after a key: the first may have been under way


class LossPanel(PicturesPanel[LossCurves]):
    """Loss over updates, examples or epochs."""

    every = LossCurves.every
    BORDER_TITLE = LossCurves.title

    def __init__(self) -> None:
        self.curves = LossCurves()
        super().__init__(lambda scene: [self.curves])
        self._hurry = 0
        self._pressed: tuple[int, int] | None = None  # the column and the first step shown where the mouse went down
        self._dragged = False

    @property
    def toggles(self) -> tuple[Toggle, ...]:
        choice, time = self.curves.choice, self.curves.time
        return (
            Toggle("log-axis", "log" if choice.log else "linear"),
            Toggle("x-axis", choice.unit),
            Toggle("follow", "follow", time.span is not None and time.start is None),
            Toggle("batch-curve", choice.batch),
            Toggle("averages", "averages", self.snapshot is not None and self.snapshot.curves.averages is not None),
        )

    def view(self) -> CurvesView:
        """The request for the next snapshot's part."""
        return self.curves.view(*self.size)

    def begin(self, scene: Scene) -> None:
        self.curves.forget()
        super().begin(scene)

    def show(self, scene: Scene, snapshot: Snapshot) -> None:
        if self._hurry:
            self._hurry -= 1
            self.turns.begin()
        super().show(scene, snapshot)

    # What is shown

    def toggle_log(self) -> None:
        """Switch between a logarithmic and a linear axis."""
        self._choose(self.curves.choice._replace(log=not self.curves.choice.log))

    def next_unit(self) -> None:
        """Count updates, examples or epochs along the x axis."""
        self._choose(self.curves.choice._replace(unit=UNITS[(UNITS.index(self.curves.choice.unit) + 1) % len(UNITS)]))

    def count_in(self, unit: Unit) -> None:
        """Count this along the x axis."""
        self._choose(self.curves.choice._replace(unit=unit))

    def next_batch_curve(self) -> None:
        """Show the minibatches' loss as envelope and average, as envelope, or as average."""
        kinds = BATCH_CURVES
        self._choose(self.curves.choice._replace(batch=kinds[(kinds.index(self.curves.choice.batch) + 1) % len(kinds)]))

    def _choose(self, choice: Choice) -> None:
        self.curves.choice = choice
        self.describe()
        self.repaint()

    # Which steps

    def follow_or_whole(self) -> None:
        """Follow the latest steps, or show the whole run."""
        if self.snapshot is not None:
            self.curves.time.follow_or_whole(self.snapshot.measured_rate)
            self._ask()

    def zoom(self, *, closer: bool, around: int | None = None) -> None:
        """Show half or twice as many steps."""
        if self.snapshot is not None:
            self.curves.time.zoom(closer=closer, shown=self._steps_shown, latest=self._latest, around=around)
            self._ask()

    def toggle_cursor(self) -> None:
        """Read the latest step, or stop reading."""
        if self.curves.time.cursor is not None:
            self.curves.time.cursor = None
        elif self.snapshot is not None:
            start, stop = self._steps_shown
            self.curves.time.cursor = max(0, min(self._latest, stop - 1)) if start <= self._latest else start
        self._ask()

    def move_cursor(self, columns: int, *, far: bool = False) -> None:
        """Read a step that lies so many columns away, one step at least."""
        inside, ruler = self.curves.inside, self.curves.ruler
        if self.snapshot is None or inside is None or ruler is None:
            return
        if self.curves.time.cursor is None:
            self.toggle_cursor()
            return
        cell = (inside.x_axis.high - inside.x_axis.low) / max(1, inside.width)
        distance = columns * (_FAR if far else 1)
        there = ruler.step(float(ruler.place(self.curves.time.cursor)) + distance * cell)
        least = self.curves.time.cursor + columns
        self._place_cursor(max(there, least) if columns > 0 else min(there, least))

    def _place_cursor(self, step: int) -> None:
        self.curves.time.place_cursor(step, shown=self._steps_shown, latest=self._latest)
        self._ask()

    @property
    def _steps_shown(self) -> tuple[int, int]:
        return (self.snapshot.curves.start, self.snapshot.curves.stop) if self.snapshot else (0, 1)

    @property
    def _latest(self) -> int:
        return max(0, self.snapshot.latest_step - 1) if self.snapshot else 0

    def _ask(self) -> None:
        """The next snapshots bring what is wanted now."""
        self._hurry = _HURRY
        self.turns.begin()
        self.describe()

    # The mouse

    def has_words(self, row: int) -> bool:
        """Above the curves, and below them, where the cursor's values stand."""
        inside, coming = self.curves.inside, self.snapshot is not None and self.snapshot.coming
        return row <= bool(coming) or (inside is not None and row > inside.top + inside.height)

    def _step_at(self, event: events.MouseEvent) -> int | None:
        """The step under the mouse, None outside of the curves."""
        offset = event.get_content_offset(self)
        inside, ruler = self.curves.inside, self.curves.ruler
        if offset is None or inside is None or ruler is None:
            return None
        if not inside.left <= offset.x < inside.left + inside.width or self.has_words(offset.y):
            return None
        return ruler.step(inside.x(offset.x))

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Closer, around the step under the mouse."""
        self.zoom(closer=True, around=self._step_at(event))

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Farther."""
        self.zoom(closer=False, around=self._step_at(event))

    def on_mouse_down(self, event: events.MouseDown) -> None:
        if self._step_at(event) is not None:
            self._pressed, self._dragged = (event.x, self.curves.time.extent(self._steps_shown)[0]), False
            self.capture_mouse()

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Drag the steps along while a button is down."""
        inside = self.curves.inside
        if self._pressed is None or inside is None or (event.x == self._pressed[0] and not self._dragged):
            return
        self._dragged = True
        start, stop = self._steps_shown
        column, first = self._pressed
        moved = round((column - event.x) * (stop - start) / max(1, inside.width))
        now = self.curves.time.extent(self._steps_shown)[0]
        self.curves.time.pan(first + moved - now, shown=self._steps_shown, latest=self._latest)
        self._ask()

    def on_mouse_up(self, event: events.MouseUp) -> None:
        """Place the cursor there if the mouse was not moved."""
        pressed, self._pressed = self._pressed, None
        if pressed is None:
            return
        self.release_mouse()
        step = self._step_at(event)
        if not self._dragged and step is not None:
            self._place_cursor(step)
