"""What the presets say that fit a line and show learning rates."""

from __future__ import annotations

import numpy as np

from engine.probes import angle
from tests.scenarios.claims.claimed_runs import (
    angles,
    at,
    earns,
    file,
    hovering,
    limits,
    predicted_excess,
    pressed,
    score,
    stands,
    trained,
)
from tests.scenarios.claims.said import MOST, asks, exactly, number, press, says, shows, titled, true


def too_slow(steps, seed=0, **knobs):
    return trained("too-slow", steps, *at(0, **knobs), seed=seed)


def epoch_angle(seed):
    way = too_slow(8, seed)
    return angle(way.weights[8] - way.weights[0], -way.objective.gradient(way.weights[0]))


TOO_SLOW = (
    titled("Too slow"),
    says(
        "A learning rate of 0.02: safe, straight, and in no hurry at all.",
        true("0.02", lambda: file("too-slow").training.learning_rate == 0.02),
        number("detour of 100 steps", lambda seed: too_slow(100, seed).detour, 1, 1.1),
        number("steps to the goal", lambda seed: score("too-slow", seed=seed), 50, np.inf),
    ),
    says(
        "A small learning rate makes small steps. Each minibatch points a little wrong, but it hardly moves the "
        "weights, "
        "and the errors of many cancel out.",
        exactly("median degrees of a minibatch off the true gradient", lambda: np.median(angles("too-slow")), 2, 20),
        number("degrees of the first epoch's way off it", epoch_angle, 0, 1),
        number("largest step over the way to go", lambda seed: too_slow(8, seed).strides.max() / 5, 0, 0.08),
    ),
    says(
        "But the way is long, and the gauge shows how little of the limit is used: about 2 %.",
        exactly("learning rate over the limit", lambda: 0.02 / limits("too-slow")[1], 0.015, 0.025),
    ),
    press(
        says(
            "- **↑** until the gauge says half. A bowl like this one is crossed in a few steps then.",
            exactly("0.5 over the limit", lambda: pressed(0.02, 4) / limits("too-slow")[1], 0.45, 0.6),
            number(
                "first step with a loss of 1.1 at 0.5", lambda s: too_slow(100, s, learning_rate=0.5).first(1.1), 1, 5
            ),
        ),
        up="learning-rate-up",
    ),
    press(
        says(
            "- Close to the minimum large steps only follow the noise: **↓** again.",
            number(
                "excess at 0.5 over that at 0.1",
                hovering("too-slow", 100, 1000, of={"learning_rate": 0.5}, over={"learning_rate": 0.1}),
                3,
                np.inf,
            ),
        ),
        down="learning-rate-down",
    ),
    says("searched by hand over learning rates and batch sizes", earns("too-slow")),
)


def brisk(steps, seed=0):
    return trained("brisk", steps, seed=seed)


BRISK = (
    titled("Brisk"),
    says(
        "A learning rate of 0.2 is there in ten steps,",
        number("loss after ten steps over the lowest", lambda s: brisk(10, s).losses[-1] / brisk(10, s).lowest, 1, 1.1),
    ),
    says(
        "and then does not come to rest.",
        number("excess of steps 100 to 1,000", lambda seed: brisk(1000, seed).excess(100), 0.003, 0.1),
    ),
    says(
        "Brisk means fast: the learning rate is ten times that of *Too slow*, and the bottom is reached almost at "
        "once.",
        true("0.2 = 10 × 0.02", lambda: file("brisk").training.learning_rate == 0.2 == 10 * 0.02),
    ),
    says(
        "But look at the loss afterwards: it stays at a noise floor, above the best possible one. Every step still "
        "follows "
        "its own 32 points, and at this rate their noise keeps the weights moving for as long as training goes "
        "on.",
        number(
            "excess of steps 4,000 to 5,000 over that of 100 to 1,000",
            lambda seed: brisk(5000, seed).excess(4000) / brisk(5000, seed).excess(100, 1000),
            0.8,
            1.25,
        ),
        stands("brisk", 1000, "noise floor"),
    ),
    press(
        says(
            "- **↓** once the bottom is reached: the noise floor sinks with the learning rate.",
            number(
                "excess at 0.1 over that at 0.2",
                hovering("brisk", 100, 1000, of={"learning_rate": 0.1}, over={}),
                0,
                0.6,
            ),
        ),
        down="learning-rate-down",
    ),
    press(
        says(
            "- Or **→**: larger batches have less noise.",
            number(
                "excess with batches of 64 over that of 32",
                hovering("brisk", 100, 1000, of={"batch_size": 64}, over={}),
                0,
                0.7,
            ),
        ),
        right="batch-size-up",
    ),
    press(shows("- **u** takes a change back, so try both from the same place."), u="undo"),
    says("searched by hand over learning rates and batch sizes", earns("brisk")),
)


