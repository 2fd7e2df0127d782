"""What the presets say that fit a line and show minibatch noise."""

from __future__ import annotations

from itertools import combinations

import numpy as np

from engine.probes import angle
from engine.probes.gradients import example_gradients, minibatch_gradient
from tests.scenarios.claims.claimed_runs import (
    Training,
    angles,
    at,
    earns,
    hovering,
    limits,
    predicted_excess,
    pressed,
    same_data,
    score,
    trained,
)
from tests.scenarios.claims.said import MOST, exactly, number, press, says, shows, titled, true
from tui.words.knob_steps import next_batch_size


def one_weight(steps, seed=0, **knobs):
    return trained("one-weight", steps, *at(0, **knobs), seed=seed)


def bend():
    losses = one_weight(0).objective.losses(np.linspace(-1, 3, 9)[:, None])
    return abs(np.diff(losses, 3)).max()


def step_error(seed):
    training, trainer, error = one_weight(40, seed), Training("one-weight", 0, (), seed).trainer, 0.0
    for k in range(40):
        batch = trainer.upcoming_batch()
        slope = minibatch_gradient(trainer.objective, trainer.weights, batch)
        trainer.step()
        error = max(error, abs(training.weights[k + 1] - training.weights[k] + 0.05 * slope).max(), len(batch) - 16)
    return error


def slopes(seed):
    distances = one_weight(60, seed).distances  # the slope of a bowl is in proportion
    return (distances[1:] / distances[:-1]).max()


ONE_WEIGHT = (
    titled("One weight"),
    says(
        "y = x with a single weight: the loss is a bowl,",
        true("number of weights is 1", lambda: len(one_weight(0).trainer.weights) == 1),
        exactly("third differences of the loss", bend, 0, 1e-12),
    ),
    says(
        "and training rolls into it.",
        number("distance from the minimum after 100 steps", lambda seed: one_weight(100, seed).distances[-1], 0, 0.01),
    ),
    says(
        "The model is **w·x**, the data is exactly y = x, so the best weight is 1.",
        true(
            "targets are the inputs",
            lambda: np.array_equal(one_weight(0).objective.targets, one_weight(0).objective.inputs[:, 0]),
        ),
        exactly("the minimum", lambda: one_weight(0).minimum[0], 1 - 1e-12, 1 + 1e-12),
    ),
    shows(
        "The bowl is the loss of every possible weight; the ball is where training stands, the line through it is the "
        "slope there."
    ),
    says(
        "Each step takes the slope of 16 points and moves the ball *against* it, by that slope times the learning "
        "rate.",
        number("largest error of that in 40 steps", step_error, 0, 1e-12),
    ),
    press(shows("- **↑ ↓** change the learning rate."), up="learning-rate-up", down="learning-rate-down"),
    says(
        "Somewhere below 1 the ball begins to jump from one wall to the other;",
        number("share of 20 steps that jump at 0.2", lambda seed: one_weight(20, seed, learning_rate=0.2).jumps, 0, 0),
        number("share of 6 steps that jump at 1", lambda seed: one_weight(6, seed, learning_rate=1.0).jumps, 0.65, 1),
    ),
    says(
        "at 2, well beyond the limit shown in the controls, it climbs out.",
        exactly("2 over the limit shown", lambda: 2 / limits("one-weight")[1], 1.5, 2.5),
        true("↑ leads to 2", lambda: pressed(0.05, 5) == 2),
        number(
            "distance after 20 steps over that at the start",
            lambda seed: one_weight(20, seed, learning_rate=2.0).distances[-1] / 2,
            2,
            np.inf,
        ),
    ),
    press(
        shows("- **space** pauses, **s** takes a single step, **r** trains again."), space="pause", s="step", r="again"
    ),
    says("a learning rate close to 1 divided by the curvature: how fast the slope changes", earns("one-weight")),
)


def line_fit(steps, seed=0, **knobs):
    return trained("line-fit", steps, *at(0, **knobs), seed=seed)


