"""Maps of a run's loss, as they are kept from one frame to the next: the plane, and the grid that is being computed."""

from __future__ import annotations

from itertools import count

import numpy as np

from engine.model.objective import Array, Objective
from engine.probes.pieces import Errand
from engine.probes.planes import Plane, loss_grid_pieces, trajectory_plane_pieces
from engine.probes.sampling import sampled_examples
from engine.runs.past.trajectory import Trajectory
from engine.serving.loss_grids import PLANE_EXAMPLES, LossGridRequest

_NUMBERS = count()  # of planes: no two of a process have the same
_FEWEST_STEPS = 3  # before a plane means anything
_GROWTH, _LEAST_GROWTH = 1.5, 16  # of the steps, until the plane is fitted again
_LARGE = 10_000  # weights: of so many times more, it takes so many times more steps
_FRAME_WORK, _PIECE_WORK = 2e6, 5e5  # in about nanoseconds: of a frame, and between two looks at a grid


class FittedPlane:
    """The plane in which a run had moved most when it had taken `step` steps, and where the run lies in it.

    number: of this fit.
    """

    def __init__(self, plane: Plane, step: int) -> None:
        self.plane, self.step, self.number = plane, step, next(_NUMBERS)
        self._places: dict[int, Array] = {}

    def coordinates_of(self, trajectory: Trajectory, present: Array) -> Array:
        """(m, 2) coordinates of what the trajectory holds, and of the present weights, (P,), at the end."""
        known = self._places
        # One by one: of many weights, a few are more than a cache holds.
        self._places = {
            step: known[step] if step in known else self.coordinates(weights[None]) for step, weights in trajectory.kept
        }
        return np.vstack([*self._places.values(), self.coordinates(present[None])])

    def coordinates(self, weights: Array) -> Array:
        """(m, 2) where (m, P) weights lie."""
        with np.errstate(all="ignore"):
            return self.plane.coordinates(weights)


class Maps:
    """Planes and loss grids of one run. They depend on its trajectory, and it on nothing here."""

    def __init__(self, objective: Objective) -> None:
        self._objective = objective
        self._sample = objective.restricted(sampled_examples(len(objective.examples), PLANE_EXAMPLES))
        self._planes: list[FittedPlane] = []  # the latest, and before it the one of before
        self._fit: Errand[Plane] = Errand()
        self._grid: Errand[Array] = Errand()

    def planes(self, trajectory: Trajectory, step: int, *, drawn: int) -> list[FittedPlane]:
        """The plane to draw in, and behind it the latest one where that is another.

        drawn: number of the plane that is being drawn, which stays until the picture in the latest one is ready.
        None before the third step. It is fitted again when the steps have grown by half, seldom enough for the axes to
        hold still, and it is drawn, and no grid of it is under way; with many weights a fit takes some frames. The
        axes' directions are those closest to the ones before; at first the start is on the left, below.
        """
        awaited = any(plane.number == drawn for plane in self._planes[:-1])  # the picture in the latest one
        if step >= _FEWEST_STEPS and not self.fitting and not awaited and self._fit_is_due(step):
            self._fit.begin(step, trajectory_plane_pieces([weights for _, weights in trajectory.kept]))
        if self.fitting:
            self._fit.go_on(_FRAME_WORK)
            if not self.fitting and self._fit.result is not None:
                plane = self._turned(self._fit.result, trajectory.kept[0][1])
                self._planes = [*self._planes[-1:], FittedPlane(plane, self._fit.subject)]
        return [plane for plane in self._planes if plane.number == drawn or plane is self._planes[-1]]

    @property
    def fitting(self) -> bool:
        """True if a plane is being fitted, which takes further frames."""
        return self._fit.under_way is not None

    def _turned(self, plane: Plane, start: Array) -> Plane:
        """The plane with its axes along those of the plane before, not against them; those of the first away from the
        start."""
        before = self._planes[-1].plane if self._planes else None
        away = plane.origin - start
        first, second = (
            -axis if axis.dot(earlier) < 0 else axis
            for axis, earlier in (
                (plane.first, before.first if before else away),
                (plane.second, before.second if before else away),
            )
        )
        return Plane(plane.origin, first, second, plane.shares)

    def _fit_is_due(self, step: int) -> bool:
        if not self._planes:
            return True
        latest = self._planes[-1]
        if self._grid.under_way is not None and self._grid.under_way.plane == latest.number:
            return False
        size = max(1.0, len(latest.plane.origin) / _LARGE)
        return step >= max(latest.step * _GROWTH, latest.step + _LEAST_GROWTH * size)

    def losses(self, request: LossGridRequest) -> Array | None:
        """The losses that are asked for, or None while there is more to compute: a frame spends about 2 ms on it.

        (len(second), len(first)), or (len(first),) without a second axis. Those over a plane that there is no
        more never come.
        """
        if request.second is None:
            return self._objective.losses(np.linspace(*request.first)[:, None])
        grid = self._grid
        if request not in (grid.subject, grid.under_way):
            fit = next((fit for fit in self._planes if fit.number == request.plane), None)
            if request.plane is not None and fit is None:
                return None
            axes = np.linspace(*request.first), np.linspace(*request.second)
            plane, objective = (fit.plane, self._sample) if fit else (None, self._objective)
            grid.begin(request, loss_grid_pieces(objective, *axes, plane=plane, work=_PIECE_WORK))
        if grid.subject != request:
            grid.go_on(_FRAME_WORK)
        return grid.result if grid.subject == request else None
