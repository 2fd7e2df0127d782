"""The largest stable learning rate for each setting of a sweep, where theory knows it: the edge of its map."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.measurement import Measurement
    from engine.probes.noise.noise_floor import MinibatchTheory
    from scenarios.sweeps.sweep_plan import SweepPlan

RATE = "learning_rate"


def stability_limits(plan: SweepPlan, theory: MinibatchTheory) -> dict[tuple[int, ...], Measurement]:
    """Return the limit for the other knobs of each place, by the place with 0 for the learning rate; empty where that
    is no axis.

    It is the limit in the mean square, at most the full batch's: up to it the mean of the squared distance from the
    minimum stays finite, on a line fit of normal inputs for 1/(1 + (1 + √2)/B) of the full batch's limit. A typical
    training blows up at a rate that is a little higher: rare bursts make the mean infinite before. A schedule is left
    out: it is the limit of a rate that stands. Unknown, NaN, but for least squares and other small quadratics.
    """
    names = [axis.knob for axis in plan.axes]
    if RATE not in names:
        return {}
    across = names.index(RATE)
    return {place: theory.limit(plan.knobs_at(place)) for place in plan.places if not place[across]}
