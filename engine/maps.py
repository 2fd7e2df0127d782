"""What maps of a run's loss keep from one frame to the next: the plane that they are of, and the grid under way."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from itertools import count
from typing import TYPE_CHECKING

import numpy as np

from engine.objective import Array, Objective
from engine.probes.planes import Plane, trajectory_plane
from engine.trajectory import Trajectory

if TYPE_CHECKING:
    from engine.views.weights import LossGridRequest

_NUMBERS = count()  # of planes: no two of a process have the same
_FEWEST_STEPS = 3  # before a plane means anything
_GROWTH, _LEAST_GROWTH = 1.5, 16  # of the steps, until the plane is fitted again
_SLICE_SECONDS = 0.003  # that a frame may spend on a grid
_SLICE_NUMBERS = 2**17  # weights that are evaluated between two looks at the clock, about


class FittedPlane:
    """The plane in which a run had moved most when it had taken `step` steps, and where the run lies in it.

    number: of this fit.
    """

    def __init__(self, plane: Plane, step: int) -> None:
        self.plane, self.step, self.number = plane, step, next(_NUMBERS)
        self._places: dict[int, Array] = {}

    def way(self, trajectory: Trajectory, present: Array) -> Array:
        """(m, 2) coordinates of what the trajectory holds, and of the present weights, (P,), at the end."""
        kept = trajectory.kept
        new = [(step, weights) for step, weights in kept if step not in self._places]
        places = dict(zip((step for step, _ in new), self.coordinates([w for _, w in new]), strict=True))
        self._places = {step: places[step] if step in places else self._places[step] for step, _ in kept}
        return np.vstack([*self._places.values(), self.coordinates([present])])

    def coordinates(self, weights: list[Array] | Array) -> Array:
        """(m, 2) where (m, P) weights lie."""
        with np.errstate(all="ignore"):
            return self.plane.coordinates(np.asarray(weights)) if len(weights) else np.empty((0, 2))


class Maps:
    """Planes and loss grids of one run. They depend on its trajectory, and it on nothing here."""

    def __init__(self, objective: Objective, clock: Callable[[], float] = time.perf_counter) -> None:
        self._objective, self._clock = objective, clock
        self._planes: list[FittedPlane] = []  # the latest, and before it the one of before
        self._request: LossGridRequest | None = None
        self._work: Iterator[Array | None] | None = None

    def planes(self, trajectory: Trajectory, step: int, *, drawn: int) -> list[FittedPlane]:
        """The plane to draw in, and behind it the latest one where that is another.

        drawn: number of the plane that is being drawn, which stays until the picture in the latest one is ready.
        None before the third step. It is fitted again when the steps have grown by half, seldom enough for the axes to
        hold still, and no grid of it is under way. The axes' directions are those closest to the ones before.
        """
        if step >= _FEWEST_STEPS and self._fit_is_due(step):
            fit = FittedPlane(self._turned(trajectory_plane(trajectory.weights)), step)
            self._planes = [*self._planes[-1:], fit]
        return [plane for plane in self._planes if plane.number == drawn or plane is self._planes[-1]]

    def _turned(self, plane: Plane) -> Plane:
        """With its axes along those of the plane before, not against them."""
        if not self._planes:
            return plane
        before = self._planes[-1].plane
        first, second = (
            -axis if axis.dot(earlier) < 0 else axis
            for axis, earlier in ((plane.first, before.first), (plane.second, before.second))
        )
        return Plane(plane.origin, first, second, plane.shares)

    def _fit_is_due(self, step: int) -> bool:
        if not self._planes:
            return True
        latest = self._planes[-1]
        if self._work and self._request is not None and self._request.plane == latest.number:
            return False
        return step >= max(latest.step * _GROWTH, latest.step + _LEAST_GROWTH)

    def losses(self, request: LossGridRequest) -> Array | None:
        """The losses that are asked for, or None while there is more to compute: a frame spends 3 ms on it.

        (len(second), len(first)), or (len(first),) without a second axis. Those over a plane that there is no
        more never come.
        """
        if request != self._request or self._work is None:
            self._request, self._work = request, self._evaluate(request)
        losses = next(self._work, None)
        if losses is not None:
            self._work = None
        return losses

    def _evaluate(self, request: LossGridRequest) -> Iterator[Array | None]:
        """The losses; before them a None whenever the time of a frame is spent."""
        first = np.linspace(*request.first)
        if request.second is None:
            yield self._objective.losses(first[:, None])
            return
        second = np.linspace(*request.second)
        coordinates = np.stack(np.meshgrid(first, second), axis=-1).reshape(-1, 2)
        losses, num_weights = np.empty(len(coordinates)), len(self._objective.weight_names)
        at_once = max(1, min(_SLICE_NUMBERS // num_weights, _SLICE_NUMBERS // self._objective.loss_examples))
        begin = self._clock()
        for start in range(0, len(losses), at_once):
            weights = coordinates[start : start + at_once]
            if request.plane is not None:
                plane = next((fit.plane for fit in self._planes if fit.number == request.plane), None)
                if plane is None:
                    return
                weights = plane.origin + weights @ np.stack([plane.first, plane.second])
            with np.errstate(all="ignore"):
                losses[start : start + at_once] = self._objective.losses(weights)
            if self._clock() - begin > _SLICE_SECONDS:
                yield None
                begin = self._clock()
        yield losses.reshape(len(second), len(first))
