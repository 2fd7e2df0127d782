"""Storms of keys, sizes and garbage on a real terminal; longer ones, of all presets: `tests/benchmarks/storms.py`."""

import random

import pytest

from tests.tui import storm
from tests.tui.storm_inside import Storm


@pytest.fixture
def stormy(terminal, tmp_path):
    # One weight: what its pictures show does not depend on what they showed before, as the scale of arrows does.
    dashboard = terminal("one-weight", folder=tmp_path, columns=120, rows=40)
    return dashboard.begin()


def test_sizes_at_random_leave_no_stale_cells(stormy):
    for columns, rows in storm.sizes(random.Random(1), 25):
        stormy.resize(columns, rows)
        stormy.read(0.02)
    storm.settle(stormy)
    storm.assert_nothing_is_stale(stormy)
    stormy.press(b"q")
    assert stormy.wait() == 0


def test_a_terminal_that_moves_its_rows_when_it_gets_lower_has_no_stale_ones(stormy):
    stormy.press(b" ")
    storm.settle(stormy)
    for rows in (30, 41, 40):
        stormy.resize(120, rows)
        stormy.until_quiet()
    storm.assert_nothing_is_stale(stormy)


def test_keys_at_random_raise_nothing(stormy):
    for key in storm.keys(random.Random(2), 500):
        stormy.press(key)
        stormy.read(0.001)
    assert storm.leave(stormy) == 0


@pytest.mark.parametrize("scenario", ["line-fit", pytest.param("digits", marks=pytest.mark.thorough)])
async def test_whatever_is_done_ends_nothing_and_leaves_no_stale_cells(scenario, tmp_path):
    raging = Storm(scenario, seed=1, folder=tmp_path)
    await raging.rage(deeds=200, sizes=5)
    assert raging.checks


def test_garbage_is_borne(stormy):
    generator = random.Random(3)
    for sequence in (*storm.KITTY, *storm.ANSWERS):
        stormy.press(sequence)
    stormy.press(b"\x1b[201~\x1b\\")
    stormy.press(b"\x1b[200~" + storm.garbage(generator, 2000) + b"\x1b[201~")
    stormy.press(storm.garbage(generator, 500))
    assert storm.leave(stormy) == 0
