"""What the presets say that have a quadratic bowl for a landscape."""

from __future__ import annotations

import numpy as np

from engine import probes
from engine.training.schedules import CONSTANT
from tests.scenarios.claims.claimed_runs import (
    angles,
    at,
    earns,
    file,
    hovering,
    limits,
    predicted_excess,
    score,
    stands,
    trained,
)
from tests.scenarios.claims.said import exactly, number, press, says, shows, titled, true
from tui.words.knob_steps import nearby_learning_rate, next_schedule


def swing(steps, rate=2.0):
    """(steps + 1,) the weight of back-and-forth."""
    return trained("back-and-forth", steps, *at(0, learning_rate=rate)).weights[:, 0]


def crossings(way):
    """(50,) where a step ends over where it began, at a tenth more or less than 2."""
    weights = swing(50, nearby_learning_rate(2.0, way))
    return weights[1:] / weights[:-1]


def spread_of_examples():
    return np.ptp(probes.gradient_cloud(trained("back-and-forth", 0, *at(0, batch_size=1)).trainer))


BACK_AND_FORTH = (
    titled("Back and forth"),
    says(
        "A learning rate of exactly 2/curvature: from one wall to the other, for ever.",
        true("w = ±1 in turn for 10,000 steps", lambda: np.array_equal(swing(10_000), (-1.0) ** np.arange(10_001))),
    ),
    says(
        "A plain bowl of curvature 1, no noise.",
        exactly("curvature", lambda: probes.hessian(trained("back-and-forth", 0).objective, np.ones(1))[0, 0], 1, 1),
        exactly("range of the examples' gradients", spread_of_examples, 0, 0),
    ),
    says(
        "The learning rate is exactly **2**: two divided by the curvature.",
        true("2", lambda: file("back-and-forth").training.learning_rate == 2),
    ),
    says(
        "Each step crosses the bottom and stops just as high on the other side. It neither falls nor climbs, and "
        "would go "
        "on like this for ever.",
        exactly(
            "largest sum of two neighbours in 10,000", lambda: abs(swing(10_000)[1:] + swing(10_000)[:-1]).max(), 0, 0
        ),
    ),
    press(
        says(
            "- **↓** even by a tenth (shift): now every crossing ends lower.",
            exactly("least ratio of a place to the one before", lambda: crossings(-1).min(), -0.99, 0),
            exactly("largest ratio", lambda: crossings(-1).max(), -0.99, -0.01),
        ),
        down="learning-rate-down",
    ),
    press(
        says(
            "- **↑** by a tenth: now every crossing ends higher.",
            exactly("largest ratio of a place to the one before", lambda: crossings(1).max(), -np.inf, -1.01),
        ),
        up="learning-rate-up",
    ),
    says(
        "- At 1, half the limit, a single step is enough.",
        exactly("distance after a step at 1", lambda: abs(swing(1, 1.0)[1]), 0, 0),
        exactly("the limit", lambda: limits("back-and-forth")[1], 2, 2),
    ),
    says("Newton's step, 1/curvature", earns("back-and-forth")),
)


def cloud(seed, **knobs):
    return trained("slow-down", 10_000, *at(0, **knobs), seed=seed)


HALF_RATE = hovering("slow-down", 1000, 10_000, of={"learning_rate": 0.1}, over={})
REFERENCE = (*at(30, learning_rate=0.05), *at(80, learning_rate=0.005))


def later(seed):
    return cloud(seed).excess(9000) / cloud(seed).excess(1000, 2000)


