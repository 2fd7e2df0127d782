"""The weights panel: where they are, the way that they took, and the loss around them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from engine.history import Series
    from engine.objective import Array
    from engine.run import Run

_LATEST_STEPS = 100


@dataclass(frozen=True)
class LossGridRequest:
    """The loss over all examples on a grid: `first` and `second` are (lowest, highest, how many).

    Objectives of one weight have no `second`.
    """

    first: tuple[float, float, int]
    second: tuple[float, float, int] | None = None


@dataclass(frozen=True)
class WeightsView:
    """columns: points that a curve is wide. loss_grid: what to compute, where it is not drawn already."""

    columns: int = 100
    loss_grid: LossGridRequest | None = None


@dataclass(frozen=True)
class LossGrid:
    """The losses that were asked for: (len(second), len(first)), or (len(first),) for one weight."""

    request: LossGridRequest
    losses: Array


@dataclass(frozen=True)
class WeightsPicture:
    """present: the watched weights. gradient: (P,) over all examples, for at most two weights, else empty.

    way: (m, P) of the weights so far, for at most two; else (0, P). series: one a watched weight, for more than two
    weights; half as many points as the view has columns, for there are many of them.
    """

    present: Array
    gradient: Array
    way: Array
    series: tuple[Series, ...]
    loss_grid: LossGrid | None


def take(run: Run, view: WeightsView) -> WeightsPicture:
    """The weights now, and what the view asks for."""
    trainer = run.trainer
    objective, weights, history = trainer.objective, trainer.weights, trainer.history
    few = len(weights) <= 2
    series = () if few else (history.window(f"w{j}", 0, trainer.steps, view.columns // 2) for j in trainer.watched)
    return WeightsPicture(
        present=weights[trainer.watched],
        gradient=objective.gradient(weights) if few else np.empty(0),
        way=way(run, view.columns),
        series=tuple(series),
        loss_grid=_loss_grid(run, view.loss_grid) if view.loss_grid and few else None,
    )


def way(run: Run, columns: int) -> Array:
    """(m, P) the weights from the start until now, in about `columns` points, for at most two weights; else (0, P).

    All of it as means of a few steps each; the latest steps one by one, so that its noise shows.
    """
    trainer = run.trainer
    num_weights = len(trainer.objective.weight_names)
    if num_weights > 2:
        return np.empty((0, num_weights))
    earlier = max(0, trainer.steps - _LATEST_STEPS)
    parts = [trainer.history.window(f"w{j}", 0, earlier, 2 * columns).mean for j in range(num_weights)]
    means = np.stack(parts, axis=1)[:-1]  # the last one may reach into the latest steps
    latest = trainer.history.tail(_LATEST_STEPS)[-num_weights:].T
    return np.vstack([trainer.initial_weights, means, latest, trainer.weights])


def _loss_grid(run: Run, request: LossGridRequest) -> LossGrid:
    from engine.probes import loss_grid  # the screen, which reads this file as well, has no need of it

    objective = run.trainer.objective
    first = np.linspace(*request.first)
    if request.second is None:
        return LossGrid(request, objective.losses(first[:, None]))
    return LossGrid(request, loss_grid(objective, first, np.linspace(*request.second)))
