"""Instruments: the probes that the dashboard shows, measured a little at every frame."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from engine import probes
from engine.measurement import unknown
from engine.model.objective import Array
from engine.probes import (
    Measurement,
    MinibatchTheory,
    NoiseAverage,
    NoiseReading,
    Precision,
    RateLimit,
    Sums,
    WarmStart,
)
from engine.probes.curvature import MOST_WEIGHTS
from engine.probes.noise.noise_scale import rounding_length
from engine.probes.pieces import Errand, Pieces
from engine.probes.stability import LIMIT
from engine.serving.gauges.floor_gauge import FloorGauge
from engine.serving.gauges.readings import Outlook, Readings, nothing_yet
from engine.training.knobs import Knobs, covariance_share
from engine.training.trainer import Trainer

_FEWEST_PRODUCTS, _MOST_PRODUCTS = 8, 48
_PART_WORK = 1e6  # nanoseconds at once, about
_MOST_FRAME_WORK = 1e7  # with the piece that is under way at the end
_BATCH_WORK = 1e8  # of the next minibatch's gradient
_FEWEST_EXAMPLES = 64


@dataclass(frozen=True)
class _Care:
    """The work that is spent on readings, in about nanoseconds.

    frame_work: at one frame. sum_work: on a gradient; where it would be more, it is over a sample of the examples.
    products_work, tolerance: on the curvature. examples_work, most_examples: on gradients taken one by one.
    """

    frame_work: float
    sum_work: float
    products_work: float
    tolerance: float
    examples_work: float
    most_examples: int


# While it trains: a tenth of the time of thirty frames a second, and a reading every 0.5 s; then no weights are as old
# as to mean something else. While it stands still the same digits would be looked at for long.
_RUNNING = _Care(3e6, 2.5e6, 1e8, 5e-3, 4e6, 512)
_STILL = _Care(8e6, 1e7, 1e9, 1e-3, 1e8, 2048)


class Instruments:
    """Reads the probes of one trainer, and remembers what they said. The trainer is not changed.

    theory: of the trainer's objective.

    A measurement stands for one moment, that at which it began. Every call of `read` carries it on by about 3 ms, so
    that short ones are always of the present step, and long ones let the training go on between. A piece that takes
    longer is made up for by the next calls, once there is something to show. What is read when depends on the calls
    alone, not on a clock.

    While it trains, the curvature is found from where it was found last, and the spread of the gradients is of a few
    examples, other ones each time, which the average over the readings makes up for. While it stands still, all is
    measured anew, with more care.
    """

    def __init__(self, trainer: Trainer, theory: MinibatchTheory) -> None:
        self._trainer, self._theory = trainer, theory
        self._nothing_yet = nothing_yet(trainer)
        self._readings: Errand[Readings] = Errand()
        self._average = NoiseAverage()
        self._floor = FloorGauge(trainer, theory)
        self._warm: dict[str, WarmStart] = {}  # for the Hessian, and as each optimizer preconditions it
        self._count = 0  # of readings: so many samples were drawn

    def is_up_to_date(self, *, fresh: bool = False) -> bool:
        """Return whether the latest readings are those of the present step and knobs, and nothing of them is still
        being measured; `fresh`: measured with care."""
        return self._is_read(fresh=fresh) and not self._floor.measuring

    def _is_read(self, *, fresh: bool) -> bool:
        subject = self._readings.subject
        return subject is not None and subject[:2] == self._now and (not fresh or subject[2] is self._still)

    @property
    def _now(self) -> tuple[int, Knobs]:
        return self._trainer.steps, self._trainer.knobs

    def read(
        self, *, fresh: bool = False, anew: bool = True, since: Readings | None = None, frames: float = 1.0
    ) -> Readings:
        """The latest readings, after a little more measuring.

        What is under way and of other knobs than the present ones is given up; `fresh`: also what is of an earlier
        step, because no further steps are coming. Not `anew`: nobody will look at these, so that what is under way is
        carried on, and nothing of the same knobs is begun. since: the readings that were shown last, for the outlook
        of their knobs; of this trainer by default. frames: for how many frames' work there was time since the last
        call; it measures for at most about 10 ms.
        """
        errand, care = self._readings, self._still if fresh else _RUNNING
        now = (*self._now, care)
        at = errand.under_way
        given_up = at is not None and (at[1] != now[1] or (fresh and at != now))
        idle = at is None and not self._is_read(fresh=fresh)
        if given_up or (idle and (anew or fresh or errand.result is None)):
            errand.begin(now, self._measure(care, since or errand.result))
        before = errand.result
        work = _STILL.frame_work if before is None else care.frame_work
        most = _MOST_FRAME_WORK - self._sums(care).piece_work
        errand.go_on(min(work * frames, max(_RUNNING.frame_work, most)), hurry=fresh or before is None)
        if errand.result is not None and errand.result is not before:
            errand.result = replace(errand.result, took=now[0] - errand.result.step)
        floor = self._floor.go_on()
        if floor is not None and errand.result is not None and errand.result.knobs == self._trainer.knobs:
            errand.result = replace(errand.result, outlook=replace(errand.result.outlook, noise_floor=floor))
        return errand.result or self._nothing_yet

    def begin(self, since: Readings) -> None:
        """Begin to measure at this very moment, at which a knob has changed: at the next frame the weights may be
        others, and what they tell is no consequence of the change. since: as for `read`."""
        self._readings.begin((*self._now, _RUNNING), self._measure(_RUNNING, since))
        self._readings.go_on(1.0, hurry=True)  # the first piece, which takes the weights

    @cached_property
    def _still(self) -> _Care:
        """The care for a moment that stands still: that for a running one, where it leaves nothing to be done."""
        objective = self._trainer.objective
        all_of_them = not self._sums(_RUNNING).note and self._sample_size(_RUNNING) >= len(objective.examples)
        return _RUNNING if all_of_them and len(objective.weight_names) <= MOST_WEIGHTS else _STILL

    @cached_property
    def _all_sums(self) -> dict[_Care, Sums]:
        return {}

    def _sums(self, care: _Care) -> Sums:
        if care not in self._all_sums:
            sums = Sums(self._trainer.objective, most_work=care.sum_work, part_work=_PART_WORK)
            self._all_sums[care] = sums
        return self._all_sums[care]

    def _sample_size(self, care: _Care) -> int:
        work = self._trainer.objective.effort(1)
        return int(np.clip(care.examples_work / work, _FEWEST_EXAMPLES, care.most_examples))

    def _measure(self, care: _Care, since: Readings | None) -> Pieces[Readings]:
        """Measure all readings. All of the trainer that is wanted is taken before the first piece ends: later it has
        moved on."""
        trainer, sums = self._trainer, self._sums(care)
        objective, weights, knobs, step = trainer.objective, trainer.weights, trainer.knobs, trainer.steps
        rate, divisor = trainer.learning_rate, trainer.preconditioner()
        examples, sampling_note = self._of_batch()
        batch = None
        if examples is not None:
            batch = yield from probes.minibatch_gradient_pieces(objective, weights, examples, _PART_WORK)
        gradient = yield from sums.gradient(weights)
        angle_kind: probes.Kind = "estimate" if sampling_note or sums.note else "exact"
        angle = probes.angle(gradient if batch is None else batch, gradient)
        directions = _directions(gradient, gradient if batch is None else batch)
        spread = yield from probes.spread_pieces(objective, weights, gradient, self._sample(care), directions)
        warm = care is _RUNNING
        products = sums.products(care.products_work, least=_FEWEST_PRODUCTS, most=_MOST_PRODUCTS)
        precision = Precision(tolerance=care.tolerance, products=products)
        sharpness = yield from probes.sharpness_pieces(sums, weights, precision, self._start("") if warm else None)
        curvature = yield from probes.limiting_curvature_pieces(
            *(sums, weights, knobs, divisor, precision),
            sharpness=sharpness,
            warm=self._start(knobs.optimizer) if warm else None,
        )
        noise, norm, turn = _gradient_norm(gradient, spread, sums, step)
        length = rounding_length(sharpness.value, float(np.linalg.norm(weights)))
        note = ", ".join(part for part in (sums.note, spread.trace.note) if part)
        self._average.add(replace(noise, length=length, note=note))

        def outlook(knobs: Knobs, rate: float, full_batch: Measurement) -> Outlook:
            size = knobs.batch_in_effect(len(objective.examples))
            limit = RateLimit(full_batch, self._theory.limit(knobs), size)
            return Outlook(knobs, rate, limit, self._floor.read(knobs, rate))

        full_batch = probes.limit_of(curvature, sums, weights, knobs, preconditioned=divisor is not None)
        before: Outlook | None = None
        if since is not None and since.knobs != knobs:
            old, old_rate = since.outlook.knobs, since.outlook.learning_rate
            if (old.learning_rate, old.schedule) == (knobs.learning_rate, knobs.schedule):
                old_rate = rate  # which only the schedule has moved
            before = outlook(old, old_rate, _limit_with(old, knobs, (sharpness, curvature), sums, weights))
            if since.step == step and np.isnan(before.limit.full_batch.value):
                before = since.outlook
        return Readings(
            step=step,
            outlook=outlook(knobs, rate, full_batch),
            before=before,
            sharpness=sharpness,
            limiting_curvature=curvature,
            gradient_norm=norm,
            gradient_angle=Measurement(angle, "gradient angle", angle_kind, sampling_note or sums.note, turn),
            noise_scale=self._average.scale(),
        )

    def _start(self, of: str) -> WarmStart:
        return self._warm.setdefault(of, WarmStart())

    def _sample(self, care: _Care) -> NDArray[np.intp]:
        """(n,) indices of examples whose gradients are taken one by one; others at every reading, by a generator of
        its own."""
        whole, size = len(self._trainer.objective.examples), self._sample_size(care)
        self._count += 1
        if size >= whole:
            return np.arange(whole)
        return np.sort(np.random.default_rng(self._count).choice(whole, size, replace=False))

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


def _directions(gradient: Array, batch: Array) -> Array:
    """(2, P) unit vectors along the gradient, and at a right angle to it towards the minibatch's."""
    along = _unit(gradient)
    return np.stack([along, _unit(batch - batch.dot(along) * along)])


