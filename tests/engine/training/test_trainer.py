import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from engine.model.least_squares import LeastSquares
from engine.model.networks import Network
from engine.training.knobs import SAMPLINGS, Knobs
from engine.training.optimizers import OPTIMIZERS
from engine.training.schedules import CONSTANT, Cosine
from engine.training.trainer import Trainer

START = np.array([-1.0, -1.0])


def one_example():
    """f(w) = w²: one example, so that every batch is the full one; the gradient is 2w."""
    return LeastSquares(np.array([[1.0]]), np.array([0.0]), bias=False)


def trainer_of(objective, *, weights=None, seed=0, **knobs):
    start = np.ones(len(objective.weight_names)) if weights is None else weights
    return Trainer(objective, start, knobs=Knobs(**knobs), seed=seed)


def recorded(trainer):
    """The bits of all that a trainer has left."""
    exact = trainer.history.tail(trainer.steps).tobytes()
    coarse = [trainer.history.window("batch_loss", 0, trainer.steps, columns).mean.tobytes() for columns in (1, 7)]
    return trainer.steps, trainer.blew_up_at, trainer.weights.tobytes(), exact, coarse


def to_rounding(expected):
    """Equal but for a few roundings of numbers of about 1: √2² is not quite 2, and products add in their order."""
    return pytest.approx(expected, rel=0, abs=2e-15)


# --- steps worked by hand ---------------------------------------------------------------------------


def test_sgd_by_hand():
    trainer = trainer_of(one_example(), learning_rate=0.25)
    trainer.step()
    assert trainer.weights == to_rounding([0.5])  # 1 − 0.25·2
    trainer.step()
    assert trainer.weights == to_rounding([0.25])  # 0.5 − 0.25·1


def test_momentum_by_hand():
    trainer = trainer_of(one_example(), learning_rate=0.25, momentum=0.5)
    trainer.step()
    assert trainer.weights == to_rounding([0.5])  # v = 2; 1 − 0.25·2
    trainer.step()
    assert trainer.weights == to_rounding([0.0])  # v = 0.5·2 + 1 = 2; 0.5 − 0.25·2
    trainer.step()
    assert trainer.weights == to_rounding([-0.25])  # v = 0.5·2 + 0 = 1; 0 − 0.25·1


def test_a_learning_rate_change_acts_at_once_on_the_whole_velocity():
    trainer = trainer_of(one_example(), learning_rate=0.25, momentum=0.5)
    trainer.step()
    trainer.learning_rate = 0.125
    trainer.step()
    assert trainer.weights == to_rounding([0.25])  # v = 0.5·2 + 1 = 2; 0.5 − 0.125·2


def test_momentum_turned_on_in_mid_run_begins_with_the_last_gradient():
    trainer = trainer_of(one_example(), learning_rate=0.25)
    trainer.run(2)
    trainer.momentum = 0.5
    trainer.step()
    assert trainer.weights == to_rounding([0.0])  # the last gradient was 1: v = 0.5·1 + 0.5 = 1; 0.25 − 0.25·1


def test_momentum_turned_off_and_on_forgets_the_earlier_velocity():
    trainer = trainer_of(one_example(), learning_rate=0.25, momentum=0.5)
    trainer.run(1)
    trainer.momentum = 0.0
    trainer.run(1)  # 0.5 − 0.25·1 = 0.25
    trainer.momentum = 0.5
    trainer.run(1)
    assert trainer.weights == to_rounding([0.0])  # v = 0.5·1 + 0.5 = 1; 0.25 − 0.25·1


def test_the_loss_is_recorded_before_the_update():
    trainer = trainer_of(one_example(), learning_rate=0.25)
    trainer.run(3)
    batch_loss, batch_gradient_norm, learning_rate, batch_size, examples, weight = trainer.history.tail(3)
    assert weight == to_rounding([1.0, 0.5, 0.25])
    assert batch_loss == to_rounding([1.0, 0.25, 0.0625])
    assert batch_gradient_norm == to_rounding([2.0, 1.0, 0.5])
    assert learning_rate.tolist() == [0.25] * 3
    assert batch_size.tolist() == [1] * 3
    assert examples.tolist() == [0, 1, 2]


