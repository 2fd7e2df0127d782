"""What the presets say that train a network on made data."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

import scenarios
from engine import probes
from tests.scenarios.claims.claimed_runs import at, earns, file, limits, stars, trained
from tests.scenarios.claims.said import MOST, asks, exactly, number, press, says, shows, titled, true

EDGE_AT_START = 2 / 0.05


@lru_cache(maxsize=32)
def sharpnesses(every, count, *changes, seed=0):
    """(count,) of the network at the edge of stability, every so many steps."""
    run, found, pending = scenarios.load("edge-of-stability").run(seed=seed), [], list(changes)
    for _ in range(count):
        if pending and pending[0].step <= run.trainer.steps:
            run.set_knob(pending[0].knob, pending.pop(0).value)
        run.advance(every)
        found.append(probes.sharpness(run.trainer.objective, run.trainer.weights, tolerance=0.01).value)
    return np.array(found)


def late(seed):
    """(20,) the last of 12,000 steps, in units of 2 / learning rate."""
    return sharpnesses(400, 30, seed=seed)[20:] / EDGE_AT_START


def edge(steps=12_000, seed=0):
    return trained("edge-of-stability", steps, seed=seed)


@lru_cache(maxsize=32)
def rises(seed):
    """(n,) the steps of 12,000 at which the loss is higher than one before."""
    losses = edge(seed=seed).trainer.history.tail(12_000)[0]  # of all data, as the batch is
    return np.flatnonzero(np.diff(losses) > 0)


def fall(seed):
    losses = edge(seed=seed).trainer.history.tail(12_000)[0]
    return losses[-100:].mean() / losses[rises(seed)[0]]


def share_of_rises(since, until):
    return lambda seed: np.mean((rises(seed) >= since) & (rises(seed) < until)) * len(rises(seed)) / (until - since)


def first_at_edge(seed):
    return 100 * (1 + np.argmax(sharpnesses(100, 25, seed=seed) > 0.97 * EDGE_AT_START))


def after_change(rate, every, seed):
    """(10,) the last sharpnesses after the learning rate was set at step 6,000, in units of 2/0.05."""
    return sharpnesses(every, 6000 // every + 20, *at(6000, learning_rate=rate), seed=seed)[-10:] / EDGE_AT_START


def other_seed(seed):
    return abs(edge(20, seed).trainer.initial_weights - edge(20, seed + 1).trainer.initial_weights).max()


def from_the_same_weights(seed):
    """The largest difference between two runs that differ in nothing but the seed of the shuffling."""
    runs = [scenarios.load("edge-of-stability").run(seed=seed).trainer for _ in range(2)]
    runs[1].sampling = "full_batch"  # in the data's own order, instead of a shuffled one
    for trainer in runs:
        trainer.run(300)
    return abs(runs[0].weights - runs[1].weights).max()


def past_the_limit_of_a_bowl():
    return abs(trained("back-and-forth", 100, *at(0, learning_rate=2.2)).weights[-1, 0])


def past_the_limit_here(seed):
    training = trained("edge-of-stability", 8000, *at(6000, learning_rate=0.1), seed=seed)
    losses = training.trainer.history.tail(8000)[0]
    return losses[-100:].mean() / losses[5900:6000].mean()


EDGE_OF_STABILITY = (
    titled("Edge of stability"),
    says(
        "A small network on all its data: the sharpness climbs to 2/learning rate, and stays there.",
        number(
            "median sharpness of steps 8,000 to 12,000, in that unit",
            lambda seed: np.median(late(seed)),
            0.95,
            1.05,
            slow=True,
        ),
    ),
    says(
        "A tanh network learns a cubic from 20 points, all of them in every batch.",
        true("tanh", lambda: file("edge-of-stability").objective.activation == "tanh"),
        true("a cubic", lambda: file("edge-of-stability").data.degree == 3),
        true("20 of 20", lambda: edge(0).trainer.batch_size == edge(0).trainer.num_examples == 20),
    ),
    says(
        "Nothing is random here but the first weights.",
        number("largest difference that the order of the points makes, 300 steps", from_the_same_weights, 0, 1e-9),
        number("that two seeds make in the first weights", other_seed, 0.1, np.inf),
    ),
    says(
        "Watch the gauge: in about a thousand steps the sharpness grows by itself until the learning rate is **at** "
        "its "
        "limit.",
        number("first step at 97 % of it", first_at_edge, 700, 1600, rate=MOST),
    ),
    says(
        "Then the loss begins to jump: first in bursts, later at every second step.",
        number("step of the first rise", lambda seed: rises(seed)[0], 700, 1800, rate=MOST),
        number("share of rises, steps 2,000 to 3,000", share_of_rises(2000, 3000), 0, 0.2, rate=MOST),
        number("share of rises, steps 11,000 to 12,000", share_of_rises(11_000, 12_000), 0.45, 0.55, rate=MOST),
    ),
    says(
        "On a plain bowl the jumps would grow without end from here on. And here?",
        exactly("growth in 100 steps on a bowl, a tenth past its limit", past_the_limit_of_a_bowl, 1e6, np.inf),
        number("here: loss of the last 100 steps over that at the first rise", fall, 0, 0.4),
        number(
            "share of the late looks within 10 % of the edge",
            lambda seed: np.mean(abs(late(seed) - 1) < 0.1),
            0.9,
            1,
            slow=True,
        ),
    ),
    press(
        says(
            "- **↓** moves the limit away, and the sharpness climbs after it, slowly.",
            number(
                "sharpness 20,000 steps after 0.02, over that of before",
                lambda seed: after_change(0.02, 1000, seed)[-1],
                1.1,
                2.5,
                slow=True,
            ),
        ),
        down="learning-rate-down",
    ),
    press(asks("- **↑** beyond the limit: does it diverge, or does the sharpness come down?"), up="learning-rate-up"),
    press(
        says(
            "- **m**: momentum has an edge of its own.",
            exactly(
                "limit with 0.5 over that without",
                lambda: limits("edge-of-stability", momentum=0.5)[1] / limits("edge-of-stability")[1],
                1.49,
                1.51,
            ),
        ),
        m="momentum-up",
    ),
    says("searched by hand over learning rates and batch sizes", earns("edge-of-stability")),
)


def moons(steps, *changes, seed=0):
    return trained("moons", steps, *changes, seed=seed)


def line_errors():
    """The least share of wrong answers that a straight line gives, in 720 directions."""
    objective = moons(0).objective
    upper, turns = np.asarray(objective.targets) > 0.5, np.linspace(0, np.pi, 720)
    least = 1.0
    for place in (np.asarray(objective.inputs) @ np.array([np.cos(turns), np.sin(turns)])).T:
        side = upper[np.argsort(place)]
        wrong = (np.append(0, np.cumsum(side)) + np.append(np.cumsum(~side[::-1])[::-1], 0)) / len(side)
        least = min(least, wrong.min(), 1 - wrong.max())
    return least


def bend(step, seed):
    """The share of the border's function that no plane explains."""
    run = scenarios.load("moons").run(seed=seed)
    run.advance(step)
    inputs = np.asarray(run.trainer.objective.inputs, dtype=float)
    outputs = np.ravel(run.trainer.objective.outputs(run.trainer.weights, inputs))
    plane = np.column_stack([inputs, np.ones(len(inputs))])
    return (outputs - plane @ np.linalg.lstsq(plane, outputs)[0]).var() / outputs.var()


