"""Trained models: they predict from a table's own columns what the training's model says."""

import numpy as np
import pytest

import scenarios
from scenarios.models.model_file import as_bytes, from_bytes
from tests.scenarios.models.tables import COLOURS, trained


def raw(model, inputs):
    """(N, d) the training's inputs as they stood in the table."""
    return inputs * [units.scale for units in model.feature_units] + [units.mean for units in model.feature_units]


@pytest.mark.parametrize("preset", ["line-fit", "fuel-economy", "moons", "digits", "tumours"])
def test_a_model_predicts_what_the_trainers_model_does(preset):
    scenario = scenarios.load(preset)
    trainer = scenario.trainer()
    trainer.run(30)
    model, objective = from_bytes(as_bytes(scenario.model(trainer))), trainer.objective
    inputs = raw(model, objective.inputs)
    found = model.predict({name: inputs[:, place] for place, name in enumerate(model.columns)})
    expected = objective.predict(trainer.weights, objective.inputs)
    if objective.num_classes:
        probabilities = objective.probabilities(trainer.weights, objective.inputs)
        np.testing.assert_allclose(found.probabilities, probabilities, rtol=1e-6, atol=1e-12)
        assert found.values.tolist() == [model.classes[k] for k in probabilities.argmax(axis=1)]
    else:
        np.testing.assert_allclose(found.values, expected, rtol=1e-10, atol=1e-10)


def test_a_polynomial_keeps_the_scale_of_its_powers(tmp_path):
    path = tmp_path / "wave.toml"
    path.write_text(
        'title = "T"\nsummary = "S."\nbriefing = "B."\n[objective]\nkind = "polynomial"\ndegree = 4\nl2 = 0.01\n'
        '[data]\nkind = "sine"\nexamples = 50\n[training]\nlearning_rate = 0.05\nbatch_size = 8\n'
    )
    scenario = scenarios.load(str(path))
    trainer = scenario.trainer()
    trainer.run(50)
    model = from_bytes(as_bytes(scenario.model(trainer)))
    inputs = raw(model, trainer.objective.inputs)
    expected = trainer.objective.predict(trainer.weights, trainer.objective.inputs)
    np.testing.assert_allclose(model.predict({"x": inputs[:, 0]}).values, expected, rtol=1e-9)


@pytest.mark.parametrize("scaled", [False, True])
def test_predictions_are_in_the_targets_own_units(scaled):
    model, _ = trained(scale_target=scaled)
    (value,) = model.predict({"kg": [1500.0], "colour": ["red"]}).values
    assert value == pytest.approx(5 * 1500 + 2 * 900, rel=0.02)
    assert model.target == "price"


def test_categories_are_coded_as_in_the_training():
    model, _ = trained()
    assert model.columns == {"kg": (), "colour": COLOURS}
    table = {"kg": [1500.0] * 3, "colour": list(COLOURS)}
    np.testing.assert_allclose(np.diff(model.predict(table).values), 900, rtol=0.1)


@pytest.mark.parametrize(("target", "classes"), [("cheap", ("no", "yes")), ("size", ("l", "m", "s"))])
def test_classes_have_names_and_probabilities(target, classes):
    model, _ = trained(target)
    found = model.predict({"kg": np.array([900.0, 2400.0]), "colour": ["blue", "red"]})
    assert model.classes == classes
    assert found.values.tolist() == [classes[-1], classes[0]]
    np.testing.assert_allclose(found.probabilities.sum(axis=1), 1)


def test_a_model_that_blew_up_predicts_what_is_no_number_and_no_class():
    scenario = scenarios.load("moons")
    trainer = scenario.trainer()
    trainer.run(3)
    model = scenario.model(trainer)
    for matrix in model.layers.matrices:
        matrix[:] = np.nan
    found = model.predict({"x1": [1.0], "x2": [2.0]})
    assert (found.values.tolist(), np.isnan(found.probabilities).all()) == ([""], True)


def test_no_rows_have_no_predictions():
    assert trained()[0].predict({"kg": [], "colour": []}).values.tolist() == []
    assert trained("size")[0].predict({"kg": [], "colour": []}).probabilities.shape == (0, 3)


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ({"kg": [1.0]}, "the column 'colour' is missing"),
        (
            {"kg": [1.0], "colour": ["pink"]},
            "'pink' in the column 'colour' is no category of the training",
        ),
        ({"kg": ["much"], "colour": ["red"]}, "the column 'kg' is to be of numbers: could not convert"),
        ({"kg": [1.0, 2.0], "colour": ["red"]}, "the columns have different numbers of rows: 1, 2"),
    ],
)
def test_tables_that_do_not_fit_are_refused(table, words):
    with pytest.raises(scenarios.ScenarioError, match=words):
        trained()[0].predict(table)


def test_a_landscape_is_no_model():
    scenario = scenarios.load("potholes")
    with pytest.raises(scenarios.ScenarioError, match="potholes: a landscape"):
        scenario.model(scenario.trainer())


def test_training_on_does_not_change_a_model_that_was_taken():
    scenario = scenarios.load("line-fit")
    trainer = scenario.trainer()
    model = scenario.model(trainer)
    before = model.predict({"x": [1.0]}).values.tolist()
    trainer.run(50)
    assert model.predict({"x": [1.0]}).values.tolist() == before
