"""The weights panel: where they are, their trajectory, the loss around them, and where it falls."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from engine.runs.past.trajectory import drawn_trajectory
from engine.serving.loss_grids import LossGrid, LossGridRequest
from engine.serving.views.averages_view import average_weights

if TYPE_CHECKING:
    from engine.model.objective import Array
    from engine.runs.run import Run
    from engine.runs.swarm import Swarm
    from engine.serving.maps import Maps
    from engine.training.history import Series


@dataclass(frozen=True)
class PlaneView:
    """Asks for the plane in which the run has moved most. drawn: number of the plane on the screen, −1 for none."""

    drawn: int = -1


@dataclass(frozen=True)
class WeightsView:
    """Contents that the weights panel asks for. columns: points that a curve is wide. series: whether the weights over
    time are wanted.

    trajectory, batch_gradient, batch_losses, cloud: for at most two weights. batch_losses: of the next minibatch, at
    the points of an axis (lowest, highest, how many ≤ 256), for one weight. cloud: how many possible minibatch
    gradients. plane: for more weights. loss_grid: what to compute, where it is not drawn already; to be asked for until
    it comes.
    """

    columns: int = 100
    series: bool = False
    trajectory: bool = True
    batch_gradient: bool = False
    batch_losses: tuple[float, float, int] | None = None
    cloud: int = 0
    plane: PlaneView | None = None
    loss_grid: LossGridRequest | None = None


@dataclass(frozen=True)
class PlanePicture:
    """The run in a plane. number, step: of the fit, and the steps that the run had then taken. shares: of the
    trajectory's variance until then, along its two axes.

    trajectory: (m, 2) coordinates, the present ones last. swarm: (R, 2). averages: (k, 2).
    """

    number: int
    step: int
    shares: tuple[float, float]
    trajectory: Array
    swarm: Array
    averages: Array


@dataclass(frozen=True)
class SwarmPicture:
    """Replicas with other seeds. since: the step that they began at. step: where they stand. replicas: R.

    weights: (R, P) for at most two weights, else (0, 0).
    """

    since: int
    step: int
    replicas: int
    weights: Array


@dataclass(frozen=True)
class WeightsPicture:
    """The weights panel's part of a snapshot. present: the watched weights. gradient: (P,) over all examples, for at
    most two weights, else empty.

    batch_gradient: (P,) of the next minibatch. batch_angle: degrees between the two; NaN where unknown. cloud: (M, P)
    gradients that it might have had. batch_losses: of the next minibatch, at the points that were asked for.
    trajectory: (m, P) of the weights so far. series: one a watched weight, half as many points as the view has columns,
    for there may be many of them. planes: the one that is being drawn, and the latest one where that is another. All
    empty where they were not asked for. averages: (k, P) the Polyak and the exponential one, for at most two weights;
    k is 0 where none are taken.
    """

    present: Array
    gradient: Array
    batch_gradient: Array
    batch_angle: float
    batch_losses: Array
    cloud: Array
    trajectory: Array
    series: tuple[Series, ...]
    planes: tuple[PlanePicture, ...]
    swarm: SwarmPicture | None
    loss_grid: LossGrid | None
    averages: Array


def capture(run: Run, maps: Maps, view: WeightsView) -> WeightsPicture:
    """The weights now, and what the view asks for. maps: of the run."""
    trainer = run.trainer
    objective, weights, history = trainer.objective, trainer.weights, trainer.history
    few = len(weights) <= 2
    series = (history.window(f"w{j}", 0, trainer.steps, view.columns // 2) for j in trainer.watched)
    gradient = objective.gradient(weights) if few else np.empty(0)
    batch_gradient, batch_angle = np.empty(0), float("nan")
    if few and view.batch_gradient:
        batch_gradient, batch_angle = _batch_gradient(run, gradient)
    return WeightsPicture(
        present=weights[trainer.watched],
        gradient=gradient,
        batch_gradient=batch_gradient,
        batch_angle=batch_angle,
        batch_losses=_batch_losses(run, *view.batch_losses) if view.batch_losses else np.empty(0),
        cloud=_cloud(run, view.cloud) if few and view.cloud else np.empty((0, len(weights))),
        trajectory=drawn_trajectory(trainer, view.columns) if few and view.trajectory else np.empty((0, len(weights))),
        series=tuple(series) if view.series else (),
        planes=_planes(run, maps, view.plane) if view.plane and not few else (),
        swarm=_swarm(run),
        loss_grid=_loss_grid(maps, view.loss_grid) if view.loss_grid else None,
        averages=average_weights(run) if few else np.empty((0, len(weights))),
    )


def _batch_gradient(run: Run, gradient: Array) -> tuple[Array, float]:
    from engine import probes  # the screen, which reads this file as well, has no need of them

    batch = probes.minibatch_gradient(run.trainer.objective, run.trainer.weights, run.trainer.upcoming_batch())
    return batch, probes.angle(batch, gradient)


def _batch_losses(run: Run, low: float, high: float, points: int) -> Array:
    from engine.probes.minibatch_losses import minibatch_losses

    weights = np.linspace(low, high, points)[:, None]
    return minibatch_losses(run.trainer.objective, weights, run.trainer.upcoming_batch())


def _cloud(run: Run, samples: int) -> Array:
    from engine.probes import gradient_cloud

    return gradient_cloud(run.trainer, samples)


def _planes(run: Run, maps: Maps, view: PlaneView) -> tuple[PlanePicture, ...]:
    trainer, swarm = run.trainer, run_swarm(run)
    fits = maps.planes(run.trajectory, trainer.steps, drawn=view.drawn)
    replicas = swarm.weights if swarm else np.empty((0, len(trainer.objective.weight_names)))
    return tuple(
        PlanePicture(
            number=fit.number,
            step=fit.step,
            shares=fit.plane.shares,
            trajectory=fit.coordinates_of(run.trajectory, trainer.weights),
            swarm=fit.coordinates(replicas),
            averages=fit.coordinates(average_weights(run)),
        )
        for fit in fits
    )


def run_swarm(run: Run) -> Swarm | None:
    """The swarm that follows the run, if there is one."""
    from engine.runs.swarm import Swarm

    return next((observer for observer in run.observers if isinstance(observer, Swarm)), None)


def _swarm(run: Run) -> SwarmPicture | None:
    swarm = run_swarm(run)
    if swarm is None:
        return None
    few = len(run.trainer.weights) <= 2
    return SwarmPicture(swarm.since, swarm.step, swarm.replicas, swarm.weights if few else np.empty((0, 0)))


def _loss_grid(maps: Maps, request: LossGridRequest) -> LossGrid | None:
    losses = maps.losses(request)
    if losses is None:
        return None
    with np.errstate(over="ignore"):  # what is too large for it is infinite
        return LossGrid(request, losses.astype(np.float32))
