import doctest
import pickle
from pathlib import Path

import numpy as np
import pytest

import scenarios
from engine import probes
from engine.training.knobs import Knobs

PRESETS = pytest.mark.parametrize("name", scenarios.preset_names())


def test_every_preset_has_its_place_in_the_course():
    files = {path.stem for path in (Path(scenarios.__file__).parent / "presets").glob("*.toml")}
    assert set(scenarios.preset_names()) == files
    assert len(scenarios.preset_names()) == len(files)


@PRESETS
def test_a_briefing_is_short(name):
    words = [part for part in scenarios.load(name).file.briefing.split() if any(map(str.isalpha, part))]
    assert 20 <= len(words) <= 120


@PRESETS
def test_a_preset_trains(name):
    run = scenarios.load(name).run()
    before = run.trainer.loss()
    assert run.advance(50) == 50
    assert run.trainer.loss() < before or name == "back-and-forth"


@PRESETS
def test_a_preset_starts_below_the_largest_stable_learning_rate(name):
    trainer = scenarios.load(name).trainer()
    limit = probes.largest_stable_learning_rate(trainer).value
    assert trainer.learning_rate < limit or name in ("past-the-edge", "back-and-forth", "small-batch-escape", "saddle")


@PRESETS
def test_a_preset_crosses_the_pipe(name):
    scenario = scenarios.load(name)
    again = pickle.loads(pickle.dumps(scenario))
    assert again == scenario
    assert again.run().trainer.loss() == scenario.run().trainer.loss()


@PRESETS
def test_the_same_preset_gives_the_same_bits(name):
    first, second, other = (scenarios.load(name).trainer(seed=seed) for seed in (4, 4, 5))
    for trainer in (first, second, other):
        trainer.run(40)
    assert first.weights.tobytes() == second.weights.tobytes()
    without_noise = {
        "back-and-forth",
        "ravine",
        "plateau",
        "small-batch-escape",
        "saddle",
    }  # the seed is of nothing else
    assert first.weights.tobytes() != other.weights.tobytes() or name in without_noise


def test_the_example_in_the_docstring_works():
    assert doctest.testmod(scenarios) == (0, 5)


def test_training_arrives_at_the_least_squares_fit():
    trainer = scenarios.load("line-fit").trainer(seed=0, learning_rate=0.05)
    trainer.run(steps=200)
    # But for the noise of batches of 32: standard deviation √(η s²/(L(2 − ηL))) with L = 2, s² = 4·1/32.
    assert abs(trainer.weights - trainer.objective.minimum()).max() < 4 * np.sqrt(0.05 * 0.125 / (2 * 1.9))


@pytest.mark.parametrize("seed", range(2))
def test_a_network_that_swings_high_up_has_not_converged(seed):
    run = scenarios.load("moons").run(seed=seed)
    run.set_knob("learning_rate", 1.0)
    run.advance(2500)  # no limit is known here: what counts is that the loss goes up and down
    assert (run.status.kind, run.status.detail) == ("running", "oscillating")
    assert run.status.reason.startswith("the training loss swings between")


def test_a_trainer_takes_knobs_and_refuses_others():
    trainer = scenarios.load("line-fit").trainer(batch_size=8, momentum=0.5)
    assert trainer.knobs == Knobs(0.05, 8, 0.5)
    with pytest.raises(ValueError, match="batch_size"):
        scenarios.load("line-fit").trainer(batch_size=0)
    with pytest.raises(ValueError, match="altitude"):
        scenarios.load("line-fit").trainer(altitude=3)


def test_line_fit_is_the_classic_one():
    trainer = scenarios.load("line-fit").trainer()
    assert trainer.weights.tolist() == [-1, -1]
    # Means over 256 examples. The start: (4x + 3 + ε)² has mean 26 and variance 2·17² + 4·9·17 = 1190, so the
    # standard error is 2.2. The floor: 1, standard error √(2/256) = 0.09. The Hessian 2I: 2√(2/256) = 0.18.
    assert trainer.loss() == pytest.approx(26, abs=3 * 2.2)
    assert trainer.objective.loss(trainer.objective.minimum()) == pytest.approx(1, abs=3 * 0.09)
    assert probes.hessian(trainer.objective, trainer.weights) == pytest.approx(2 * np.eye(2), abs=3 * 0.18)


def test_one_weight_reaches_one_and_a_loss_of_zero():
    trainer = scenarios.load("one-weight").trainer()
    trainer.run(500)
    assert trainer.weights == pytest.approx([1])
    assert trainer.loss() < 1e-20


def test_fuel_economy_reaches_the_closed_form_fit():
    run = scenarios.load("fuel-economy").run()
    run.advance(run.trainer.objective.targets.size * 300 // 32)
    best = run.trainer.objective.minimum()
    assert run.trainer.validation_loss() == pytest.approx(run.validation.loss(best), rel=0.02)
