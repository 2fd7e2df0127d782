"""The heat map, read as text."""

import itertools
import math

import numpy as np
import pytest

from tui.painting.ascii import ascii_text
from tui.painting.heat.heat_grid import HeatAxis, HeatGrid
from tui.painting.heat.heat_map import HeatMap
from tui.painting.heat.heat_maps import HeatMaps, Part
from tui.painting.heat.heat_scale import scale_of
from tui.painting.look import PLAIN, Depth, Look
from tui.painting.palette import HEATS, Ink

FEW = Look(depth=Depth.NONE)


def grid(values, *, lost=(), done=None, best=None, across=None, up=None):
    values = np.array(values, dtype=float)
    blown = np.zeros(values.shape, dtype=bool)
    for place in lost:
        blown[place] = True
    done = np.ones(values.shape, dtype=bool) if done is None else np.array(done, dtype=bool)
    across = across or tuple(str(0.1 * 2**k) for k in range(values.shape[1]))
    up = up or tuple(str(2**k) for k in range(values.shape[0]))
    axes = HeatAxis("learning rate", across), HeatAxis("batch size", up)
    return HeatGrid(*axes, values, done, blown, best, "training loss")


SMALL = grid([[2.0, 1.0, math.nan], [3.0, math.nan, math.nan]], lost=[(1, 2)], done=[[1, 1, 0], [1, 1, 1]], best=(1, 0))


def test_the_map_with_its_names_numbers_and_signs():
    assert str(HeatMap(SMALL, FEW, 50, 9).canvas).split("\n") == [
        "batch size             1 ████▓▓▓▓ 1.732 ▒▒▒▒░░░░ 3",
        "  ░░░░░░░░░░░░░░░░",
        "2 ░░░░░░ 3 ░░░░░░░       –               ×",
        "  ░░░░░░░░░░░░░░░░",
        "  ▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒███████★████████",
        "1 ▒▒▒▒▒▒ 2 ▒▒▒▒▒▒▒██████ 1 ███████       ·",
        "  ▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒████████████████",
        "         0.1             0.2             0.4",
        "★ best   × blew up   · to come       learning rate",
    ]


def test_marks_stand_where_they_belong_and_the_number_stays_readable():
    marks = {"limit": [(1.5, -0.5), (1.5, 1.5)], "limit_words": "limit", "present": (0.5, 1.0), "cursor": (0, 0)}
    assert str(HeatMap(SMALL, FEW, 60, 9, **marks).canvas).split("\n") == [
        "batch size        training loss  1 ████▓▓▓▓ 1.732 ▒▒▒▒░░░░ 3",
        "  ░░░░░░░░░░░░░░░░░░░                   ⢸",
        "2 ░░░░░░░░ 3 ░░░░░░░░◆        –         ⢸        ×",
        "  ░░░░░░░░░░░░░░░░░░░                   ⢸",
        "  [▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒]█████████★█████████⢸",
        "1 [        2        ]████████ 1 ████████⢸        ·",
        "  [▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒]███████████████████⢸",
        "          0.1                 0.2                0.4",
        "★ best   × blew up   ◆ present   ⡇ limit       learning rate",
    ]


@pytest.mark.parametrize(
    ("value", "shown"),
    [(1.0123456, "1.012"), (51.561, "51.56"), (169297.0, "1.7e5"), (26076544.0, "2.6e7"), (3.0, "3"), (2e-7, "2e-7")],
)
def test_a_number_has_as_many_digits_as_fit(value, shown):
    assert str(HeatMap(grid([[value]]), FEW, 8, 4).canvas).split("\n")[1][2:].strip("█ ") == shown


def test_with_colours_a_place_is_paper_of_its_level_and_what_blew_up_has_none():
    canvas = HeatMap(SMALL, PLAIN, 50, 9).canvas
    best, worst = canvas.paper[5, 20], canvas.paper[2, 4]
    assert (best, worst) == (Ink.PLACE_0, Ink.PLACE_0 + HEATS - 1)
    assert canvas.ink[(canvas.chars == "1") & (canvas.paper == Ink.PLACE_0)].tolist() == [Ink.ON_BRIGHT]
    assert canvas.paper[canvas.chars == "×"].tolist() == [0, 0]  # on the map, and where it is said what it means


