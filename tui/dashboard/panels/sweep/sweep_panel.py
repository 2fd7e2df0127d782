"""The sweep panel: a map of settings around the present one with a cursor, or the learning-rate range test."""

from __future__ import annotations

import math
import textwrap
from typing import TYPE_CHECKING, ClassVar, Literal, NamedTuple

from textual import events
from textual.binding import Binding
from textual.message import Message

from engine.serving.views import range_view
from tui.dashboard.panels.panel import Panel
from tui.dashboard.panels.sweep import range_picture
from tui.dashboard.panels.sweep.sweep_state import SweepState, plan_values
from tui.dashboard.panels.top_border import Toggle
from tui.painting.canvas import Canvas
from tui.painting.palette import Ink

if TYPE_CHECKING:
    from engine.serving.snapshot import Snapshot
    from engine.serving.views.range_view import RangePicture
    from engine.serving.views.scene import Scene
    from tui.painting.heat.heat_layout import Point
    from tui.painting.heat.heat_map import HeatMap

Showing = Literal["map", "range"]
_BESIDE, _WORDS = 100, 36  # columns of the panel from which words stand beside the map, and columns of those
_LEAST_MAP, _MAP_CHROME = 7, 3  # rows of a map, and those of its names and labels
_LEAST_WORDS = 2  # rows
_STEPS = {"left": (-1, 0), "right": (1, 0), "up": (0, 1), "down": (0, -1)}


class _Line(NamedTuple):
    words: str
    ink: int


class PlaceFlown(Message):
    """A place of the map was chosen: these are its knobs."""

    def __init__(self, values: dict[str, object]) -> None:
        super().__init__()
        self.values = values


