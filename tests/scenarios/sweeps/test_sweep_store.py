"""The store of finished trainings: what is trained is not trained again, and no fault of the disk ends a sweep."""

import math
from dataclasses import replace

import pytest

import scenarios
from engine.training.knobs import Knobs
from scenarios.sweeps import sweep_store
from scenarios.sweeps.backends import Here
from scenarios.sweeps.sweep_map import CellResult
from scenarios.sweeps.sweep_plan import Axis, SweepPlan
from scenarios.sweeps.sweep_store import SweepStore
from scenarios.sweeps.sweeping import train_cells

PLAN = SweepPlan((Axis("learning_rate", (0.1, 0.2)),), Knobs(batch_size=256), (0, 1), 20)


@pytest.fixture(scope="module")
def scenario():
    return scenarios.load("line-fit")


@pytest.fixture
def path(tmp_path):
    return tmp_path / "data" / "sweeps.sqlite"


def opened(path, scenario, program="1"):
    return SweepStore(path, program, scenario)


def trained(path, scenario, plan=PLAN, program="1"):
    """All results, how many of them at the first call, and what was said."""
    store, calls = opened(path, scenario, program), []
    train_cells(scenario, plan, plan.cells, after=lambda results: calls.append(list(results)), store=store)
    store.close()
    return [repr(result) for call in calls for result in call], len(calls[0]), store.notices


def test_a_sweep_goes_on_with_what_is_missing(path, scenario):
    store, known = opened(path, scenario), []
    train_cells(scenario, PLAN, PLAN.cells, after=known.extend, over=lambda: bool(known), store=store)
    assert 1 <= len(known) < 4
    results, at_once, notices = trained(path, scenario)
    assert (len(results), at_once, notices) == (4, len(known), [])
    assert sorted(results) == sorted(trained(path.with_name("other"), scenario)[0])


def test_a_larger_grid_takes_what_it_shares(path, scenario):
    first, _, _ = trained(path, scenario)
    wider = replace(PLAN, axes=(Axis("learning_rate", (0.05, 0.1, 0.2)),))
    assert trained(path, scenario, wider)[1] == len(first)


@pytest.mark.parametrize(
    ("plan", "program"),
    [
        (replace(PLAN, length=21), "1"),
        (replace(PLAN, seeds=(2, 3)), "1"),
        (replace(PLAN, knobs=Knobs(batch_size=256, momentum=0.5)), "1"),
        (PLAN, "2"),
    ],
)
def test_another_training_is_none_that_is_known(path, scenario, plan, program):
    trained(path, scenario)
    store = opened(path, scenario, program)
    assert store.known(plan, plan.cells, 256) == []


def test_numbers_that_are_not_finite_come_back_as_they_were(path, scenario):
    cell = next(PLAN.cells)
    result = CellResult(cell, 3, 96, "diverged", math.inf, math.nan, math.inf, math.nan)
    store = opened(path, scenario)
    store.keep(PLAN, [result], 256)
    assert repr(store.known(PLAN, [cell], 256)) == repr([result])


def test_a_damaged_file_is_set_aside_and_said_once(path, scenario):
    path.parent.mkdir()
    path.write_bytes(b"SQLite format 3\0" + bytes(range(256)) * 40)
    results, _, notices = trained(path, scenario)
    assert len(results) == 4
    [notice] = notices
    assert "sweeps.damaged" in notice
    assert path.with_name("sweeps.damaged").exists()
    assert trained(path, scenario)[1:] == (4, [])


def test_where_nothing_can_be_stored_the_sweep_goes_on_and_it_is_said_once(path, scenario):
    path.parent.write_text("a file in place of the folder")
    results, _, [notice] = trained(path, scenario)
    assert len(results) == 4
    assert "not kept" in notice


def test_the_store_does_not_grow_without_bound(path, scenario, monkeypatch):
    monkeypatch.setattr(sweep_store, "MOST_TRAININGS", 3)
    trained(path, scenario)
    assert len(opened(path, scenario).known(PLAN, PLAN.cells, 256)) == 3


def test_what_another_kind_of_machine_has_trained_is_not_kept(path, scenario):
    class Elsewhere(Here):
        def work(self, cargo, tasks):
            return (done._replace(kind="another") for done in super().work(cargo, tasks))

    store, results = opened(path, scenario), []
    train_cells(scenario, PLAN, PLAN.cells, after=results.extend, store=store, backend=Elsewhere())
    assert len(results) == 4
    assert store.known(PLAN, PLAN.cells, 256) == []