def test_a_short_batch_takes_the_mean_over_its_own_examples():
    # y = 1 everywhere, x = 1: every example has the gradient −2 at w = 0, however many there are.
    trainer = trainer_of(LeastSquares(np.ones((5, 1)), np.ones(5), bias=False), weights=np.zeros(1), batch_size=3)
    trainer.learning_rate = 1e-9  # stays at 0 for all that matters here
    trainer.run(2)
    batch_loss, batch_gradient_norm, _, batch_size, *_ = trainer.history.tail(2)
    assert batch_size.tolist() == [3, 2]
    assert batch_loss == pytest.approx([1, 1])
    assert batch_gradient_norm == pytest.approx([2, 2])


def two_weights():
    """f(w) = w₁² + w₂² over two examples whose mean it is: the gradient is 2w."""
    return LeastSquares(np.sqrt(2) * np.eye(2), np.zeros(2), bias=False)


def test_a_long_gradient_is_shortened_to_the_clip_and_recorded_as_it_was():
    trainer = trainer_of(two_weights(), weights=np.array([3.0, 4.0]), batch_size=2, learning_rate=0.5)
    trainer.set_knob("gradient_clip", 2.0)
    trainer.step()
    # g = (6, 8), of length 10, is multiplied by 2/(10 + 1e-6) as torch's clip_grad_norm_ does.
    shorter = 2 / (10 + 1e-6)
    assert trainer.weights == to_rounding([3 - 0.5 * 6 * shorter, 4 - 0.5 * 8 * shorter])
    assert trainer.history.tail(1)[1] == to_rounding([10.0])


def test_a_gradient_within_the_clip_is_left_alone():
    near, far, without = (
        trainer_of(two_weights(), weights=np.array([3.0, 4.0]), batch_size=2, learning_rate=0.25, gradient_clip=clip)
        for clip in (10.1, 1e300, math.inf)
    )
    for trainer in (near, far, without):
        trainer.run(20)
    assert recorded(near) == recorded(far)
    # Without a clip steps are composed: roundings of 1e-16, some dozens of them.
    np.testing.assert_allclose(near.history.tail(20), without.history.tail(20), rtol=1e-13, atol=0)


def test_momentum_gathers_the_clipped_gradient():
    trainer = trainer_of(one_example(), learning_rate=0.25, momentum=0.5, gradient_clip=1.0)
    trainer.step()  # g = 2, clipped to 2/(2 + 1e-6)
    first = 2 / (2 + 1e-6)
    trainer.step()  # w = 1 − 0.25·first ≈ 0.75; g = 2w ≈ 1.5, clipped again
    gradient = 2 * (1 - 0.25 * first)
    second = 0.5 * first + gradient / (gradient + 1e-6)
    assert trainer.weights == to_rounding([1 - 0.25 * first - 0.25 * second])


def test_weight_decay_by_hand():
    trainer = trainer_of(one_example(), learning_rate=0.25, momentum=0.5, weight_decay=0.5)
    trainer.step()
    assert trainer.weights == to_rounding([0.375])  # v = 2 + 0.5·1; 1 − 0.25·2.5
    trainer.step()
    # v = 0.5·2.5 + 0.75 + 0.5·0.375 = 2.1875; 0.375 − 0.25·2.1875
    assert trainer.weights == to_rounding([-0.171875])


def test_a_batch_size_change_acts_in_mid_epoch():
    trainer = trainer_of(LeastSquares(np.ones((10, 1)), np.ones(10)), batch_size=4)
    trainer.run(1)
    trainer.batch_size = 5
    trainer.run(3)
    assert trainer.history.tail(4)[3].tolist() == [4, 5, 1, 5]
    assert (trainer.steps, trainer.examples, trainer.epoch) == (4, 15, 1.5)


def test_history_follows_at_most_sixteen_weights(make_plane):
    few, many = (trainer_of(make_plane(10, features)) for features in (15, 99))
    assert few.watched == list(range(16))
    assert len(many.watched) == 16
    assert {0, 99} <= set(many.watched)