class SweepPanel(Panel):
    """Shows the sweep that was begun, and takes the arrow keys and enter while it is shown. showing: the map, or the
    range test. state: of the sweep, None before one was begun. cursor: the place that is read, None where it is the
    one nearest to the present setting."""

    BORDER_TITLE = "Sweep"
    BINDINGS: ClassVar = [
        *(Binding(key, f"move({across}, {up})", show=False) for key, (across, up) in _STEPS.items()),
        Binding("enter", "fly", show=False),
    ]
    can_focus = True
    every = 30

    def __init__(self) -> None:
        super().__init__()
        self.showing: Showing = "map"
        self.state: SweepState | None = None
        self.cursor: tuple[int, ...] | None = None
        self._test_number = 0
        self._test: RangePicture | None = None
        self._heat: HeatMap | None = None

    @property
    def toggles(self) -> tuple[Toggle, ...]:
        is_map = self.showing == "map"
        anew = (Toggle("sweep-anew", "anew", is_map),) if is_map else ()
        return (*anew, Toggle("sweep", "map", is_map), Toggle("rate-range", "range test", not is_map))

    # What is shown

    def begin_sweep(self) -> None:
        """Show another sweep, of which nothing is known yet."""
        self.state, self.cursor = SweepState(), None

    def forget(self) -> None:
        """Show nothing any more: the scenario is another one."""
        self.state = self.cursor = self._test = None
        self._test_number = 0

    def test_rates(self) -> None:
        """Ask for another range test."""
        self._test_number, self._test = self._test_number + 1, None
        self.turns.begin()

    @property
    def has_test(self) -> bool:
        """True if a range test was asked for."""
        return self._test_number > 0

    def view(self) -> range_view.RangeView:
        """The request for the next snapshot's part."""
        return range_view.RangeView(self._test_number if self._test is None else 0)

    def show(self, scene: Scene, snapshot: Snapshot) -> None:
        found = snapshot.rate_range
        news = found is not None and self._test is None and found.number == self._test_number
        if news:
            self._test = found
            self.turns.begin()
        super().show(scene, snapshot)

    # Keys and mouse

    def action_move(self, across: int, up: int) -> None:
        """Move the cursor on the map, from the place nearest to the present setting to begin with."""
        place = self._place()
        if place is None or self.state is None or self.state.map is None or self.showing != "map":
            return
        sizes = [len(axis.values) for axis in self.state.map.plan.axes]
        steps = (across, up) if len(sizes) > 1 else (across + up,)
        self.cursor = tuple(
            min(max(at + step, 0), size - 1) for at, step, size in zip(place, steps, sizes, strict=True)
        )
        self.repaint_soon()

    def action_fly(self) -> None:
        """Set the knobs of the place under the cursor."""
        place = self._place()
        if place is not None and self.state is not None and self.state.map is not None and self.showing == "map":
            self.post_message(PlaceFlown(plan_values(self.state.map.plan, place)))

    async def on_click(self, event: events.Click) -> None:  # Textual calls the panel's own as well
        offset = event.get_content_offset(self)
        if offset is None or self._heat is None or self.state is None or self.state.map is None:
            return
        place = self._heat.place_at(offset.x, offset.y)
        if place is not None and self.showing == "map":
            self.cursor = place[: len(self.state.map.plan.axes)]
            self.repaint()

    def _place(self) -> tuple[int, ...] | None:
        """The place that is read: under the cursor, or nearest to the present setting."""
        if self.cursor is not None or self.state is None or self.state.map is None or self.snapshot is None:
            return self.cursor
        from scenarios.sweeps.sweep_around import place_of

        return place_of(self.state.map.plan, self.snapshot.knobs)

    # Painting

    def has_words(self, row: int) -> bool:
        return True

    def paint(self, scene: Scene, snapshot: Snapshot, width: int, height: int) -> Canvas:
        self._heat = None
        if self.showing == "range":
            return self._paint_range(snapshot, width, height)
        state = self.state
        if state is None or state.map is None:
            return self._paint_nothing(width, height)
        self.border_title = "Sweep · training loss"
        self.border_subtitle = " · ".join(filter(None, (state.progress, "↑↓←→ read · enter fly there")))
        said = self._map_words(snapshot, state, scene.num_examples)
        beside = width >= _BESIDE
        rows = _wrapped(said, _WORDS if beside else width - 2)
        if not beside:
            rows = rows[: max(min(len(rows), _LEAST_WORDS), height - _MAP_CHROME - len(state.map.plan.axes[-1].values))]
            rows = rows[: max(0, height - _LEAST_MAP)]
        size = (width - _WORDS - 2, height) if beside else (width, height - len(rows))
        canvas = Canvas(width, height)
        canvas.paste(self._map(snapshot, state, *size), 0, 0)
        column, top = (width - _WORDS, 1) if beside else (1, height - len(rows))
        for offset, line in enumerate(rows[: height - top]):
            canvas.text(column, top + offset, line.words, line.ink)
        return canvas

    def _paint_nothing(self, width: int, height: int) -> Canvas:
        canvas, state = Canvas(width, height), self.state
        self.border_title, self.border_subtitle = "Sweep", ""
        anew = self.keys.shown("sweep-anew")
        if state is None:
            words = f"No sweep yet: {self.keys.shown('sweep')} trains settings around the present one."
        elif state.ended:
            words = f"No sweep: {state.fault}. {anew} begins anew."
        else:
            words = "The sweep begins: learning rates and batch sizes around the present ones."
        for row, line in enumerate(textwrap.wrap(words, max(10, width - 2))[:height]):
            canvas.text(1, row, line, Ink.PLAIN)
        return canvas

    def _paint_range(self, snapshot: Snapshot, width: int, height: int) -> Canvas:
        self.border_title = "Sweep · learning-rate range test"
        self.border_subtitle = f"{self.keys.shown('rate-range')} tests again · {self.keys.shown('all-panels')} back"
        canvas = Canvas(width, height)
        if self._test is None:
            begun = "The range test is under way." if self.has_test else "No range test yet."
            canvas.text(1, 0, begun, Ink.PLAIN)
            return canvas
        rows = _wrapped([_Line(range_picture.words(self._test), Ink.PLAIN)], width - 2)
        rows = rows[: max(0, height - _LEAST_MAP)]
        canvas.paste(range_picture.paint(self._test, snapshot, width, height - len(rows)), 0, 0)
        for offset, line in enumerate(rows):
            canvas.text(1, height - len(rows) + offset, line.words, line.ink)
        return canvas

    def _map_words(self, snapshot: Snapshot, state: SweepState, num_examples: int) -> list[_Line]:
        """The sentences beside the map, the one on the place that is read first."""
        place = self._place()
        assert place is not None
        where = "" if self.cursor is not None else "Here: "
        said = [_Line(where + state.reading(place), Ink.STRONG)]
        if state.fault:
            anew = self.keys.shown("sweep-anew")
            said.append(_Line(f"The sweep has ended too early: {state.fault}. {anew} begins anew.", Ink.CAUTION))
        if words := state.differs(snapshot.knobs):
            said.append(_Line(f"{words} {self.keys.shown('sweep-anew')} sweeps with it.", Ink.CAUTION))
        said.append(_Line(state.limit_words(), Ink.FAINT))
        if len(state.map.plan.axes if state.map else ()) == 1:
            said.append(_Line("The batch size does not act here: the rates stand alone.", Ink.FAINT))
        said.append(_Line(state.about(num_examples), Ink.FAINT))
        return said

    def _map(self, snapshot: Snapshot, state: SweepState, width: int, height: int) -> Canvas:
        from tui.painting.heat.heat_map import HeatMap
        from tui.words.sweep_words import maps, position

        assert state.map is not None
        assert state.begun is not None
        axes = state.map.plan.axes
        ((_, grid),) = maps(state.map).items()
        present = [position(axis.values, getattr(snapshot.knobs, axis.knob)) for axis in axes]
        at = (present[0], present[1] if len(axes) > 1 else 0.0)
        place = self._place()
        cursor = None if place is None or self.cursor is None else (place[0], place[1] if len(axes) > 1 else 0)
        limit = _limit_line(state.begun.limits, axes[-1].values, one_row=len(axes) == 1)
        self._heat = HeatMap(
            grid,
            self.look,
            max(1, width),
            max(1, height),
            limit=limit,
            present=None if any(map(math.isnan, at)) else at,
            cursor=cursor,
        )
        return self._heat.canvas


def _limit_line(limits: tuple[float, ...], rates: tuple[float, ...], *, one_row: bool) -> list[Point]:
    """The line of the limits on the map, extended by half a place on either side; none where one is not known."""
    from tui.words.sweep_words import position

    places = [(float(at), position(rates, limit)) for at, limit in enumerate(limits) if 0 < limit < math.inf]
    if not places:
        return []
    if one_row:
        return [(places[0][1], -0.5), (places[0][1], 0.5)]
    return [(places[0][0] - 0.5, places[0][1]), *places, (places[-1][0] + 0.5, places[-1][1])]


def _wrapped(said: list[_Line], width: int) -> list[_Line]:
    """The sentences in rows of at most so many columns."""
    return [_Line(row, line.ink) for line in said if line.words for row in textwrap.wrap(line.words, max(10, width))]
