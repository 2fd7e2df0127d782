"""The process of a sweep: it tells plan, results and end, can be held, and leaves nothing behind."""

import os
import queue
import signal
from dataclasses import replace

import msgspec
import pytest

import scenarios
from engine.training.knobs import Knobs
from scenarios.building import Parts
from scenarios.files.data_sources import CsvData
from scenarios.sweeps.background_sweep import BackgroundSweep, SweepBegun, SweepEnded, SweepResults
from scenarios.sweeps.cell_training import CellTraining

SECONDS = 60


@pytest.fixture
def short_one():
    """A scenario of a few steps."""
    scenario = scenarios.load("line-fit")
    training = msgspec.structs.replace(scenario.file.training, epochs=1)
    return replace(scenario, file=msgspec.structs.replace(scenario.file, training=training))


def news_of(scenario, **knobs):
    told = queue.SimpleQueue()
    return BackgroundSweep(scenario, Knobs(**knobs), 3, told.put), told


def test_it_tells_the_plan_with_its_limits_the_same_results_as_elsewhere_and_the_end(short_one):
    sweep, told = news_of(short_one, sampling="full_batch")
    begun = told.get(timeout=SECONDS)
    assert isinstance(begun, SweepBegun)
    assert begun.limits == pytest.approx((0.9766,), abs=1e-4)
    results = []
    while isinstance(news := told.get(timeout=SECONDS), SweepResults):
        results += news.results
    assert news == SweepEnded()
    cells = list(begun.plan.cells)
    assert {result.cell for result in results} == set(cells)
    (expected,) = CellTraining(Parts.of(short_one.file)).train(begun.plan, [results[0].cell])
    assert results[0].training_loss == expected.training_loss
    sweep.close()


@pytest.mark.skipif(not hasattr(os, "nice"), reason="no priorities here")
def test_it_takes_the_time_that_nobody_wants_waits_while_held_and_its_death_is_told(short_one):
    sweep, told = news_of(short_one)
    assert isinstance(told.get(timeout=SECONDS), SweepBegun)
    assert os.getpriority(os.PRIO_PROCESS, sweep.pid) == 19
    sweep.hold(True)
    os.kill(sweep.pid, signal.SIGKILL)
    while isinstance(news := told.get(timeout=SECONDS), SweepResults):
        pass
    assert news == SweepEnded("its process has ended")
    sweep.hold(False)  # which it does not hear any more
    sweep.close()


def test_a_table_that_is_not_there_any_more_is_told_in_words(short_one, tmp_path):
    file = msgspec.structs.replace(short_one.file, data=CsvData(path=str(tmp_path / "mine.csv")))
    sweep, told = news_of(replace(short_one, id=str(tmp_path / "mine.csv"), file=file))
    news = told.get(timeout=SECONDS)
    assert isinstance(news, SweepEnded)
    assert "mine.csv" in news.fault
    sweep.close()


def test_once_closed_it_tells_nothing_and_its_process_is_gone(short_one):
    sweep, told = news_of(short_one)
    told.get(timeout=SECONDS)
    pid = sweep.pid
    sweep.close()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