# --- against a textbook loop ------------------------------------------------------------------------


@pytest.mark.parametrize("features", [1, 8])
def test_five_hundred_steps_agree_with_a_textbook_loop(make_plane, features):
    objective = make_plane(100, features)
    trainer = trainer_of(objective, batch_size=7, learning_rate=0.05)
    weights, velocity = trainer.weights, np.zeros(features + 1)
    changes = {100: ("momentum", 0.9), 200: ("batch_size", 30), 300: ("learning_rate", 0.02), 400: ("momentum", 0.0)}
    for step in range(500):
        if step in changes:
            setattr(trainer, *changes[step])
        batch = trainer.upcoming_batch()
        inputs, targets = objective.inputs[batch], objective.targets[batch]
        errors = inputs @ weights[:-1] + weights[-1] - targets
        gradient = 2 * np.append((inputs * errors[:, None]).mean(axis=0), errors.mean())
        velocity = trainer.momentum * velocity + gradient
        weights = weights - trainer.learning_rate * velocity
        trainer.step()
    # Numbers of about 1 that shrink towards the minimum: roundings of 1e-16 add up to some 500 of them.
    np.testing.assert_allclose(trainer.weights, weights, rtol=0, atol=1e-13)


@pytest.mark.parametrize("batch_size", [1, 7, 100])
def test_float32_trains_in_float32_and_stays_near_float64(batch_size):
    generator = np.random.default_rng(0)
    inputs, targets = generator.standard_normal((100, 3)), generator.standard_normal(100)
    single, double = (
        trainer_of(LeastSquares(inputs, targets, dtype=dtype), batch_size=batch_size, learning_rate=0.02, momentum=0.5)
        for dtype in (np.float32, np.float64)
    )
    for trainer in (single, double):
        trainer.run(300)
    # Each step rounds numbers of about 1 to 6e-8, and the steps before have lost all but a few tens of theirs.
    assert 0 < abs(single.weights - double.weights).max() < 1e-5
    assert (single.weights == single.weights.astype(np.float32)).all()
    np.testing.assert_allclose(single.history.tail(300), double.history.tail(300), rtol=1e-3, atol=1e-5)
    assert single.loss() == pytest.approx(double.loss(), rel=1e-5)


# --- the same bits ----------------------------------------------------------------------------------

CHANGES = st.one_of(
    st.tuples(st.just("learning_rate"), st.sampled_from([0.001, 0.05, 0.2])),
    st.tuples(st.just("batch_size"), st.integers(1, 70)),
    st.tuples(st.just("momentum"), st.sampled_from([0.0, 0.5, 0.9])),
    st.tuples(st.just("weight_decay"), st.sampled_from([0.0, 0.1])),
    st.tuples(st.just("gradient_clip"), st.sampled_from([0.5, math.inf])),
    st.tuples(st.just("sampling"), st.sampled_from(SAMPLINGS)),
    st.tuples(st.just("optimizer"), st.sampled_from(list(OPTIMIZERS))),
    st.tuples(st.just("schedule"), st.sampled_from([Cosine(200), CONSTANT])),
)


@given(
    plan=st.lists(st.tuples(st.integers(0, 300), CHANGES), max_size=5),
    groups=st.lists(st.integers(1, 90), min_size=1, max_size=5),
    features=st.integers(1, 9),
    examples=st.sampled_from([1, 5, 60, 300]),
    dtype=st.sampled_from([np.float64, np.float32]),
)
def test_the_bits_do_not_depend_on_how_steps_are_grouped(make_plane, plan, groups, features, examples, dtype):
    objective = make_plane(examples, features, dtype=dtype)
    whole, grouped = (trainer_of(objective, batch_size=16, learning_rate=0.01) for _ in range(2))
    for steps, change in [*plan, (100, ("momentum", 0.0))]:
        whole.run(steps)
        left, turn = steps, 0
        while left:
            taken = grouped.run(min(left, groups[turn % len(groups)]))
            left, turn = left - taken, turn + 1
            if not taken:  # blew up
                break
        for trainer in (whole, grouped):
            trainer.set_knob(*change)
    assert recorded(whole) == recorded(grouped)