LINE_FIT = (
    titled("Line fit"),
    says(
        "A line through 256 noisy points: two weights, a map of the loss, and minibatch noise to see.",
        true("256 examples", lambda: len(line_fit(0).objective.targets) == 256),
        true("2 weights", lambda: len(line_fit(0).trainer.weights) == 2),
    ),
    says(
        "256 points scatter around y = 3x + 2.",
        # Standard errors of the two are 1/√256.
        exactly("distance of the best line from (3, 2)", lambda: abs(line_fit(0).minimum - [3, 2]).max(), 0, 4 / 16),
    ),
    says(
        "Two weights start at −1: **w**, how steep the line is, and **b**, its height at x = 0.",
        true("they do", lambda: line_fit(0).trainer.weights.tolist() == [-1, -1]),
    ),
    shows("The map shows the loss for every pair of them; the trajectory is where the weights have been."),
    says(
        "Every step sees only some of the points, a *minibatch*, and steps against *their* gradient, which is not "
        "quite the "
        "gradient of all the data.",
        exactly("median degrees between the two at the start", lambda: np.median(angles("line-fit")), 1, 20),
    ),
    press(
        says(
            "- **←** halves the batch size, **→** doubles it.",
            true("32 → 16, 64", lambda: [next_batch_size(32, way, 256) for way in (-1, 1)] == [16, 64]),
        ),
        left="batch-size-down",
        right="batch-size-up",
    ),
    says(
        "With 2 the trajectory is rough, with 256 it is smooth.",
        number("detour of 100 steps, batches of 2", lambda seed: line_fit(100, seed, batch_size=2).detour, 1.5, np.inf),
        number("detour of 100 steps, all data", lambda seed: line_fit(100, seed, batch_size=256).detour, 1, 1.01),
    ),
    press(
        says(
            "- **↑ ↓** change the learning rate. Small steps average the errors of the batches out; large ones do not.",
            number(
                "excess at 0.2 over that at 0.005, batches of 2",
                hovering(
                    "line-fit",
                    2000,
                    4000,
                    of={"batch_size": 2, "learning_rate": 0.2},
                    over={"batch_size": 2, "learning_rate": 0.005},
                ),
                20,
                np.inf,
            ),
        ),
        up="learning-rate-up",
        down="learning-rate-down",
    ),
    press(shows("- **r** trains again; this run stays as a ghost."), r="again"),
    says("searched by hand over learning rates and batch sizes", earns("line-fit")),
)


def noisy(steps=10_000, seed=0, **knobs):
    return trained("noisy-batches", steps, *at(0, **knobs), seed=seed)


CALMER = hovering("noisy-batches", 2000, 10_000, of={"learning_rate": 0.02}, over={})

NOISY_BATCHES = (
    titled("Noisy batches"),
    says(
        "Batches of 2: every step is a guess,",
        number(
            "median degrees off the true gradient near the minimum",
            lambda seed: np.median(angles("noisy-batches", 300, seed)),
            30,
            np.inf,
            rate=MOST,
        ),
    ),
    says(
        "and the loss never settles.",
        number(
            "spread of the loss over its mean excess, steps 8,000 to 10,000",
            lambda seed: noisy(seed=seed).losses[8000:].std() / noisy(seed=seed).excess(8000),
            0.5,
            np.inf,
        ),
    ),
    says("Its twin is smooth-batches.", true("the same data", lambda: same_data("noisy-batches", "smooth-batches"))),
    says(
        "The same line as in *Line fit*, but every step sees only **2** of the 256 points.",
        true("the same data", lambda: same_data("noisy-batches", "line-fit")),
        true("batches of 2 of 256", lambda: noisy(0).trainer.batch_size == 2 and noisy(0).trainer.num_examples == 256),
    ),
    says(
        "Each pair of points shows another way down;",
        exactly(
            "a quarter is more degrees off at the start", lambda: np.quantile(angles("noisy-batches"), 0.75), 30, 90
        ),
    ),
    says(
        "the trajectory wanders around the minimum and never comes to rest.",
        number(
            "trajectory of steps 8,000 to 10,000 over the way from the start",
            lambda seed: noisy(seed=seed).strides[8000:].sum() / noisy(seed=seed).distances[0],
            5,
            np.inf,
        ),
    ),
    says(
        "The dotted line is the *noise floor*: the height at which theory expects the loss to stay.",
        number(
            "mean excess over the predicted one",
            lambda seed: noisy(seed=seed).excess(500) / predicted_excess("noisy-batches"),
            0.8,
            1.1,
        ),
    ),
    press(
        says(
            "- **↓** shrinks the steps: the errors average out, and the floor falls.",
            number("excess at 0.02 over that at 0.05", CALMER, 0, 0.6),
        ),
        down="learning-rate-down",
    ),
    press(
        says(
            "- **→** looks at more points before each step. That calms it as well, but every step costs more examples.",
            number(
                "excess with batches of 4 over that of 2",
                hovering("noisy-batches", 2000, 10_000, of={"batch_size": 4}, over={}),
                0,
                0.7,
            ),
        ),
        right="batch-size-up",
    ),
    press(shows("- **r** trains again with the present settings; **t** compares."), r="again", t="compare"),
    says("searched by hand over learning rates and batch sizes", earns("noisy-batches")),
)


