"""Curves of a run in as few points as can be drawn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from engine.model.objective import Array
    from engine.training.trainer import Trainer

_COARSE = 64  # points of the examples seen outside of the window


@dataclass(frozen=True)
class Curve:
    """Values at steps, both (m,) float64; NaN where not finite."""

    steps: Array
    values: Array


def curve(
    steps: Array,
    values: Array,
    latest_step: int,
    latest: float,
    columns: int,
    *,
    start: int = 0,
    stop: int | None = None,
) -> Curve:
    """Points, at most about 2 × `columns`, with the present value as the last one; from the last one before `start` to
    the first after `stop`, so that it can be drawn to the edges."""
    steps, values = np.append(steps, latest_step), np.append(values, latest)
    first = max(0, int(np.searchsorted(steps, start, "right")) - 1)
    last = len(steps) - 1 if stop is None else min(int(np.searchsorted(steps, stop)), len(steps) - 1)
    every = max(1, (last - first) // max(1, columns))
    shown = np.append(np.arange(first - first % every, last, every), last)
    return Curve(steps[shown], np.where(np.isfinite(values[shown]), values[shown], np.nan))


def examples_seen(trainer: Trainer, start: int, stop: int, columns: int) -> Curve:
    """Examples seen before a step: exact at the steps given, which are close together in the window."""
    fine = trainer.history.window("examples", start, stop, columns)
    coarse = trainer.history.window("examples", 0, trainer.steps, _COARSE)
    steps = np.concatenate([coarse.steps, fine.steps, [trainer.steps]])
    values = np.concatenate([coarse.low, fine.low, [trainer.examples]])  # the lowest is the first
    order = np.argsort(steps, kind="stable")
    steps, values = steps[order], values[order]
    known = np.isfinite(values) & (np.diff(steps, prepend=-1.0) > 0)  # of those of one step the first
    return Curve(steps[known], values[known])
