"""The cursor that goes from word to word over the screen."""

import pytest
from textual.geometry import Region
from textual.widgets import Static

from tests.tui.dashboard.test_dashboard import begin, dashboard, until
from tui.dashboard.screens.guide.word_cursor import WordCursor
from tui.dashboard.screens.help_dialog import HelpScreen
from tui.words.glossary import words_in

OTHERS = [pytest.param(size, marks=pytest.mark.thorough) for size in ((100, 30), (200, 60))]
SIZES = pytest.mark.parametrize("size", [(80, 24), (120, 40), *OTHERS])


def rows(app):
    return [strip.text for strip in app.screen._compositor.render_strips()]


def here(cursor):
    return cursor._spots[cursor._place]


async def opened(pilot, app, *keys):
    await begin(pilot)
    await until(
        pilot, lambda: "limit" in str(app.training.controls.picture) and "✛" in str(app.training.weights.picture)
    )
    await pilot.press(*(keys or ("K",)))
    await until(pilot, lambda: isinstance(app.screen, WordCursor))
    return app.screen


@SIZES
async def test_every_word_is_where_it_stands_and_is_explained_beside_it(size):
    app, _ = dashboard()
    async with app.run_test(size=size) as pilot:
        cursor = await opened(pilot, app)
        bare = [strip.text for strip in app.training._compositor.render_strips()]
        assert len(cursor._spots) > 15
        for spot in cursor._spots:
            assert bare[spot.row][spot.column :].startswith(spot.word)
        for _ in range(0, len(cursor._spots), 7):
            await pilot.press(*["tab"] * 7)
            await pilot.pause()
            spot, box = here(cursor), cursor.query_one(".beside")
            assert str(box.border_title) == spot.entry.term
            assert cursor.region.contains_region(box.region)
            assert box.max_scroll_y == 0  # all of the entry is seen
            lit = cursor.query_one("#word", Static).region
            assert lit == Region(spot.column, spot.row, len(spot.word), 1)
            assert not lit.overlaps(box.region)


async def test_words_of_the_borders_are_among_them():
    app, _ = dashboard()
    async with app.run_test(size=(120, 40)) as pilot:
        cursor = await opened(pilot, app)
        loss = app.training.loss.region
        on_loss = {spot.entry.term for spot in cursor._spots if loss.contains(spot.column, spot.row)}
        assert {"loss", "step", "log"} <= on_loss  # `Loss` above, `log · updates` below
        rows_of = {spot.row for spot in cursor._spots}
        assert {loss.y, loss.bottom - 1} <= rows_of


async def test_arrows_go_to_what_lies_in_their_direction():
    app, _ = dashboard()
    async with app.run_test(size=(120, 40)) as pilot:
        cursor = await opened(pilot, app)
        seen = [here(cursor)]
        for key in ("down", "right", "down", "left", "up"):
            await pilot.press(key)
            await pilot.pause()
            seen.append(here(cursor))
        first, below, right, lower, left, up = seen
        assert first.row < below.row
        assert (right.row, right.column > below.column) == (below.row, True)
        assert lower.row > right.row
        assert (left.row, left.column < lower.column) == (lower.row, True) or left.row < lower.row
        assert up.row < left.row
        await pilot.press("tab", "shift+tab")
        assert here(cursor) == up


async def test_it_opens_from_the_help_and_closes_and_training_waits_for_it():
    app, _ = dashboard()
    async with app.run_test(size=(80, 24)) as pilot:
        await begin(pilot)
        await pilot.press("question_mark")
        await until(pilot, lambda: isinstance(app.screen, HelpScreen))
        await until(pilot, lambda: any("tab point at a word" in row for row in rows(app)))
        await pilot.press("tab")
        await until(pilot, lambda: isinstance(app.screen, WordCursor))
        await pilot.resize_terminal(120, 40)
        await until(pilot, lambda: app.screen.size.width == 120)
        await pilot.pause()
        bare = [strip.text for strip in app.training._compositor.render_strips()]
        assert all(bare[spot.row][spot.column :].startswith(spot.word) for spot in app.screen._spots)
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is app.training)


def test_of_labels_that_overlap_the_longest_counts():
    found = [(start, word) for start, word, _ in words_in("batch gradient norm 3.1 · noise floor")]
    assert found == [(0, "batch gradient norm"), (26, "noise floor")]


async def test_from_the_help_before_there_is_a_word_it_is_refused_in_words(monkeypatch):
    app, _ = dashboard()
    async with app.run_test(size=(120, 40)) as pilot:
        await begin(pilot)
        monkeypatch.setattr(app.training, "spots", list)
        await pilot.press("question_mark")
        await until(pilot, lambda: isinstance(app.screen, HelpScreen))
        await pilot.press("tab")
        await until(
            pilot, lambda: "there is no word on the screen yet" in [it.message for it in app.shown_notifications]
        )
        assert app.screen is app.training


async def test_where_no_word_is_left_it_closes_and_keys_until_then_are_no_error(monkeypatch):
    app, _ = dashboard()
    async with app.run_test(size=(120, 40)) as pilot:
        cursor = await opened(pilot, app)
        monkeypatch.setattr(cursor, "_find", list)
        cursor._look_again()  # as when the terminal has become too small for any word
        cursor._look_again()
        for key in (cursor.action_go, cursor.action_beside, cursor.action_across):
            key(1)
        await until(pilot, lambda: app.screen is app.training)
