"""The answers that the questions of the presets have, and what proves their reasons.

An answer is measured by the preset itself; here stands which it is whatever the seed, by its place, or in which range
what is guessed lies.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

import scenarios
from engine import probes
from scenarios.trainings.predictions import Finding, find
from tests.scenarios.claims.claimed_runs import at, limits, score, trained
from tests.scenarios.claims.said import Measure, exactly, number
from tests.scenarios.claims.said_of_lines import slopes
from tests.scenarios.claims.said_of_networks import (
    nearest_neighbour_errors,
    past_the_limit_here,
    past_the_limit_of_a_bowl,
)
from tests.scenarios.claims.said_of_real_data import still_to_go
from tests.scenarios.claims.said_of_rough_ground import hole, way_out


@dataclass(frozen=True)
class Asked:
    """The right answer of a preset's question: its place, or from where to where a guessed number lies. reasons: what
    proves the sentence on why."""

    answer: int | tuple[float, float]
    reasons: tuple[Measure, ...] = ()


def _found(name: str, seed: int) -> Finding:
    finding = find(scenarios.load(name), seed)
    assert finding is not None
    return finding


def answers(name: str, asked: Asked) -> Measure:
    """The measure of what the question's answer is."""
    if isinstance(asked.answer, tuple):
        return number("what is guessed", lambda seed: _found(name, seed).value, *asked.answer)

    def place(seed: int) -> float:
        found = _found(name, seed).answer
        return math.nan if found is None else found

    return number("place of the right answer", place, asked.answer, asked.answer)


def highest_jump(seed: int) -> float:
    """The highest training loss from step 20 on, at twenty times the learning rate, over the target."""
    return trained("too-slow", 100, *at(0, learning_rate=0.4), seed=seed).losses[20:].max() / 1.03


def smaller_share(rate: float) -> float:
    """The share of the distance that each step leaves."""
    weights = trained("back-and-forth", 10, *at(0, learning_rate=rate)).weights[:, 0]
    return weights[10] / weights[9]


def own_limit(noise_of: float) -> float:
    """The loss at 0.2 over that at 0.1, of an even bowl in theory: η/(2 − ηL)."""
    return 0.2 * (2 - 0.1 * noise_of) / (0.1 * (2 - 0.2 * noise_of))


def funnel_limit() -> float:
    trainer = trained("plateau", 30, *at(0, learning_rate=50.0), *at(10, learning_rate=0.5)).trainer
    return probes.largest_stable_learning_rate(trainer).value


def curvature(name: str) -> float:
    start = trained(name, 0).trainer
    return probes.sharpness(start.objective, start.weights).value


def training_loss_of_learners(seed: int) -> float:
    """The training loss at step 6,000 over that where the rate was lowered."""
    late, kept = (trained("tumours", 6000, *changes, seed=seed) for changes in ((), at(250, learning_rate=0.02)))
    return late.trainer.loss() / kept.trainer.loss()


ASKED: dict[str, Asked] = {
    "one-weight": Asked(0, (number("largest ratio of a slope to the one before", slopes, 0, 0.999),)),
    "line-fit": Asked(1, (exactly("lowest loss: of the noise", lambda: trained("line-fit", 0).lowest, 0.9, 1.1),)),
    "noisy-batches": Asked(0),
    "smooth-batches": Asked(1),
    "too-slow": Asked(2, (number("highest loss from step 20 on, over the target", highest_jump, 1.0001, np.inf),)),
    "brisk": Asked(0),
    "past-the-edge": Asked(1, (exactly("limit", lambda: limits("past-the-edge")[0], 0.95, 1.0),)),
    "big-and-fast": Asked(1, (exactly("limit", lambda: limits("big-and-fast")[0], 0.97, 1.03),)),
    "back-and-forth": Asked(
        1,
        (
            exactly("share of the distance that a step leaves at 1.8", lambda: smaller_share(1.8), -0.8001, -0.7999),
            exactly("the same at 0.2", lambda: smaller_share(0.2), 0.7999, 0.8001),
        ),
    ),
    "slow-down": Asked(
        0,
        (
            exactly("floor of curvature 4 at 0.2 over that at 0.1, in theory", lambda: own_limit(4.0), 2.5, 3),
            exactly("the same of curvature 1: nearly in proportion", lambda: own_limit(1.0), 2, 2.2),
        ),
    ),
    "potholes": Asked(
        (0.215, 0.225),
        (
            exactly(
                "sharpness in the hole; the bowl's is 1",
                lambda: hole(lambda t: probes.sharpness(t.objective, t.trainer.weights).value),
                5,
                20,
            ),
            number("way from the hole at 0.2", lambda seed: way_out(0.2, seed), 0, 0.12),
            number("way from the hole at 0.35", lambda seed: way_out(0.35, seed), 0.7, np.inf),
        ),
    ),
    "small-batch-escape": Asked(2, (exactly("limit", lambda: limits("small-batch-escape")[0], 0.9, 1),)),
    "ravine": Asked(1),
    "saddle": Asked(
        2,
        (
            exactly(
                "way to the side after 500 steps of full batches at three times the rate",
                lambda: abs(trained("saddle", 500, *at(0, learning_rate=0.3)).weights[:, 1]).max(),
                0,
                1e-12,
            ),
        ),
    ),
    "plateau": Asked(2, (exactly("limit in the funnel", funnel_limit, 0.5, 5),)),
    "linear-scaling": Asked(
        1, (exactly("2 over the curvature", lambda: 2 / curvature("linear-scaling"), 0.965, 0.975),)
    ),
    "edge-of-stability": Asked(
        0,
        (
            exactly("growth in 100 steps on a bowl, a tenth past its limit", past_the_limit_of_a_bowl, 1e6, np.inf),
            number("loss after the double rate here, over that before", past_the_limit_here, 0, 100, slow=True),
        ),
    ),
    "moons": Asked(
        1, (exactly("share of held-out points beside the other class", nearest_neighbour_errors, 0.01, 0.15),)
    ),
    "spirals": Asked(0),
    "fuel-economy": Asked(
        2,
        (
            number("way still to go with 2 % of the loss, over the minimum's length", still_to_go, 0.05, 0.5),
            exactly(
                "share of seeds in which 0.1 with batches of 32 holds the goal",
                lambda: np.mean([score("fuel-economy", *at(0, learning_rate=0.1), seed=s) < np.inf for s in range(3)]),
                0,
                0,
            ),
        ),
    ),
    "digits": Asked(1),
    "tumours": Asked(2, (number("training loss at 0.2 over that of the lowered", training_loss_of_learners, 0, 0.9),)),
    "your-turn": Asked(2),
}
