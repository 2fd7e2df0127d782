"""The heat map, read as text."""

import math

import numpy as np

from tui.painting.heat.heat_grid import HeatAxis, HeatGrid
from tui.painting.heat.heat_map import HeatMap
from tui.painting.look import Depth, Look

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
        "2 ░░░░░3.0000░░░░░       –               ×",
        "  ░░░░░░░░░░░░░░░░",
        "  ▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒███████★████████",
        "1 ▒▒▒▒▒2.0000▒▒▒▒▒█████1.0000█████       ·",
        "  ▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒████████████████",
        "         0.1             0.2             0.4",
        "★ best   × blew up   · to come       learning rate",
    ]
