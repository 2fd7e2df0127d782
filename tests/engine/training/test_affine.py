"""Steps that are composed have the same bits however they are grouped, and the meaning of those taken one by one."""

import math
import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.model.landscape_objective import tilted
from engine.model.landscape_shapes import Quadratic, Slice
from engine.model.least_squares import LeastSquares
from engine.model.networks import Network
from engine.model.quadratic_forms import MOST_WEIGHTS
from engine.model.regularisation import Regularised
from engine.training.affine import AffineSteps
from engine.training.knobs import Knobs
from engine.training.minibatches import SAMPLINGS, to_bind
from engine.training.schedules import CONSTANT, Cosine, Exponential, Plateau
from engine.training.trainer import Trainer


def problems():
    generator = np.random.default_rng(0)
    inputs, targets = generator.standard_normal((60, 3)), generator.standard_normal(60)
    plane = LeastSquares(inputs, targets)
    return {
        "line": LeastSquares(inputs[:, :1], targets),
        "through the origin": LeastSquares(inputs[:, :1], targets, bias=False),
        "plane": plane,
        "little noise": LeastSquares(inputs[:, :1], 3 * inputs[:, 0] + 2 + 1e-6 * targets),
        "raw numbers": LeastSquares(1000 + 300 * inputs[:, :1], targets),
        "collinear": LeastSquares(inputs[:, [0, 0]], targets),
        "ridge": Regularised(plane, l2=0.1, penalised=np.array([True, True, True, False])),
        "bowl": tilted(Quadratic((1.0, 0.3), 30.0), noise=1.0, examples=50),
        "saddle": tilted(Quadratic((1.0, -0.1)), noise=0.1, examples=64),
        "one weight": tilted(Slice(Quadratic((1.0, 1.0))), noise=0.5, examples=40),
    }


PROBLEMS = problems()
CHANGES = st.one_of(
    st.tuples(st.just("learning_rate"), st.sampled_from([1e-6, 0.02, 0.05, 0.4, 5.0])),
    st.tuples(st.just("batch_size"), st.sampled_from([1, 2, 7, 16, 60, 70])),
    st.tuples(st.just("momentum"), st.sampled_from([0.0, 0.5, 0.9])),
    st.tuples(st.just("weight_decay"), st.sampled_from([0.0, 0.1])),
    st.tuples(st.just("optimizer"), st.sampled_from(["sgd", "nesterov", "adam"])),
    st.tuples(st.just("gradient_clip"), st.sampled_from([0.5, math.inf])),
    st.tuples(st.just("sampling"), st.sampled_from(SAMPLINGS)),
    st.tuples(st.just("schedule"), st.sampled_from([CONSTANT, Cosine(200), Exponential(30), Plateau(patience=1)])),
)
FLIGHTS = st.lists(st.tuples(st.integers(0, 100), CHANGES), max_size=6)


def trainer_of(problem, *, seed=3, **knobs):
    objective = PROBLEMS[problem] if isinstance(problem, str) else problem
    start = np.linspace(1.0, -0.5, len(objective.weight_names))
    return Trainer(objective, start, knobs=Knobs(**{"learning_rate": 0.02, "batch_size": 8, **knobs}), seed=seed)


def left(trainer, count=2000):
    """The bits of all that a trainer has left of its latest steps."""
    latest = trainer.history.tail(count).tobytes()
    return trainer.steps, trainer.examples, trainer.blew_up_at, trainer.weights.tobytes(), latest


@given(
    problem=st.sampled_from(sorted(PROBLEMS)),
    flight=FLIGHTS,
    groups=st.lists(st.integers(1, 40), min_size=1, max_size=5),
    looks=st.booleans(),
)
def test_the_bits_do_not_depend_on_grouping(problem, flight, groups, looks):
    whole, grouped = trainer_of(problem), trainer_of(problem)
    turn = 0
    for steps, change in [*flight, (100, ("momentum", 0.3)), (50, ("learning_rate", 0.01))]:
        whole.run(steps)
        while grouped.steps < whole.steps:
            grouped.run(min(groups[turn % len(groups)], whole.steps - grouped.steps))
            if looks:
                grouped.upcoming_batch()
            turn += 1
        for trainer in (whole, grouped):
            trainer.set_knob(*change)
    assert left(whole) == left(grouped)


@given(problem=st.sampled_from(sorted(PROBLEMS)), before=FLIGHTS, more=st.integers(0, 30), after=FLIGHTS)
def test_a_restored_trainer_goes_on_in_the_middle_of_a_block(problem, before, more, after):
    trainer, restored = trainer_of(problem), trainer_of(problem, seed=5)
    for steps, change in before:
        trainer.run(steps)
        trainer.set_knob(*change)
    trainer.run(more)
    restored.run(11)
    restored.restore(pickle.loads(pickle.dumps(trainer.checkpoint())))
    since = trainer.steps
    for each in (trainer, restored):
        for steps, change in [*after, (40, ("momentum", 0.0))]:
            each.run(steps)
            each.set_knob(*change)
    assert left(trainer, trainer.steps - since) == left(restored, restored.steps - since)


@given(change=CHANGES.filter(lambda change: change[0] not in ("sampling", "optimizer", "schedule")))
def test_a_knob_that_is_set_and_set_back_in_the_middle_of_a_block_leaves_no_trace(change):
    untouched, touched = trainer_of("line"), trainer_of("line")
    for trainer in (untouched, touched):
        trainer.run(13)
    before = touched.knobs
    touched.set_knob(*change)
    touched.knobs = before
    for trainer in (untouched, touched):
        trainer.run(100)
    assert left(untouched) == left(touched)