def smooth(steps, seed=0):
    return trained("smooth-batches", steps, seed=seed)


CHEAP = (*at(0, batch_size=2), *at(40, learning_rate=0.01), *at(100, learning_rate=0.002))


def calm(seed):
    return smooth(600, seed).excess(300) / noisy(600, seed).excess(300)


def pair_angles():
    """(32,640,) degrees between the gradient of a pair of the points and that of all, at the start."""
    objective, weights = smooth(0).objective, smooth(0).trainer.weights
    gradients, true_one = example_gradients(objective, weights, np.arange(256)), objective.gradient(weights)
    return np.array([angle(gradients[i] + gradients[j], true_one) for i, j in combinations(range(256), 2)])


SMOOTH_BATCHES = (
    titled("Smooth batches"),
    says(
        "Batches of 128: half of the data before every step.",
        true("128 of 256", lambda: smooth(0).trainer.batch_size == 128 == smooth(0).trainer.num_examples / 2),
    ),
    says(
        "Calm, and wasteful.",
        number("excess of steps 300 to 600 over that of its twin", calm, 0, 0.05),
        number(
            "examples to the goal over those of 2 at a time, the rate lowered on the way",
            lambda seed: score("smooth-batches", seed=seed) / score("smooth-batches", *CHEAP, seed=seed),
            5,
            np.inf,
        ),
    ),
    says("Its twin is noisy-batches.", true("the same data", lambda: same_data("smooth-batches", "noisy-batches"))),
    says(
        "Every step looks at half of the 256 points, so the trajectory runs nearly straight down and stays.",
        number("detour of 100 steps", lambda seed: smooth(100, seed).detour, 1, 1.15),
        number("excess of steps 300 to 600", lambda seed: smooth(600, seed).excess(300), 0, 0.001),
    ),
    says(
        "Only its price is wrong: a step costs **128** examples,",
        true("it does", lambda: smooth(1).trainer.examples == 128),
    ),
    says(
        "and at the beginning, far from the minimum, two of them already show the way. Half of all pairs show a way "
        "that is less than 30° from that of all 256.",
        exactly("median degrees of all pairs", lambda: np.median(pair_angles()), 20, 30),
    ),
    press(
        says(
            "- **←** makes steps cheaper. Watch how many examples it takes to lower the loss.",
            true("128 → 64", lambda: next_batch_size(128, -1, 256) == 64),
        ),
        left="batch-size-down",
    ),
    press(
        says(
            "- When the trajectory gets rough, **↓** calms it, and a step costs no more.",
            number("excess of batches of 2 at 0.02 over that at 0.05", CALMER, 0, 0.6),
        ),
        down="learning-rate-down",
    ),
    press(shows("- **n** shows the curves over examples instead of updates: that is the price."), n="x-axis"),
    says("searched by hand over learning rates and batch sizes", earns("smooth-batches")),
)

SAID = {
    "one-weight": ONE_WEIGHT,
    "line-fit": LINE_FIT,
    "noisy-batches": NOISY_BATCHES,
    "smooth-batches": SMOOTH_BATCHES,
}
