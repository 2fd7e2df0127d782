"""What the pictures of weights and data are made of."""

import pickle

import numpy as np
import pytest

from engine.model.landscape_objective import tilted, two_minima
from engine.model.landscape_shapes import Himmelblau, Potholes
from engine.model.least_squares import LeastSquares
from engine.model.networks import Network
from engine.model.regularisation import Regularised
from engine.runs.run import Run
from engine.serving.display import Display
from engine.serving.views import data_view, scene, weights_view
from engine.serving.views.data_view import DataView, RegionsRequest
from engine.serving.views.weights_view import WeightsView
from engine.training.knobs import Knobs
from engine.training.trainer import Trainer


def points(classes=2, examples=60):
    generator = np.random.default_rng(3)
    targets = np.arange(examples) % classes
    return generator.standard_normal((examples, 2)) + targets[:, None], targets.astype(float)


def classifier(classes=2, *, l2=0.0):
    inputs, targets = points(classes)
    loss = "binary_cross_entropy" if classes == 2 else "softmax_cross_entropy"
    network = Network(inputs, targets, hidden=(4,), num_outputs=1 if classes == 2 else classes, loss=loss)
    objective = Regularised(network, l2=l2) if l2 else network
    held_out = Network(inputs[:9], targets[:9], hidden=(4,), num_outputs=network.widths[-1], loss=loss)
    start = np.random.default_rng(0).standard_normal(len(network.weight_names))
    knobs = Knobs(learning_rate=0.5, batch_size=8)
    return Run(Trainer(objective, start, knobs=knobs, validation=held_out))


@pytest.mark.parametrize(("classes", "l2"), [(2, 0.0), (3, 0.0), (3, 0.01)])
def test_decision_regions_are_what_the_model_predicts_there(classes, l2):
    run = classifier(classes, l2=l2)
    run.advance(30)
    regions = data_view.capture(run, DataView(regions=RegionsRequest((-2, 3, 7), (-1, 4, 5)))).regions
    assert regions.classes.shape == regions.certainty.shape == (5, 7)
    for row, y in enumerate(np.linspace(-1, 4, 5)):
        for column, x in enumerate(np.linspace(-2, 3, 7)):
            predicted = run.trainer.objective.predict(run.trainer.weights, np.array([[x, y]]))[0]
            assert regions.classes[row, column] == (predicted > 0.5 if classes == 2 else predicted)
            if classes == 2:
                assert regions.certainty[row, column] == int(max(predicted, 1 - predicted) * 255)


def test_regions_of_weights_that_are_not_numbers_are_without_certainty():
    run = classifier()
    regions = data_view._regions(run.trainer.objective, np.full(17, np.nan), RegionsRequest((0, 1, 2), (0, 1, 2)))
    assert regions.certainty.max() == 0


@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize("part", ["training", "validation"])
def test_the_confusion_table_is_a_count_by_hand(classes, part):
    run = classifier(classes)
    run.advance(20)
    confusion = data_view.capture(run, DataView(confusion=part)).confusion
    objective = run.trainer.objective if part == "training" else run.validation
    predicted = objective.predict(run.trainer.weights, objective.inputs)
    expected = [[0] * classes for _ in range(classes)]
    for actual, guess in zip(objective.targets, predicted, strict=True):
        expected[int(actual)][int(guess > 0.5 if classes == 2 else guess)] += 1
    assert confusion.counts.tolist() == expected
    assert (confusion.part, confusion.examples) == (part, len(objective.targets))


def test_the_gradients_of_the_examples_lit_have_the_minibatchs_as_their_mean():
    generator = np.random.default_rng(0)
    objective = LeastSquares(generator.standard_normal((50, 1)), generator.standard_normal(50))
    run = Run(Trainer(objective, np.array([1.0, 2.0]), knobs=Knobs(batch_size=5)))
    picture = data_view.capture(run, DataView(gradients=True))
    now = weights_view.capture(run, Display().maps(run), WeightsView(batch_gradient=True))
    np.testing.assert_allclose(picture.gradients.mean(axis=0), now.gradient)
    np.testing.assert_allclose(picture.gradients[picture.batch].mean(axis=0), now.batch_gradient)


@pytest.mark.parametrize("objective", ["line", "two minima"])
def test_the_minibatchs_own_losses_are_the_mean_over_its_examples(objective):
    if objective == "line":
        generator = np.random.default_rng(0)
        inputs, targets = generator.standard_normal((50, 1)), generator.standard_normal(50)
        problem = LeastSquares(inputs, targets, bias=False)
    else:
        problem = two_minima(50)
    run = Run(Trainer(problem, np.array([0.7]), knobs=Knobs(batch_size=7)))
    batch = run.trainer.upcoming_batch()
    losses = weights_view.capture(run, Display().maps(run), WeightsView(batch_losses=(-1.0, 2.0, 4))).batch_losses
    if objective == "line":
        expected = [np.mean((w * inputs[batch, 0] - targets[batch]) ** 2) for w in (-1, 0, 1, 2)]
    else:
        tilt = problem.examples[batch, 0].mean()
        expected = [float(problem.surface.value(w, tilt)) for w in (-1.0, 0.0, 1.0, 2.0)]
    np.testing.assert_allclose(losses, expected)
    run.advance(1)
    assert run.trainer.history.tail(1)[0, 0] == pytest.approx(np.interp(0.7, np.linspace(-1, 2, 4), losses), abs=1.0)


@pytest.mark.parametrize(("surface", "count"), [(Himmelblau(), 4), (Potholes(), 9)])
def test_a_scene_lists_all_minima_that_are_known_the_lowest_first(surface, count):
    run = Run(Trainer(tilted(surface), np.zeros(2), knobs=Knobs()))
    shown = scene.capture(run, 1, 100)
    assert len(shown.minima) >= count
    assert (np.diff(shown.minima_losses) >= -1e-9).all()
    assert shown.minima_losses[0] == pytest.approx(0, abs=1e-9)


def test_a_scene_knows_the_classes_and_the_points():
    run = classifier(3)
    shown = scene.capture(run, 1, 20)
    assert shown.classes == ("0", "1", "2")
    assert shown.inputs.shape == (20, 2)
    assert shown.validation_inputs.shape == (9, 2)


def test_pictures_are_small_on_the_pipe():
    run = classifier(3)
    run.advance(200)
    regions = data_view.capture(run, DataView(predictions=False, regions=RegionsRequest((-2, 3, 60), (-1, 4, 48))))
    assert len(pickle.dumps(regions)) < 8 * 1024
    assert len(pickle.dumps(data_view.capture(run, DataView(predictions=False, confusion="training")))) < 2 * 1024
    assert (
        len(pickle.dumps(weights_view.capture(run, Display().maps(run), WeightsView(plane=weights_view.PlaneView()))))
        < 8 * 1024
    )
