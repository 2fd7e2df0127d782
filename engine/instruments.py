"""What the dashboard shows of the probes, measured again as often as a tenth of the time allows."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from engine import probes
from engine.knobs import Knobs
from engine.probes import Measurement, Quadratic
from engine.probes.measurement import unknown
from engine.schedules import CONSTANT
from engine.trainer import Trainer

_CHEAP_SECONDS = 0.003
_SHARE = 0.1  # of the time that dear measurements may take
_TOLERANCE = 1e-3  # of the sharpness, where it comes from Lanczos: three digits are shown at most
_WORK = 5e8  # weights times examples that one sharpness may cost, so that a reading does not block for long
_FEWEST_PRODUCTS = 8
_EXAMPLES = 512  # whose gradients are taken one by one


@dataclass(frozen=True)
class Readings:
    """The probes at one step, with these knobs.

    gradient_angle: degrees, the next minibatch's gradient against the true one.
    stochastic_limit: the largest learning rate at which minibatches of the present size are stable.
    """

    step: int
    knobs: Knobs
    sharpness: Measurement
    largest_stable_learning_rate: Measurement
    stochastic_limit: Measurement
    gradient_angle: float
    gradient_spread: Measurement
    noise_scale: Measurement
    noise_floor: Measurement


class Instruments:
    """Reads the probes of one trainer, and remembers what they said. The trainer is not changed."""

    def __init__(self, trainer: Trainer, clock: Callable[[], float] = time.perf_counter) -> None:
        self._trainer, self._clock = trainer, clock
        self._latest: tuple[tuple[int, Knobs], Readings] | None = None
        self._limit: tuple[Knobs, Measurement] | None = None
        self._ended, self._cost = 0.0, 0.0

    def read(self, *, fresh: bool = False) -> Readings:
        """The probes now; or, unless `fresh`, those of a few steps ago, where measuring takes longer than 3 ms
        and more than a tenth of the time since the last."""
        trainer, now = self._trainer, self._clock()
        key = trainer.steps, trainer.knobs
        if self._latest is not None:
            known, readings = self._latest
            dear = self._cost > _CHEAP_SECONDS and now - self._ended < self._cost / _SHARE
            if known == key or (dear and not fresh and known[1] == key[1]):
                return readings
        readings = self._measure()
        self._ended = self._clock()
        self._cost = self._ended - now
        self._latest = key, readings
        return readings

    def _measure(self) -> Readings:
        trainer = self._trainer
        objective, weights, knobs = trainer.objective, trainer.weights, trainer.knobs
        with np.errstate(all="ignore"):
            products = int(_WORK / (objective.loss_examples * len(weights)))
            sharpness = probes.sharpness(
                objective, weights, tolerance=_TOLERANCE, most_products=max(_FEWEST_PRODUCTS, products)
            )
            spread = probes.gradient_spread(objective, weights, at_most=_EXAMPLES)
            quadratic = self._quadratic
            floor = (
                quadratic.noise_floor(trainer.learning_rate, knobs)
                if quadratic
                else unknown("predicted noise floor", "the objective is no quadratic, or a large one")
            )
            return Readings(
                step=trainer.steps,
                knobs=knobs,
                sharpness=sharpness,
                largest_stable_learning_rate=probes.largest_stable_learning_rate(trainer, sharpness=sharpness),
                stochastic_limit=self._stochastic_limit(knobs),
                gradient_angle=probes.gradient_angle(trainer),
                gradient_spread=spread,
                noise_scale=probes.noise_scale(objective, weights, spread=spread),
                noise_floor=floor,
            )

    @cached_property
    def _quadratic(self) -> Quadratic | None:
        return Quadratic.of(self._trainer.objective)

    def _stochastic_limit(self, knobs: Knobs) -> Measurement:
        if self._quadratic is None:
            return unknown(probes.quadratic.STOCHASTIC_LIMIT, "the objective is no quadratic, or a large one")
        knobs = replace(knobs, learning_rate=1.0, schedule=CONSTANT)  # on which the limit does not depend
        if self._limit is None or self._limit[0] != knobs:
            self._limit = knobs, self._quadratic.largest_stable_learning_rate(knobs)
        return self._limit[1]