def many_weights():
    """A network of 4,201 weights, too many for a row of the optimizer's buffers for every step."""
    random = np.random.default_rng(0)
    inputs = random.standard_normal((50, 40))
    return Network(inputs, inputs[:, 0], hidden=(100,))


@given(
    plan=st.lists(st.tuples(st.integers(0, 60), CHANGES), max_size=5),
    group=st.integers(1, 30),
)
def test_the_bits_of_many_weights_do_not_depend_on_grouping(plan, group):
    start = np.random.default_rng(1).standard_normal(4201) / 10
    whole, grouped = (trainer_of(many_weights(), weights=start, batch_size=16, learning_rate=0.01) for _ in range(2))
    for steps, change in [*plan, (50, ("momentum", 0.0))]:
        whole.run(steps)
        while grouped.steps < whole.steps:
            grouped.run(min(group, whole.steps - grouped.steps))
        rows, others = whole.checkpoint().rows[:3], grouped.checkpoint().rows[:3]  # beyond them is scratch
        assert rows.tobytes() == others.tobytes()
        for trainer in (whole, grouped):
            trainer.set_knob(*change)
    assert recorded(whole) == recorded(grouped)


def test_many_weights_that_blow_up_are_the_same_however_steps_are_grouped():
    whole, grouped = (trainer_of(many_weights(), batch_size=16, learning_rate=1e30) for _ in range(2))
    whole.run(100)
    while grouped.run(1):
        pass
    assert whole.blew_up_at is not None
    assert recorded(whole) == recorded(grouped)
    assert whole.checkpoint().rows.tobytes() == grouped.checkpoint().rows.tobytes()