def test_more_rows_than_lines_share_lines_as_half_blocks_and_still_more_share_places():
    many = grid(np.arange(1.0, 25.0)[:, None] * np.ones(3), up=tuple(map(str, range(24))))
    halves = HeatMap(many, PLAIN, 20, 15).canvas  # 12 lines for 24 rows
    assert "▀" in str(halves)
    few = HeatMap(many, FEW, 20, 15)
    assert [few.place_at(5, line) for line in (1, 12)] == [(0, 11), (0, 0)]  # two rows to a place


def test_of_places_that_share_one_the_best_is_shown_and_the_cross_only_where_all_are_lost():
    coarse = grid([[2.0, 1.0, math.nan, math.nan]], lost=[(0, 2), (0, 3)], best=(1, 0)).coarser(2, 9)
    assert coarse.values[0, 0] == 1.0
    assert coarse.lost.tolist() == [[False, True]]
    assert coarse.best == (0, 0)


def test_what_is_at_a_cell_is_the_place_that_is_drawn_there():
    picture = HeatMap(SMALL, PLAIN, 50, 9)
    assert picture.place_at(2, 6) == (0, 0)
    assert picture.place_at(49, 1) == (2, 1)
    assert [picture.place_at(*cell) for cell in ((1, 1), (5, 0), (5, 7), (50, 1))] == [None] * 4


@pytest.mark.parametrize("look", [PLAIN, FEW])
def test_any_size_can_be_painted(look):
    for width, height in itertools.product((0, 1, 3, 8, 21, 80), (0, 1, 2, 3, 5, 24)):
        marks = {"limit": [(0.2, -0.5), (math.nan, 0.0), (9.0, 1.5)], "present": (0.3, 4.0), "cursor": (2, 1)}
        canvas = HeatMap(SMALL, look, width, height, **marks).canvas
        assert (canvas.width, canvas.height) == (width, height)
        parts = [Part(SMALL, **marks)] * 5
        assert HeatMaps(parts, look, width, height).canvas.width == width


def test_a_scale_tells_three_decades_apart_and_the_worst_tenth_does_not_count():
    scale = scale_of(np.array([1.0, *(1 + np.geomspace(1e-4, 1, 30)), 1e9, math.inf, math.nan]))
    levels = [scale.level(value) for value in (1.0, 1.001, 1.01, 1.1, 2.0, 1e9, math.inf)]
    assert levels == sorted(levels)
    assert len(set(levels[:5])) == 5
    assert (levels[0], levels[-1], scale.beyond) == (0, HEATS - 1, True)
    assert scale.value(0.0) == 1.0
    assert scale.value(1.0) == pytest.approx(scale.most)


def test_without_values_and_with_one_there_is_a_scale():
    assert scale_of(np.array([math.inf, math.nan])).level(math.inf) == HEATS - 1
    assert [scale_of(np.array([2.0])).level(value) for value in (2.0, math.inf)] == [0, HEATS - 1]


def test_small_multiples_fill_the_room_on_one_scale():
    parts = [Part(SMALL._replace(title=f"momentum 0.{number}")) for number in range(4)]
    picture = HeatMaps(parts, FEW, 100, 24)
    text = str(picture.canvas)
    assert all(f"momentum 0.{number}" in text for number in range(4))
    assert picture.place_at(99, 1)[0] == 1
    assert "5 more maps: there is no room here" in str(HeatMaps(parts * 2, FEW, 40, 21).canvas)


def test_in_ascii_it_stays_as_wide():
    for row in HeatMap(SMALL, FEW, 60, 9, limit=[(1.5, -0.5), (1.5, 1.5)]).canvas.rows():
        assert ascii_text(row).isascii()
        assert len(ascii_text(row)) == 60


def test_colours_have_a_key_as_soon_as_there_is_a_number():
    nothing = grid([[math.nan, math.nan]], done=[[0, 0]])
    assert str(HeatMap(nothing, FEW, 60, 9).canvas).split("\n")[0].split() == ["batch", "size", "training", "loss"]