def nearest_neighbour_errors():
    run = moons(0).run
    known, asked = np.asarray(run.trainer.objective.inputs), np.asarray(run.validation.inputs)
    nearest = ((asked[:, None] - known[None]) ** 2).sum(axis=2).argmin(axis=1)
    return np.mean(np.asarray(run.trainer.objective.targets)[nearest] != run.validation.targets)


MOONS = (
    titled("Two moons"),
    says(
        "Two interleaved half circles, and a small network that bends its border around them.",
        number("share of wrong answers after 4,000 steps", lambda seed: wrong("moons", 4000, seed), 0, 0.08),
    ),
    says(
        "Two classes of points that no straight line parts.",
        exactly("least share of wrong answers of a line", line_errors, 0.05, 0.5),
    ),
    says(
        "A network with two layers of 8 draws the border;",
        true("8 and 8", lambda: tuple(file("moons").objective.hidden) == (8, 8)),
    ),
    shows("the picture shows what it would say everywhere, the colours getting paler where it is unsure."),
    says(
        "Three in ten points are held out.",
        exactly("share", lambda: len(moons(0).run.validation.targets) / 300, 0.3, 0.3),
    ),
    says(
        "- At first the border is straight: the easy part. Then it begins to bend.",
        number("what no plane explains after 100 steps", lambda seed: bend(100, seed), 0, 0.08, rate=MOST),
        number("what no plane explains after 4,000 steps", lambda seed: bend(4000, seed), 0.12, 1, rate=MOST),
        number("share of wrong answers after 100 steps", lambda seed: wrong("moons", 100, seed), 0, 0.2),
    ),
    press(asks("- **↑** and **m**: how fast can it bend before it tears?"), up="learning-rate-up", m="momentum-up"),
    press(
        shows("- **d** changes the picture, **w** shows the weights on their way."),
        d="data-picture",
        w="weights-picture",
    ),
    says("searched by hand over learning rates and batch sizes", earns("moons")),
)