def one_by_one(problem, **knobs):
    """The same trainer with a clip that never clips, which takes its steps the general way."""
    return trainer_of(problem, gradient_clip=1e300, **knobs)


@pytest.mark.parametrize("problem", PROBLEMS)
@pytest.mark.parametrize("momentum", [0.0, 0.9])
@pytest.mark.parametrize("optimizer", ["sgd", "nesterov"])
@pytest.mark.parametrize("batch_size", [1, 7, 60])
def test_composed_steps_mean_the_same(problem, momentum, optimizer, batch_size):
    rate = 1e-7 if problem == "raw numbers" else 0.02
    knobs = {"learning_rate": rate, "momentum": momentum, "optimizer": optimizer, "batch_size": batch_size}
    composed, general = (make(problem, weight_decay=0.01, **knobs) for make in (trainer_of, one_by_one))
    for trainer in (composed, general):
        trainer.run(1000)
    # Numbers of about 1, a thousand roundings of 1e-16, and at batch 1 what differences of squares lose.
    scale = np.maximum(abs(general.history.tail(1000)).max(axis=1, keepdims=True), 1.0)
    np.testing.assert_allclose(
        composed.history.tail(1000) / scale, general.history.tail(1000) / scale, rtol=0, atol=1e-11
    )


@pytest.mark.parametrize("problem", PROBLEMS)
def test_these_problems_are_composed(problem, monkeypatch):
    monkeypatch.setattr(Trainer, "_advance_generally", None)
    assert trainer_of(problem, learning_rate=1e-7).run(100) == 100


@pytest.mark.parametrize(
    "objective",
    [
        LeastSquares(np.eye(9)[:, :MOST_WEIGHTS], np.ones(9)),
        LeastSquares(np.ones((3, 1)), np.ones(3), dtype=np.float32),
        LeastSquares(np.full((3, 1), np.nan), np.ones(3)),
        LeastSquares(np.arange(9.0)[:, None], np.arange(9.0) / 3 + 2),
        LeastSquares(np.arange(9.0)[:, None], np.zeros(9)),
        Network(np.ones((3, 1)), np.ones(3)),
        Regularised(PROBLEMS["line"], l1=0.1),
    ],
)
def test_what_is_not_affine_in_few_weights_has_no_forms(objective):
    assert objective.quadratic_forms() is None


@pytest.mark.parametrize("momentum", [0.0, 0.9])
@pytest.mark.parametrize("batch_size", [1, 16])
def test_a_run_blows_up_as_one_that_goes_one_by_one(momentum, batch_size):
    knobs = {"learning_rate": 3.0, "momentum": momentum, "batch_size": batch_size}
    composed, general = trainer_of("line", **knobs), one_by_one("line", **knobs)
    for trainer in (composed, general):
        trainer.run(10_000)
    assert composed.blew_up_at == general.blew_up_at is not None
    assert composed.run(1) == 0


def test_steps_that_composing_would_spoil_are_taken_one_by_one(monkeypatch):
    # x = 1000 for each example: every step multiplies the distance by 1 − 2·0.5·10⁶, two of them by 10¹².
    steep = LeastSquares(np.full((10, 1), 1000.0), np.tile([-1.0, 1.0], 5), bias=False)
    trainer = trainer_of(steep, learning_rate=0.5)
    general = one_by_one(steep, learning_rate=0.5)
    attempts = []
    advance = AffineSteps.advance
    monkeypatch.setattr(AffineSteps, "advance", lambda *those: attempts.append(those[-1]) or advance(*those))
    for each in (trainer, general):
        each.run(10)
        each.learning_rate = 1e-7
        each.run(5000)
    np.testing.assert_allclose(trainer.history.tail(5010), general.history.tail(5010), rtol=1e-9, atol=1e-300)
    assert attempts[:2] == [0, 1024]
    assert trainer.steps == 5010


@pytest.mark.parametrize("problem", PROBLEMS)
def test_forms_are_the_losses_and_gradients_of_their_minibatches(problem):
    objective, generator = PROBLEMS[problem], np.random.default_rng(1)
    forms = objective.quadratic_forms()
    sizes = np.array([1, 5, 5, 2])
    numbers = generator.integers(len(objective.examples), size=13)
    for form, batch in zip(forms.of(numbers, sizes), np.split(numbers, np.cumsum(sizes)[:-1]), strict=True):
        offset = generator.standard_normal(len(forms.centre))
        u = np.append(offset, 1.0)
        kernel_loss, kernel_norm = of_kernel(objective, forms.centre + offset, batch)
        gradient = (form[:, :-1] @ u)[:-1]
        assert 0.5 * u @ form[:, :-1] @ u == pytest.approx(kernel_loss, rel=1e-9, abs=1e-12)
        assert np.linalg.norm(gradient) == pytest.approx(kernel_norm, rel=1e-9, abs=1e-12)
        affine = form[:-1, :-2] @ (forms.centre + offset) + form[:-1, -1]
        assert gradient == pytest.approx(affine, rel=1e-9, abs=1e-9)


def of_kernel(objective, weights, batch):
    """Loss of a minibatch and length of its gradient, as the general way has them."""
    columns = len(weights) + objective.padding
    rows, gradients = np.zeros((2, 1, columns))
    rows[0, : len(weights)] = weights
    kernel = objective.kernel(rows, gradients, len(batch))
    kernel.gradient(*kernel.fetch([objective.bind(to_bind(objective, batch))]), kernel.rows[0])
    return kernel.batch_losses(np.array([float(len(batch))]))[0], np.linalg.norm(gradients[0, : len(weights)])
