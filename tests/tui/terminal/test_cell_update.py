"""What is written for a change makes the terminal show just what a full redraw would."""

import pyte
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from textual._compositor import ChopsUpdate, LayoutUpdate
from textual.geometry import Region
from textual.strip import Strip

from tui.terminal.shown_cells import ShownCells

WIDTH = 12
STYLES = st.sampled_from(
    [
        None,
        "#ff0000",
        "bold #00ff00 on #101010",
        "dim",
        "on blue",
        "underline #112233",
        "reverse",
        "color(200) on #101010",
    ]
).map(lambda words: words and Style.parse(words))
CELLS = st.lists(st.tuples(st.sampled_from(" ab⣿"), STYLES), min_size=WIDTH, max_size=WIDTH)
SCREENS = st.tuples(CELLS, CELLS)
SPANS = st.lists(st.tuples(st.integers(0, 1), st.integers(0, WIDTH - 1), st.integers(1, WIDTH)), min_size=1, max_size=3)


def chops(rows):
    """Rows of cells as the compositor hands them over, as of two widgets side by side."""
    strips = [Strip([Segment(char, style) for char, style in row], WIDTH) for row in rows]
    return [dict(zip((0, 5), strip.divide([5, WIDTH]), strict=True)) for strip in strips]


def briefly(update, shown=None):
    return (shown or ShownCells()).briefly(update, WIDTH, 2).render_segments(Console())


def changes(rows, spans):
    return ChopsUpdate(chops(rows), spans, [[5, WIDTH]] * len(rows))


def update(rows, spans):
    return briefly(changes(rows, spans))


def full(rows):
    return LayoutUpdate([line.values() for line in chops(rows)], Region(0, 0, WIDTH, len(rows)))


def feed(*sequences):
    screen = pyte.Screen(WIDTH, 2)
    for sequence in sequences:
        pyte.Stream(screen).feed(sequence)
    return screen


def seen(screen):
    """What can be told apart on the screen: a blank's ink cannot."""
    cells = [[screen.buffer[y][x] for x in range(WIDTH)] for y in range(2)]
    plain = [(c.data, c.bg, c.fg, c.bold, c.underscore, c.reverse) for row in cells for c in row]
    return [cell if cell[0] != " " or cell[4] or cell[5] else (cell[0], cell[1]) for cell in plain]


ALL = [(0, 0, WIDTH), (1, 0, WIDTH)]


@given(st.tuples(CELLS, CELLS), st.tuples(CELLS, CELLS), SPANS)
def test_only_the_spans_change_and_they_change_as_in_a_full_redraw(before, after, spans):
    spans = sorted((y, min(a, b - 1), b) for y, a, b in spans)
    partly = feed(update(before, ALL), update(after, spans))
    mixed = [list(row) for row in before]
    for y, first, stop in spans:
        mixed[y][first:stop] = after[y][first:stop]
    assert seen(partly) == seen(feed(update(mixed, ALL)))


@given(st.tuples(CELLS, CELLS))
def test_a_full_update_shows_what_textuals_would(rows):
    textuals = full(rows).render_segments(Console(color_system="truecolor"))
    own = briefly(full(rows))
    assert seen(feed(own)) == seen(feed(update(rows, ALL))) == seen(feed(textuals))


def test_neither_moves_nor_styles_are_repeated():
    red = Style.parse("#ff0000")
    row = [("a", red), ("b", red), (" ", None), ("c", red), *[(" ", None)] * (WIDTH - 4)]
    assert update([row], [(0, 0, 4)]) == "\x1b[1;1H\x1b[38;2;255;0;0mab c\x1b[m"
    assert update([row], [(0, 1, 2), (0, 3, 4)]) == "\x1b[1;2H\x1b[38;2;255;0;0mb\x1b[1Cc\x1b[m"