def wrong(name, steps, seed):
    training = trained(name, steps, seed=seed)
    said = training.objective.predict(training.trainer.weights, training.objective.inputs)
    return np.mean((said > 0.5) != (np.asarray(training.objective.targets) > 0.5))


def spirals(seed, *changes, steps=14_000):
    return trained("spirals", steps, *changes, seed=seed)


REFERENCE = at(0, learning_rate=0.03, optimizer="adam")


def later_over_earlier(late_step, early_step):
    def ratio(seed):
        training = spirals(seed, steps=late_step)
        return training.evaluated(late_step)[0] / training.evaluated(early_step)[0]

    return ratio


def sooner(seed):
    """The steps to half the loss of plain descent over those of Adam, at the same rate."""
    level = 0.5 * spirals(seed).evaluated(500)[0]
    adam = spirals(seed, *at(0, optimizer="adam"), steps=3000)
    return min(spirals(seed).first_evaluated(level), 14_000) / adam.first_evaluated(level)


SPIRALS = (
    titled("Two spirals"),
    says(
        "Two arms wound into each other: for a long time nothing seems to happen.",
        number("loss at step 3,000 over that at 500", later_over_earlier(3000, 500), 0.9, 1.05),
    ),
    says(
        "Each arm winds around the other one and a half times.",
        exactly("turns", lambda: file("spirals").data.turns, 1.5, 1.5),
    ),
    says(
        "A network of 16 and 16 can learn it,",
        true("16 and 16", lambda: tuple(file("spirals").objective.hidden) == (16, 16)),
        number(
            "loss after 3,000 steps of the reference",
            lambda s: spirals(s, *REFERENCE, steps=3000).evaluated(3000)[0],
            0,
            0.1,
            rate=MOST,
        ),
    ),
    says(
        "but plain descent spends long on a plateau.",
        number("loss at step 3,000 over that at 500", later_over_earlier(3000, 500), 0.9, 1.05),
    ),
    says(
        "Patience is one answer: with most seeds it is worth one star.",
        number("stars of the untouched", stars("spirals"), 1, 1, rate=0.6, slow=True),
    ),
    press(
        says(
            "- **o** changes the optimizer: Adam divides each step by the size of the recent gradients.",
            number("steps to half the loss over those of Adam", sooner, 14, 70, rate=MOST, slow=True),
        ),
        o="optimizer",
    ),
    press(asks("- **m**, **↑**: how much does plain descent allow?"), m="momentum-up", up="learning-rate-up"),
    press(shows("- **+** for full speed."), plus="faster"),
    says("searched by hand over learning rates and batch sizes", earns("spirals")),
)

SAID = {"edge-of-stability": EDGE_OF_STABILITY, "moons": MOONS, "spirals": SPIRALS}
