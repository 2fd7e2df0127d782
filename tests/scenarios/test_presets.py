import doctest
import pickle

import numpy as np
import pytest

import scenarios
from engine import probes
from engine.trainer import Knobs
from scenarios.datasets import auto_mpg, make
from scenarios.schema import BundledData, LineData

PRESETS = pytest.mark.parametrize("name", scenarios.preset_names())


def test_the_presets_come_in_the_order_of_a_course():
    assert scenarios.preset_names() == ["one-weight", "line-fit", "fuel-economy"]


@PRESETS
def test_a_briefing_is_short(name):
    words = [part for part in scenarios.load(name).file.briefing.split() if any(map(str.isalpha, part))]
    assert 20 <= len(words) <= 120


@PRESETS
def test_a_preset_trains(name):
    run = scenarios.load(name).run()
    before = run.trainer.loss()
    assert run.advance(50) == 50
    assert run.trainer.loss() < before


@PRESETS
def test_a_preset_starts_below_the_largest_stable_learning_rate(name):
    trainer = scenarios.load(name).trainer()
    sharpness = probes.sharpness(trainer.objective, trainer.weights)
    assert trainer.learning_rate < probes.largest_stable_learning_rate(sharpness, trainer.momentum)


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
    assert first.weights.tobytes() != other.weights.tobytes()


def test_the_example_in_the_docstring_works():
    assert doctest.testmod(scenarios) == (0, 5)


def test_training_arrives_at_the_least_squares_fit():
    trainer = scenarios.load("line-fit").trainer(seed=0, learning_rate=0.05)
    trainer.run(steps=200)
    # But for the noise of batches of 32: standard deviation √(η s²/(L(2 − ηL))) with L = 2, s² = 4·1/32.
    assert abs(trainer.weights - trainer.objective.minimum()).max() < 4 * np.sqrt(0.05 * 0.125 / (2 * 1.9))


def test_a_trainer_takes_knobs_and_refuses_others():
    trainer = scenarios.load("line-fit").trainer(batch_size=8, momentum=0.5)
    assert trainer.knobs == Knobs(0.05, 8, 0.5)
    with pytest.raises(ValueError, match="batch_size"):
        scenarios.load("line-fit").trainer(batch_size=0)
    with pytest.raises(TypeError, match="altitude"):
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
    assert run.validation_loss() == pytest.approx(run.validation.loss(best), rel=0.02)


def test_a_line_depends_on_its_description_alone():
    first, again, other = (make(LineData(examples=50, seed=seed)) for seed in (1, 1, 2))
    assert first.inputs.tobytes() == again.inputs.tobytes()
    assert first.targets.tobytes() == again.targets.tobytes()
    assert first.targets.tobytes() != other.targets.tobytes()


def test_a_line_without_noise_is_straight():
    data = make(LineData(examples=50, slope=-2, intercept=5, noise=0))
    np.testing.assert_array_equal(data.targets, -2 * data.inputs[:, 0] + 5)


def test_auto_mpg_is_the_known_data_set():
    features, inputs, targets = auto_mpg()
    assert features == (
        *("cylinders", "displacement", "horsepower", "weight", "acceleration", "year"),
        *("europe", "japan"),
    )
    assert inputs.shape == (392, 8)
    assert np.isfinite(inputs).all()
    assert np.isfinite(targets).all()
    # Sums over the 392 complete rows of cars.json in vega_datasets 0.9.0, added up with pandas.
    assert targets.sum() == pytest.approx(9190.8)
    assert inputs.sum(axis=0) == pytest.approx([2145, 76209.5, 40952, 1167213, 6092.2, 774612, 68, 79])


def test_auto_mpg_is_split_into_training_and_validation():
    data = make(BundledData(name="auto-mpg", standardise=False, validation_share=0.2))
    _, inputs, targets = auto_mpg()
    assert (len(data.targets), len(data.validation_targets)) == (314, 78)  # round(392 · 0.2) = 78
    rows = np.vstack([np.c_[data.inputs, data.targets], np.c_[data.validation_inputs, data.validation_targets]])
    assert sorted(map(tuple, rows)) == sorted(map(tuple, np.c_[inputs, targets]))


def test_standardisation_knows_the_training_part_only():
    raw, data = (
        make(BundledData(name="auto-mpg", standardise=standardise, validation_share=0.2))
        for standardise in (False, True)
    )
    np.testing.assert_allclose(data.inputs.mean(axis=0), 0, atol=1e-13)
    np.testing.assert_allclose(data.inputs.std(axis=0), 1, atol=1e-13)
    mean, deviation = raw.inputs.mean(axis=0), raw.inputs.std(axis=0)
    np.testing.assert_allclose(data.validation_inputs, (raw.validation_inputs - mean) / deviation, atol=1e-12)
    assert abs(data.validation_inputs.mean(axis=0)).max() > 0.01


def test_without_a_validation_share_every_car_trains():
    data = make(BundledData(name="auto-mpg"))
    assert (len(data.targets), len(data.validation_targets)) == (392, 0)


def test_another_seed_holds_out_other_cars():
    first, other = (make(BundledData(name="auto-mpg", validation_share=0.2, seed=seed)) for seed in (0, 1))
    assert set(first.validation_targets) != set(other.validation_targets)
