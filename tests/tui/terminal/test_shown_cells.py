"""Nothing is written that stands on the terminal already, and what is not written does stand there."""

from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console
from rich.segment import Segment
from textual._compositor import LayoutUpdate
from textual.geometry import Region
from textual.strip import Strip

from tests.tui.terminal.test_cell_update import SCREENS, SPANS, WIDTH, briefly, changes, feed, full, seen
from tui.terminal.shown_cells import ShownCells


@given(st.lists(st.tuples(SCREENS, st.one_of(st.none(), SPANS))))
def test_what_is_not_written_again_stands_there_already(updates):
    shown, sequences, expected = ShownCells(), [], [[(" ", None)] * WIDTH] * 2
    for rows, changed in [*updates, *updates[-1:]]:
        if changed is None:
            sequences.append(briefly(full(rows), shown))
            expected = [list(row) for row in rows]
        else:
            spans = sorted((y, min(a, b - 1), b) for y, a, b in changed)
            sequences.append(briefly(changes(rows, spans), shown))
            expected = [list(row) for row in expected]
            for y, first, stop in spans:
                expected[y][first:stop] = rows[y][first:stop]
    assert seen(feed(*sequences)) == seen(feed(briefly(full(expected))))


def test_a_row_that_stands_there_already_is_not_written_again_until_it_may_be_gone():
    shown = ShownCells()
    above, below, other = ([(letter, None)] * WIDTH for letter in "abc")
    assert briefly(full([above, below]), shown)
    assert briefly(full([above, below]), shown) == ""
    assert "b" not in briefly(full([other, below]), shown)
    shown.forget()
    assert "b" in briefly(full([other, below]), shown)


def row_of(*texts, width=WIDTH):
    return LayoutUpdate([[Strip([Segment(text) for text in texts], width)]], Region(0, 0, width, 1))


def test_of_a_screen_that_is_drawn_anew_only_the_cells_that_differ_are_written():
    shown = ShownCells()
    briefly(row_of("abcdefghijkl"), shown)
    assert briefly(row_of("abcDefghijKl"), shown) == "\x1b[1;4HD\x1b[6CK"
    assert briefly(row_of("abCDEfghijKl"), shown) == "\x1b[1;3HCDE"  # one move, not two
    assert briefly(row_of("abCDEfghijKl"), shown) == ""


def test_a_terminal_of_another_width_is_written_whole():
    shown = ShownCells()
    briefly(row_of("abcdefghijkl"), shown)
    wider = shown.briefly(row_of("abcdefghijklm", width=WIDTH + 1), WIDTH + 1, 1)
    assert "abcdefghijklm" in wider.render_segments(Console())
    narrower = shown.briefly(row_of("abcdefghijklm", width=WIDTH + 1), WIDTH, 1)  # Textual is a moment behind
    assert "abcdefghijklm" in narrower.render_segments(Console())


@given(st.lists(st.lists(st.sampled_from(["a", "b", "漢", "e\u0301", " "]), min_size=3, max_size=3), min_size=2))
def test_characters_that_are_wide_or_joined_of_two_are_right_after_any_change(rows):
    def update(row):
        text = "".join(row)
        strip = Strip([Segment(text)])
        return LayoutUpdate([[strip.adjust_cell_length(WIDTH)]], Region(0, 0, WIDTH, 1))

    shown = ShownCells()
    sequences = [briefly(update(row), shown) for row in rows]
    assert seen(feed(*sequences)) == seen(feed(briefly(update(rows[-1]))))


def test_what_lies_below_a_terminal_that_has_become_lower_is_not_written_over_its_last_row():
    shown = ShownCells()
    three = LayoutUpdate([[Strip([Segment(letter * WIDTH)])] for letter in "abc"], Region(0, 0, WIDTH, 3))
    sequences = [shown.briefly(three, WIDTH, 2).render_segments(Console())]
    assert seen(feed(*sequences)) == seen(feed(briefly(full([[(letter, None)] * WIDTH for letter in "ab"]))))


def test_a_character_that_joins_the_one_before_it_in_another_segment_is_written():
    shown = ShownCells()
    sequences = [briefly(row_of("ab"), shown), briefly(row_of("a", "\u0301", "b"), shown)]
    assert seen(feed(*sequences)) == seen(feed(briefly(row_of("a\u0301b"))))