def _unit(vector: Array) -> Array:
    length = float(np.linalg.norm(vector))
    return vector / length if 0 < length < np.inf else np.zeros_like(vector)


def _gradient_norm(
    gradient: Array, spread: probes.Spread, sums: Sums, step: int
) -> tuple[NoiseReading, Measurement, float]:
    """Measurements of tr Σ and |g|², and of |g|, with their standard errors; and that of the gradient's direction, in
    degrees, within the plane of it and the minibatch's. The squared norm of a mean over n of N examples is too large by
    tr Σ/n (N − n)/(N − 1), which is taken off."""
    squared_norm = float(gradient.dot(gradient))
    if not sums.note:
        noise = NoiseReading(step, spread.trace.value, squared_norm, spread.trace.error)
        return noise, Measurement(float(np.sqrt(squared_norm)), "gradient norm", "exact"), 0.0
    share = covariance_share(sums.num_examples, sums.whole)
    squared_norm -= spread.trace.value * share
    length = float(np.sqrt(max(squared_norm, 0.0)))
    error, aside = (float(value) for value in np.sqrt(spread.along * share))
    noise = NoiseReading(step, spread.trace.value, squared_norm, spread.trace.error, 2 * length * error)
    turn = float(np.degrees(np.arctan2(aside, length)))
    return noise, Measurement(length, "gradient norm", "estimate", sums.note, error), turn


def _limit_with(
    old: Knobs, knobs: Knobs, curvatures: tuple[Measurement, Measurement], sums: Sums, weights: Array
) -> Measurement:
    """The full-batch limit of other knobs at these weights, from the sharpness and the limiting curvature of the
    present knobs. What another optimizer divided by is not known any more."""
    sharpness, limiting = curvatures
    if probes.is_linear(old):
        return probes.limit_of(sharpness, sums, weights, old, preconditioned=False)
    if old.optimizer == knobs.optimizer:
        return probes.limit_of(limiting, sums, weights, old, preconditioned=True)
    return unknown(LIMIT, f"what {old.optimizer} divided by is gone")