def past(steps, seed=0):
    return trained("past-the-edge", steps, seed=seed)


def flares(seed):
    """Times that the loss comes from below the median to above ten medians."""
    losses = past(1000, seed).losses
    high, low = losses > 10 * np.median(losses), losses < np.median(losses)
    marks = np.where(high, 1, np.where(low, -1, 0))
    marks = marks[marks != 0]
    return np.count_nonzero(np.diff(marks) == 2)


PAST_THE_EDGE = (
    titled("Past the edge"),
    says(
        "A learning rate of 1.0: nearly every step jumps across the valley,",
        true("1.0", lambda: file("past-the-edge").training.learning_rate == 1),
        number("share of 1,000 steps that do", lambda seed: past(1000, seed).jumps, 0.95, 1),
    ),
    says(
        "and half of them land higher up.",
        number("share of them", lambda seed: np.mean(np.diff(past(1000, seed).losses) > 0), 0.4, 0.65),
    ),
    says(
        "With all the data in a batch this bowl allows a learning rate of up to **0.98**; minibatches of 32 allow "
        "even less.",
        exactly("limit of the full batch", lambda: limits("past-the-edge")[0], 0.975, 0.985),
        exactly("limit of batches of 32", lambda: limits("past-the-edge")[1], 0.5, 0.97),
    ),
    says(
        "At 1.0 about every second step ends farther from the minimum than it began.",
        number("share of the steps that do", lambda seed: np.mean(np.diff(past(1000, seed).distances) > 0), 0.4, 0.65),
    ),
    says(
        "The loss does not go to infinity at once, it jumps up again and again.",
        number("flares above ten medians within 1,000 steps", flares, 3, np.inf),
        number("highest loss of 1,000 steps", lambda seed: past(1000, seed).losses.max(), 26, 1e6),
    ),
    press(
        says(
            "- **↓**, and watch the gauge leave the red.",
            exactly(
                "the next lower rate over the limit", lambda: pressed(1.0, -1) / limits("past-the-edge")[1], 0, 0.9
            ),
        ),
        down="learning-rate-down",
    ),
    press(shows("- **space** and **s** take single steps: see the weights change sides."), space="pause", s="step"),
    says("searched by hand over learning rates and batch sizes", earns("past-the-edge")),
)


def big(steps, seed=0, **knobs):
    return trained("big-and-fast", steps, *at(0, **knobs), seed=seed)


def above(training):
    return training.losses[-1] / training.lowest


def slower(seed):
    """Steps to a loss of 1 % above the lowest at 0.99, over those at half of it; at most 500."""
    level = 1.01 * big(0).lowest
    return min(big(500, seed).first(level), 500) / big(20, seed, learning_rate=0.5).first(level)


BIG_AND_FAST = (
    titled("Big and fast"),
    says(
        "Batches of 4,096 and a learning rate of 0.99: no noise to speak of, and still it swings.",
        true("4,096, 0.99", lambda: (big(0).trainer.batch_size, big(0).trainer.learning_rate) == (4096, 0.99)),
        number("share of 100 steps that jump across", lambda seed: big(100, seed).jumps, 1, 1),
    ),
    says(
        "8,192 points, half of them in every batch: the gradient is nearly exact.",
        true("8,192", lambda: big(0).trainer.num_examples == 8192),
        exactly("largest degrees off the true one at the start", lambda: angles("big-and-fast").max(), 0, 3),
    ),
    says(
        "The learning rate is 0.99, just below the limit.",
        exactly("learning rate over the limit", lambda: 0.99 / limits("big-and-fast")[1], 0.98, 1),
    ),
    says(
        "So the weights jump from one wall of the bowl to the other, and come down only slowly.",
        number("loss after 100 steps over the lowest", lambda seed: above(big(100, seed)), 1.1, 26),
    ),
    says(
        "Noise is not what is wrong here: even with all the data in every batch the jumping takes hundreds of steps "
        "to become small.",
        exactly(
            "steps to the goal with all the data", lambda: score("big-and-fast", *at(0, batch_size=8192)), 200, 400
        ),
        exactly(
            "share of 300 steps that jump across, with all the data", lambda: big(300, batch_size=8192).jumps, 1, 1
        ),
    ),
    press(
        says(
            "- **↓** makes the steps shorter. Does the way down take more of them then, or fewer?",
            true("0.5", lambda: pressed(0.99, -1) == 0.5),
            number("steps to 1 % above the lowest loss, over those at 0.5", slower, 75, 400, rate=MOST),
        ),
        down="learning-rate-down",
    ),
    press(asks("- **←**: try whether smaller batches do harm as long as the steps are large."), left="batch-size-down"),
    says("half the limit is Newton's step on a round bowl", earns("big-and-fast")),
)


