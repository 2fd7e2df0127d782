"""What a screen keeps of runs, beside them: a run itself carries nothing of it."""

import gc
import weakref

import numpy as np

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
