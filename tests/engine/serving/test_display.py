"""What a screen keeps of runs, beside them: a run itself carries nothing of it."""

import gc
import weakref

import numpy as np
import pytest

import scenarios
from engine import probes
from engine.runs.branching import branch
from engine.runs.run import Run
from engine.serving.display import Display
from engine.training.knobs import Knobs
from engine.training.trainer import Trainer


def test_instruments_and_maps_are_a_runs_own_and_stay(make_line):
    display = Display()
    run = Run(Trainer(make_line(), np.zeros(2), knobs=Knobs()))
    run.advance(10)
    other = branch(run, 5)
    assert display.instruments(run) is display.instruments(run) is not display.instruments(other)
    assert display.maps(run) is display.maps(run) is not display.maps(other)
    assert (display.instruments(run).read().step, display.instruments(other).read().step) == (10, 5)


def test_they_go_with_the_run(make_line):
    display = Display()
    run = Run(Trainer(make_line(), np.zeros(2), knobs=Knobs()))
    kept = weakref.ref(display.instruments(run)), weakref.ref(display.maps(run)), weakref.ref(run)
    del run
    gc.collect()
    assert [reference() for reference in kept] == [None] * 3


@pytest.mark.parametrize("drift", [1, 7, 60])
def test_a_consequence_is_read_where_the_knob_was_changed(drift):
    run, display = scenarios.load("moons").run(), Display()
    run.advance(200)
    limit = 2 / probes.sharpness(run.trainer.objective, run.trainer.weights).value
    while np.isnan(display.read(run, fresh=False, anew=True).limit.full_batch.value):
        pass
    run.set_knob("learning_rate", 40.0)
    display.note_change(run)
    run.advance(drift)  # the units die within six steps, and nothing limits the rate any more
    while (readings := display.read(run, fresh=False, anew=True)).knobs.learning_rate != 40.0:
        pass
    assert readings.step == 200
    for outlook in (readings.before, readings.outlook):
        assert outlook.limit.full_batch.value == pytest.approx(limit, rel=0.01)
