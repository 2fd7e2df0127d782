"""Single cells of a panel come from the panel; all else as Textual draws it."""

import asyncio

from rich.segment import Segment
from textual.app import App
from textual.geometry import Region
from textual.screen import ModalScreen
from textual.strip import Strip
from textual.widgets import Static

from tui.terminal import compositor
from tui.terminal.cell_update import CellUpdate, pieces_of
from tui.terminal.compositor import CellWidget


class Letters(CellWidget):
    DEFAULT_CSS = "Letters { height: 4; border: round red; }"
    asked = 0

    def render_line(self, y):
        return Strip([Segment("abcdefgh"[: self.size.width])], 8)

    def cells(self, row, start, stop, size):
        self.asked += 1
        return [Segment("abcdefgh"[start:stop])]


class Page(App[None]):
    CSS = "#over { layer: above; offset: 3 1; width: 3; height: 1; } Screen { layers: below above; }"

    def __init__(self, *, covered=False):
        super().__init__()
        self._covered = covered

    def compose(self):
        yield Letters()
        yield Static("below", id="below")
        if self._covered:
            yield Static("over", id="over")


def drawn(app, *spans, regions=()):
    """What is written where, once these cells of the panel's content and these regions of the screen have changed."""
    compositor_of_screen = app.screen._compositor
    assert isinstance(compositor_of_screen, compositor.DrawnCompositor)
    compositor_of_screen.mark(regions)
    if spans:
        compositor_of_screen.mark_cells(app.query_one(Letters), spans)
    update = compositor_of_screen.render_partial_update()
    return update, [(y, x, "".join(segment.text for segment in segments)) for y, x, segments, _ in pieces_of(update)]


async def test_cells_of_a_panel_are_asked_for_alone():
    app = Page()
    async with app.run_test(size=(10, 8)):
        panel = app.query_one(Letters)
        update, written = drawn(app, (0, 2, 4), (1, 2, 4))
        assert isinstance(update, CellUpdate)
        assert written == [(1, 3, "cd"), (2, 3, "cd")]
        assert panel.asked == 2
        assert app.screen._compositor.render_partial_update() is None


async def test_cells_that_a_smaller_panel_has_no_longer_are_left_out():
    app = Page()
    async with app.run_test(size=(10, 8)):
        assert app.query_one(Letters).content_size == (8, 2)
        _, written = drawn(app, (1, 6, 12), (1, 8, 9), (2, 2, 4))
        assert written == [(2, 7, "gh")]


async def test_what_is_no_panels_comes_with_it_from_top_to_bottom():
    app = Page()
    async with app.run_test(size=(10, 8)):
        _, written = drawn(app, (1, 0, 1), regions=[Region(0, 4, 5, 1)])
        assert written == [(2, 1, "a"), (4, 0, "below")]


async def test_a_border_and_cells_under_something_are_left_to_textual():
    app = Page()
    async with app.run_test(size=(10, 8)):
        drawn(app, regions=[Region(0, 1, 3, 1)])
        assert app.query_one(Letters).asked == 0
    app = Page(covered=True)
    async with app.run_test(size=(10, 8)):
        _, written = drawn(app, (0, 0, 6))
        assert app.query_one(Letters).asked == 0
        assert "".join(text for _, _, text in written) == "abovef"
        _, written = drawn(app, (0, 0, 1), (0, 5, 7), (1, 0, 6))
        assert written == [(1, 1, "a"), (1, 6, "fg"), (2, 1, "abcdef")]
        assert app.query_one(Letters).asked == 3


async def test_cells_are_drawn_in_the_same_turn_and_under_a_dialog_with_it():
    app = Page()
    async with app.run_test(size=(10, 8)) as pilot:
        await pilot.pause()
        panel, shown = app.query_one(Letters), []
        app._display = lambda screen, update: shown.append(update)
        panel.refresh_cells([(0, 2, 4)])
        await asyncio.sleep(0)
        assert [[piece[:2] for piece in update.pieces] for update in shown] == [[(1, 3)]]
        await app.push_screen(ModalScreen())
        shown.clear()
        panel.refresh_cells([(0, 2, 4)])
        await pilot.pause()
        assert shown


async def test_what_was_on_a_larger_screen_is_left_out():
    app = Page()
    async with app.run_test(size=(10, 8)):
        compositor_of_screen = app.screen._compositor
        compositor_of_screen.mark([Region(0, 4, 30, 9)])
        written = list(pieces_of(compositor_of_screen.render_partial_update()))
        assert [y for y, *_ in written][-1] == 7