@pytest.mark.parametrize("optimizer", ["sgd", "nesterov"])
@pytest.mark.parametrize("momentum", [0.0, 0.9])
@pytest.mark.parametrize("weight_decay", [0.0, 0.1])
def test_many_weights_follow_the_formula(optimizer, momentum, weight_decay):
    network = many_weights()
    weights = np.random.default_rng(1).standard_normal(4201) / 10
    knobs = {"momentum": momentum, "weight_decay": weight_decay, "optimizer": optimizer}
    trainer = trainer_of(network, weights=weights, batch_size=50, learning_rate=0.05, **knobs)
    velocity, norms = np.zeros(4201), []
    for _ in range(20):
        gradient = network.gradient(weights)
        norms.append(np.linalg.norm(gradient))
        gradient = gradient + weight_decay * weights
        velocity = momentum * velocity + gradient
        weights = weights - 0.05 * (gradient + momentum * velocity if optimizer == "nesterov" else velocity)
    assert trainer.run(20) == 20
    np.testing.assert_allclose(trainer.checkpoint().rows, [weights, velocity], rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(trainer.history.tail(20)[1], norms, rtol=1e-9)


@settings(max_examples=5)
@given(st.integers(1, 5000))
def test_the_bits_do_not_depend_on_grouping_over_many_chunks(make_line, group):
    whole, grouped = (trainer_of(make_line(9000), weights=START, batch_size=100) for _ in range(2))
    whole.run(6000)
    while grouped.steps < 6000:
        grouped.run(min(group, 6000 - grouped.steps))
    assert recorded(whole) == recorded(grouped)


def test_the_seed_decides_the_batches(make_line):
    objective = make_line()
    first, again, other = (trainer_of(objective, weights=START, seed=seed) for seed in (1, 1, 2))
    for trainer in (first, again, other):
        trainer.run(20)
    assert recorded(first) == recorded(again)
    assert recorded(first) != recorded(other)


def test_initial_weights_are_not_kept(make_line):
    weights = START.copy()
    trainer = trainer_of(make_line(), weights=weights)
    trainer.run(10)
    trainer.weights[:] = 5.0
    assert weights.tolist() == trainer.initial_weights.tolist() == [-1, -1]
    assert abs(trainer.weights).max() < 5


# --- knobs ------------------------------------------------------------------------------------------

RATES = st.floats(min_value=0, exclude_min=True, allow_infinity=False)
GARBAGE = st.one_of(
    st.floats(max_value=0.0),
    st.sampled_from([math.nan, math.inf, -math.inf, True, False, None, "0.1", b"1", 1j, (1,), [0.1]]),
    st.integers(max_value=0),
    st.text(),
)


@given(GARBAGE)
@example(10**400)
def test_an_impossible_learning_rate_is_refused(value):
    with pytest.raises(ValueError, match="learning_rate must be a finite number above 0"):
        Knobs(learning_rate=value)


@given(GARBAGE | st.floats())
def test_an_impossible_batch_size_is_refused(value):
    with pytest.raises(ValueError, match="batch_size must be a whole number of at least 1"):
        Knobs(batch_size=value)


@given(GARBAGE.filter(lambda value: value != 0 or isinstance(value, bool)) | st.floats(min_value=1) | st.integers(1))
def test_an_impossible_momentum_is_refused(value):
    with pytest.raises(ValueError, match="momentum must be at least 0 and below 1"):
        Knobs(momentum=value)


@given(RATES, st.integers(min_value=1), st.floats(0, 1, exclude_max=True))
def test_possible_knobs_are_accepted(learning_rate, batch_size, momentum):
    Knobs(learning_rate, batch_size, momentum)


def test_knobs_hold_plain_numbers_whatever_kind_was_given(make_line):
    given = {
        "learning_rate": Fraction(1, 32),
        "batch_size": np.int64(8),
        "momentum": np.float32(0.5),
        "weight_decay": 1,
        "gradient_clip": np.float64(2.0),
    }
    trainer = trainer_of(make_line(), **given)
    assert {name: type(getattr(trainer.knobs, name)) for name in given} == {
        "learning_rate": float,
        "batch_size": int,
        "momentum": float,
        "weight_decay": float,
        "gradient_clip": float,
    }
    assert trainer.knobs == Knobs(1 / 32, 8, 0.5, weight_decay=1.0, gradient_clip=2.0)
    assert trainer.run(10) == 10


@pytest.mark.parametrize(("knob", "value"), [("learning_rate", -1.0), ("batch_size", 0), ("momentum", 1.0)])
def test_a_refused_change_leaves_the_knobs(make_line, knob, value):
    trainer = trainer_of(make_line())
    with pytest.raises(ValueError, match=knob):
        setattr(trainer, knob, value)
    assert trainer.knobs == Knobs()


def test_initial_weights_must_fit_the_objective(make_line):
    with pytest.raises(ValueError, match="2 initial weights are needed"):
        trainer_of(make_line(), weights=np.zeros(3))


# --- known results ----------------------------------------------------------------------------------


@pytest.mark.parametrize("steps", [1, 10, 50])
def test_full_batch_descent_follows_the_closed_form_of_its_data(make_line, steps):
    objective, rate = make_line(), 0.05
    trainer = trainer_of(objective, weights=START, batch_size=256, learning_rate=rate)
    trainer.run(steps)
    design = np.hstack([objective.inputs, np.ones((256, 1))])
    best = np.linalg.lstsq(design, objective.targets, rcond=None)[0]
    shrink = np.linalg.matrix_power(np.eye(2) - rate * 2 / 256 * design.T @ design, steps)
    np.testing.assert_allclose(trainer.weights, best + shrink @ (START - best), rtol=0, atol=1e-13)


def test_full_batch_descent_follows_the_mean_path_of_all_draws(make_line):
    rate, draws, stops = 0.05, 200, [1, 10, 30]
    weights = np.empty((draws, len(stops), 2))
    for draw in range(draws):
        # Many examples: the mean of (I − ηH)ᵗ is off (I − 2ηI)ᵗ by the variance of H, which falls as 1/N.
        trainer = trainer_of(make_line(4096, seed=draw), weights=START, batch_size=4096, learning_rate=rate)
        for place, stop in enumerate(stops):
            trainer.run(stop - trainer.steps)
            weights[draw, place] = trainer.weights
    shrink = (1 - 2 * rate) ** np.array(stops)
    expected = np.stack([3 - 4 * shrink, 2 - 3 * shrink], axis=1)
    standard_error = weights.std(axis=0) / math.sqrt(draws)
    assert (abs(weights.mean(axis=0) - expected) < 4 * standard_error).all()
    assert standard_error.max() < 0.005  # so that the line above says something


@pytest.mark.parametrize("momentum", [0.0, 0.5, 0.9])
@pytest.mark.parametrize(("share_of_limit", "grows"), [(0.998, False), (1.002, True)])
def test_full_batch_descent_diverges_exactly_above_the_limit(make_plane, momentum, share_of_limit, grows):
    objective = make_plane(50, 4)
    design = np.hstack([objective.inputs, np.ones((50, 1))])
    values, vectors = np.linalg.eigh(2 / 50 * design.T @ design)
    limit = 2 * (1 + momentum) / values[-1]
    # Away from the minimum along the steepest direction, whose factor a step is then about ∓(1 ± 0.004).
    trainer = trainer_of(
        objective,
        weights=objective.minimum() + vectors[:, -1],
        batch_size=50,
        learning_rate=share_of_limit * limit,
        momentum=momentum,
    )
    trainer.run(2000)
    distance = np.linalg.norm(trainer.weights - objective.minimum())
    assert (distance > 100) if grows else (distance < 0.01)


# --- blowing up -------------------------------------------------------------------------------------


def test_a_run_stops_at_the_first_step_that_is_not_finite(make_line):
    trainer = trainer_of(make_line(), learning_rate=5.0)
    taken = trainer.run(10_000)
    losses, norms = trainer.history.tail(10_000)[:2]
    finite = np.isfinite(losses) & np.isfinite(norms)
    assert taken == trainer.steps == trainer.blew_up_at + 1 == len(losses)
    assert finite[:-1].all()
    assert not finite[-1]
    assert not np.isfinite(trainer.loss())


@given(st.lists(st.integers(1, 400), min_size=1, max_size=4), st.sampled_from([0.0, 0.9]))
def test_a_run_blows_up_at_the_same_step_however_grouped(make_line, groups, momentum):
    whole, grouped = (trainer_of(make_line(), learning_rate=5.0, momentum=momentum) for _ in range(2))
    whole.run(10_000)
    turn = 0
    while grouped.blew_up_at is None:
        grouped.run(groups[turn % len(groups)])
        turn += 1
    assert recorded(whole) == recorded(grouped)


def test_a_run_that_blew_up_takes_no_further_step(make_line):
    trainer = trainer_of(make_line(), learning_rate=5.0)
    trainer.run(10_000)
    before = recorded(trainer)
    assert trainer.run(10) == trainer.advance(10).steps == 0
    trainer.learning_rate, trainer.batch_size = 0.01, 4
    assert trainer.run(10) == 0
    assert recorded(trainer) == before


def test_data_with_nan_blows_up_when_its_example_is_drawn():
    inputs = np.ones((100, 1))
    inputs[70] = np.nan
    trainer = trainer_of(LeastSquares(inputs, np.ones(100)), batch_size=10)
    drawn_at = 0
    while 70 not in trainer.upcoming_batch():
        trainer.step()
        drawn_at += 1
    assert trainer.run(10) == 1
    assert trainer.blew_up_at == drawn_at


@pytest.mark.filterwarnings("error")
def test_blowing_up_is_a_result_not_a_warning(make_line):
    trainer = trainer_of(make_line(), learning_rate=5.0, momentum=0.9)
    trainer.run(10_000)
    assert math.isnan(trainer.loss()) or math.isinf(trainer.loss())


def test_steps_that_cannot_be_taken_are_refused(make_line):
    trainer = Trainer(make_line(), np.zeros(2), knobs=Knobs())
    with pytest.raises(ValueError, match="steps must be a whole number of at least 0, not -3"):
        trainer.run(-3)
    with pytest.raises(ValueError, match="steps must be at least 1, not 0"):
        trainer.advance(0)
    assert trainer.run(0) == 0