SLOW_DOWN = (
    titled("Slow down"),
    says(
        "Near the minimum a constant learning rate with small batches only wanders around.",
        number("excess of steps 9,000 to 10,000 over that of 1,000 to 2,000", later, 0.7, 1.4),
    ),
    says(
        "A tilted bowl, and batches of 4, each of which tilts it another way.",
        true("batches of 4", lambda: file("slow-down").training.batch_size == 4),
        true("noise", lambda: file("slow-down").objective.noise > 0),
    ),
    says(
        "Far out all agree;",
        exactly(
            "nine in ten are less degrees off the true gradient at the start",
            lambda: np.quantile(angles("slow-down"), 0.9),
            0,
            10,
        ),
    ),
    says(
        "near the minimum only these tilts are left, and the weights wander around in a cloud: they are at the "
        "noise floor.",
        number(
            "degrees off it, the median of ten places",
            lambda seed: np.median([angles("slow-down", 1000 + 100 * k, seed) for k in range(10)]),
            30,
            90,
        ),
        stands("slow-down", 10_000, "noise floor"),
    ),
    says(
        "The dotted line says how low this setting can get on average.",
        number(
            "mean excess over the predicted one",
            lambda seed: cloud(seed).excess(1000) / predicted_excess("slow-down"),
            0.8,
            1.1,
        ),
    ),
    says(
        "Staying longer does not help.",
        number("excess of steps 9,000 to 10,000 over that of 1,000 to 2,000", later, 0.7, 1.4),
    ),
    press(
        says(
            "- **↓** when the loss has reached its floor: a smaller cloud.",
            number("excess at 0.1 over that at 0.2", HALF_RATE, 0, 0.6),
        ),
        down="learning-rate-down",
    ),
    says(
        "Too early, and the way there takes many times as long.",
        number(
            "examples to the goal with 0.005 from the start, over those with the reference",
            lambda s: score("slow-down", *at(0, learning_rate=0.005), seed=s) / score("slow-down", *REFERENCE, seed=s),
            4,
            np.inf,
        ),
    ),
    press(
        says(
            "- **→** shrinks the cloud too, at a price in examples.",
            number(
                "excess with batches of 8 over that of 4",
                hovering("slow-down", 1000, 10_000, of={"batch_size": 8}, over={}),
                0,
                0.7,
            ),
        ),
        right="batch-size-up",
    ),
    press(
        says(
            "- **c** chooses a schedule, which lowers the learning rate by itself.",
            exactly(
                "factor of the next schedule after 1,000 steps",
                lambda: next_schedule(CONSTANT, 1000).at(1000, None),
                0,
                0.5,
            ),
        ),
        c="schedule",
    ),
    says("searched by hand over learning rates and batch sizes", earns("slow-down")),
)


def ravine(steps=233, **knobs):
    return trained("ravine", steps, *at(0, **knobs))


def curvatures():
    return np.linalg.eigvalsh(probes.hessian(ravine(0).objective, np.zeros(2)))


def along(training):
    """(2, n) the way still to go, along the valley and across it, in units of that at the start."""
    _, basis = np.linalg.eigh(probes.hessian(training.objective, np.zeros(2)))
    places = (training.weights @ basis).T
    return places / places[:, :1]


def zigzag():
    across = along(ravine())[1]
    return np.mean(across[1:21] * across[:20] < 0)


def ravine_score(momentum):
    return score("ravine", *at(0, momentum=momentum))


RAVINE = (
    titled("Ravine"),
    says(
        "A hundred times steeper across than along: zig-zag, and what momentum does about it.",
        exactly("ratio of the curvatures", lambda: curvatures()[1] / curvatures()[0], 99.99, 100.01),
    ),
    says(
        "The valley is 100 times more curved across than along.",
        exactly("ratio of the curvatures", lambda: curvatures()[1] / curvatures()[0], 99.99, 100.01),
    ),
    says(
        "The steep direction sets the limit for the learning rate, 0.02; the flat one would need fifty times that.",
        exactly("limit", lambda: limits("ravine")[1], 0.01999, 0.02001),
        exactly(
            "Newton's rate along the valley, over the limit",
            lambda: 1 / curvatures()[0] / limits("ravine")[1],
            49.9,
            50.1,
        ),
    ),
    says(
        "So plain descent zig-zags from wall to wall and crawls forward.",
        exactly("share of 20 steps that change the wall", zigzag, 1, 1),
        exactly("way along the valley that is left after 50 steps", lambda: along(ravine())[0, 50], 0.3, 1),
    ),
    press(
        says(
            "- **m** adds momentum: the zig and the zag cancel, the crawl adds up.",
            exactly(
                "steps to the goal with the first momentum, 0.5, over those without",
                lambda: ravine_score(0.5) / ravine_score(0.0),
                0,
                0.6,
            ),
            exactly(
                "way left after 50 steps with 0.5 over that without",
                lambda: along(ravine(momentum=0.5))[0, 50] / along(ravine())[0, 50],
                0,
                0.5,
            ),
        ),
        m="momentum-up",
    ),
    press(
        says(
            "- **↑** then: momentum also raises the limit, as the gauge shows.",
            exactly(
                "limit with 0.5 over that without",
                lambda: limits("ravine", momentum=0.5)[1] / limits("ravine")[1],
                1.49,
                1.51,
            ),
        ),
        up="learning-rate-up",
    ),
    press(shows("- **w** shows both weights over time, **+** trains faster."), w="weights-picture", plus="faster"),
    says(
        "near the optimum for heavy ball, Polyak 1964: rate 4/(√λ₁ + √λₙ)², momentum ((√κ − 1)/(√κ + 1))²",
        earns("ravine"),
        exactly("0.03 over that rate", lambda: 0.03 / (4 / (1 + 10) ** 2), 0.9, 1.1),
        exactly("0.7 over that momentum", lambda: 0.7 / (9 / 11) ** 2, 0.9, 1.1),
    ),
)

SAID = {"back-and-forth": BACK_AND_FORTH, "slow-down": SLOW_DOWN, "ravine": RAVINE}
