"""PyTorch's and Keras's numbers, written down: held also where neither is installed (oracles/make_numbers.py)."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from engine.training.optimizers import OPTIMIZERS, Adaptive
from engine.training.trainer import Trainer
from tests.engine.training.oracles.problems import KEPT, PROBLEMS, SEED, TRAININGS, knobs

WRITTEN = json.loads((Path(__file__).parent / "oracles" / "numbers.json").read_text(encoding="utf-8"))
ROUNDING = {"PyTorch": 1e-11, "Keras": 1e-8}  # over 200 steps; rmsprop on a network enlarges it a thousandfold
NEGLIGIBLE = 1e-16  # as make_numbers.py has it: Keras has its ε elsewhere than PyTorch and the engine


@pytest.mark.parametrize(("problem", "optimizer"), TRAININGS)
@pytest.mark.parametrize("library", WRITTEN)
def test_two_hundred_steps_come_to_the_library_s_numbers(monkeypatch, library, problem, optimizer):
    formula = OPTIMIZERS[optimizer]
    if library.startswith("Keras") and isinstance(formula, Adaptive):
        monkeypatch.setitem(OPTIMIZERS, optimizer, replace(formula, epsilon=NEGLIGIBLE))
    written = WRITTEN[library][f"{problem} {optimizer}"]
    objective, start = PROBLEMS[problem]()
    trainer = Trainer(objective, start, knobs=knobs(optimizer), seed=SEED)
    weights, losses = [], []
    for steps in KEPT:
        trainer.run(steps - trainer.steps)
        weights.append(trainer.weights)
        losses.append(trainer.history.tail(1)[0, 0])
    tolerance = ROUNDING[library.split()[0]]
    np.testing.assert_allclose(weights, written["weights"], rtol=0, atol=tolerance)
    np.testing.assert_allclose(losses, written["losses"], rtol=0, atol=tolerance)
    assert np.linalg.norm(weights[-1] - start) > 0.1  # so that the lines above say something
