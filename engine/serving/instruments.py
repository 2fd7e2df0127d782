"""Instruments: the probes that the dashboard shows, measured a little at every frame."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from engine import probes
from engine.probes import Measurement, MinibatchTheory, Precision, RateLimit, Sums
from engine.probes.measurement import unknown
from engine.probes.pieces import Errand, Pieces
from engine.training.knobs import Knobs
from engine.training.trainer import Trainer

_TOLERANCE = 1e-3  # of the curvature: three digits are shown at most
_FEWEST_PRODUCTS, _MOST_PRODUCTS, _PRODUCTS_WORK = 8, 48, 1e9  # for it: as many as take a second
_READ_WORK = 3e6  # nanoseconds for one frame, about: a tenth of the time of thirty frames a second
_PART_WORK = 1e6  # at once
_SUM_WORK = 1e7  # of a gradient; where it would be more, it is over a sample of the examples
_BATCH_WORK = 1e8  # of the next minibatch's gradient
_EXAMPLES_WORK = 1e8  # of gradients taken one by one
_EXAMPLES = 512
_FEWEST_EXAMPLES = 64


@dataclass(frozen=True)
class Readings:
    """The probes before update number `step` with these knobs, each with what it is worth; where nothing was measured
    yet, unknown.

    sharpness: λmax of the loss over all examples. limit: of the learning rate, for the optimizer as it stands.
    gradient_norm: |g|, g being the true gradient. gradient_angle: degrees between the next minibatch's gradient and g.
    gradient_spread: tr Σ of single examples' gradients. noise_scale: tr Σ/|g|², in examples. noise_floor: predicted
    final loss.
    """

    step: int
    knobs: Knobs
    sharpness: Measurement
    limit: RateLimit
    gradient_norm: Measurement
    gradient_angle: Measurement
    gradient_spread: Measurement
    noise_scale: Measurement
    noise_floor: Measurement


class Instruments:
    """Reads the probes of one trainer, and remembers what they said. The trainer is not changed.

    theory: of the trainer's objective.

    A measurement stands for one moment, that at which it began. Every call of `read` carries it on by about 3 ms, so
    that short ones are always of the present step, and long ones let the training go on between. A piece that takes
    longer is made up for by the next calls, once there is something to show. What is read when depends on the calls
    alone, not on a clock.
    """

    def __init__(self, trainer: Trainer, theory: MinibatchTheory) -> None:
        self._trainer, self._theory = trainer, theory
        self._nothing_yet = _nothing_yet(trainer)
        self._readings: Errand[Readings] = Errand(_READ_WORK)

    @property
    def up_to_date(self) -> bool:
        """True if the latest readings are those of the present step and knobs."""
        return bool(self._readings.subject == (self._trainer.steps, self._trainer.knobs))

    def read(self, *, fresh: bool = False, anew: bool = True) -> Readings:
        """The latest readings, after a little more measuring.

        What is under way and of other knobs than the present ones is given up; `fresh`: also what is of an earlier
        step, because no further steps are coming. Not `anew`: nobody will look at these, so that what is under way is
        carried on, and nothing of the same knobs is begun.
        """
        now, errand = (self._trainer.steps, self._trainer.knobs), self._readings
        at = errand.under_way
        given_up = at is not None and (at[1] != now[1] or (fresh and at != now))
        if given_up or (at is None and not self.up_to_date and (anew or fresh or errand.result is None)):
            errand.begin(now, self._measure())
        errand.go_on(hurry=fresh or errand.result is None)
        return errand.result or self._nothing_yet

    @cached_property
    def _sums(self) -> Sums:
        return Sums(self._trainer.objective, most_work=_SUM_WORK, part_work=_PART_WORK)

    def _measure(self) -> Pieces[Readings]:
        """Measure all readings. All of the trainer that is wanted is taken before the first piece ends: later it has
        moved on."""
        trainer, sums = self._trainer, self._sums
        objective, weights, knobs, step = trainer.objective, trainer.weights, trainer.knobs, trainer.steps
        batch_in_effect = trainer.batch_in_effect
        rate, divisor = trainer.learning_rate, trainer.preconditioner()
        examples, sampling_note = self._of_batch()
        batch = None if examples is None else probes.minibatch_gradient(objective, weights, examples)
        yield objective.effort(0 if examples is None else len(examples))

        kind: probes.Kind = "estimate" if sums.note else "exact"
        gradient = yield from sums.gradient(weights)
        angle_kind: probes.Kind = "estimate" if sampling_note else kind
        angle = probes.angle(gradient if batch is None else batch, gradient)
        at_most = int(np.clip(_EXAMPLES_WORK / objective.effort(1), _FEWEST_EXAMPLES, _EXAMPLES))
        products = sums.products(_PRODUCTS_WORK, least=_FEWEST_PRODUCTS, most=_MOST_PRODUCTS)
        precision = Precision(tolerance=_TOLERANCE, products=products)
        spread = yield from probes.spread_pieces(objective, weights, gradient, at_most=at_most)
        sharpness = yield from probes.sharpness_pieces(sums, weights, precision)
        full_batch = yield from probes.limit_pieces(sums, weights, knobs, divisor, precision, sharpness=sharpness)
        return Readings(
            step=step,
            knobs=knobs,
            sharpness=sharpness,
            limit=RateLimit(full_batch, self._theory.limit(knobs), batch_in_effect),
            gradient_norm=Measurement(float(np.linalg.norm(gradient)), "gradient norm", kind, sums.note),
            gradient_angle=Measurement(angle, "gradient angle", angle_kind, sampling_note or sums.note),
            gradient_spread=spread,
            noise_scale=probes.noise_scale_about(gradient, spread, sums, len(objective.examples)),
            noise_floor=self._theory.noise_floor(rate, knobs),
        )

    def _of_batch(self) -> tuple[NDArray[np.intp] | None, str]:
        """(n,) indices of the examples in the next minibatch, or of some of them where all would take long, and how
        many these are in words; None where it is all examples there are."""
        trainer, objective = self._trainer, self._trainer.objective
        batch = trainer.upcoming_batch()
        if len(batch) == trainer.num_examples and trainer.knobs.sampling != "with_replacement":
            return None, ""
        by_example = objective.effort(2) - objective.effort(1)
        at_most = int(max(_FEWEST_EXAMPLES, _BATCH_WORK / by_example))
        if len(batch) <= at_most:
            return batch, ""
        return batch[probes.sampled_examples(len(batch), at_most)], f"of {at_most:,} of the batch's {len(batch):,}"


def _nothing_yet(trainer: Trainer) -> Readings:
    def nothing(words: str) -> Measurement:
        return unknown(words, "not measured yet")

    limit = RateLimit(nothing("full-batch limit"), nothing("minibatch limit"), trainer.batch_in_effect)
    names = [field.name for field in fields(Readings)[2:] if field.name != "limit"]
    measurements = {name: nothing(name.replace("_", " ")) for name in names}
    return Readings(step=trainer.steps, knobs=trainer.knobs, limit=limit, **measurements)
