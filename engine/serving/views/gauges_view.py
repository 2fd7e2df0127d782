"""The controls: what the gauges show beside the readings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.runs.run import Run
    from engine.training.history import Series


@dataclass(frozen=True)
class GaugesView:
    """Contents that the controls panel asks for. columns: points that a small curve is wide. readings: whether the
    probes will be shown, if it trains."""

    columns: int = 24
    readings: bool = True


@dataclass(frozen=True)
class GaugesPicture:
    """Curves of the controls panel. batch_gradient_norm: of the minibatches, over the whole run."""

    batch_gradient_norm: Series


def capture(run: Run, view: GaugesView) -> GaugesPicture:
    """The curve of the whole run."""
    trainer = run.trainer
    return GaugesPicture(trainer.history.window("batch_gradient_norm", 0, trainer.steps, view.columns))