def scaled(factor, seed=0, batch=None):
    """Linear scaling with both knobs times a factor, for as many examples whatever it is."""
    batch = batch or 4 * factor
    return trained("linear-scaling", 48_000 // batch, *at(0, learning_rate=0.01 * factor, batch_size=batch), seed=seed)


def scaled_floor(factor, seed=0, batch=None):
    training = scaled(factor, seed, batch)
    return training.excess(training.trainer.steps // 6)


LINEAR_SCALING = (
    titled("Linear scaling"),
    says(
        "Twice the batch, twice the learning rate: the same noise in half the steps.",
        number(
            "excess of (0.02, 8) over that of (0.01, 4)", lambda s: scaled_floor(2, s) / scaled_floor(1, s), 0.8, 1.25
        ),
        number(
            "steps to a loss of 1.1, the same two",
            lambda seed: scaled(2, seed).first(1.1) / scaled(1, seed).first(1.1),
            0.4,
            0.6,
            rate=MOST,
        ),
    ),
    says(
        "Until it fails.",
        number("loss after 375 steps of (1.28, 512)", lambda seed: scaled(128, seed, 512).losses[-1], 26, np.inf),
    ),
    says(
        "A batch of 4 and a learning rate of 0.01. Double both, and the noise floor stays where it was, while the way "
        "down "
        "takes half as many steps: what one machine does in many steps, many machines can do in few.",
        exactly(
            "predicted floor of 16 times both, over that of the start",
            lambda: (
                predicted_excess("linear-scaling", learning_rate=0.16, batch_size=64)
                / predicted_excess("linear-scaling")
            ),
            0.75,
            1.33,
        ),
        number(
            "excess of (0.08, 32) over that of (0.01, 4)", lambda s: scaled_floor(8, s) / scaled_floor(1, s), 0.75, 1.33
        ),
        number(
            "steps to a loss of 1.1, (0.04, 16) over (0.01, 4)",
            lambda seed: scaled(4, seed).first(1.1) / scaled(1, seed).first(1.1),
            0.17,
            0.33,
            rate=MOST,
        ),
    ),
    press(
        says(
            "- **→** and **↑** once: batches of 8 at 0.02.",
            true("0.02", lambda: pressed(0.01, 1) == 0.02),
        ),
        up="learning-rate-up",
        right="batch-size-up",
    ),
    press(
        asks("Then **→**, `enter`, and type `learning_rate 0.04`, and so on. Watch the dotted floor and the gauge."),
        enter="entry",
    ),
    press(
        says(
            "- **↑** alone raises the floor;",
            number(
                "excess at 0.02 over that at 0.01", lambda s: scaled_floor(2, s, 4) / scaled_floor(1, s), 1.5, np.inf
            ),
        ),
        up="learning-rate-up",
    ),
    press(
        says(
            "**→** alone lowers it, but makes no step longer.",
            number(
                "excess with batches of 8 over that of 4", lambda s: scaled_floor(1, s, 8) / scaled_floor(1, s), 0, 0.7
            ),
            number(
                "steps to a loss of 1.1, the same two",
                lambda seed: scaled(1, seed, 8).first(1.1) / scaled(1, seed).first(1.1),
                0.8,
                1.25,
                rate=MOST,
            ),
        ),
        right="batch-size-up",
    ),
    says(
        "- The rule does not hold for ever. Where does it end, and what does the gauge say there?",
        exactly("limit of batches of 4", lambda: limits("linear-scaling")[1], 0.3, 0.9),
        exactly("limit of the full batch", lambda: limits("linear-scaling", batch_size=2048)[1], 0.965, 0.975),
    ),
    says(
        "the linear scaling rule of Goyal et al. 2017, arXiv 1706.02677, up to half the limit",
        earns("linear-scaling"),
        exactly(
            "rate of the reference over the limit", lambda: 0.4 / limits("linear-scaling", batch_size=512)[1], 0.3, 0.5
        ),
    ),
)

SAID = {
    "too-slow": TOO_SLOW,
    "brisk": BRISK,
    "past-the-edge": PAST_THE_EDGE,
    "big-and-fast": BIG_AND_FAST,
    "linear-scaling": LINEAR_SCALING,
}
