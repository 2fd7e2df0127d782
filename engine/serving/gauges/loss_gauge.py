"""The losses over all examples, as a screen shows them: at once where that takes little, else a part at every frame."""

from __future__ import annotations

from dataclasses import dataclass

from engine.probes.pieces import Errand
from engine.runs.run import Run

_WORK = 8e6  # nanoseconds for one frame, about


@dataclass(frozen=True)
class Losses:
    """The losses over all training and all validation examples before update number `step`; NaN without the latter."""

    step: int
    training: float
    validation: float


class LossGauge:
    """Reads the losses of one run.

    Where they take long, they are of its last evaluation while it trains. While it stands still they are measured anew,
    and are of the last evaluation until that has ended.
    """

    def __init__(self, run: Run) -> None:
        self._run = run
        self._errand: Errand[tuple[float, float]] = Errand()

    @property
    def measuring(self) -> bool:
        """True if the losses of the present step are being measured."""
        return bool(self._errand.under_way == self._run.trainer.steps)

    def read(self, *, fresh: bool) -> Losses:
        """The latest losses that are known; `fresh`: after measuring on, because no further steps are coming."""
        run, errand = self._run, self._errand
        step, evaluations = run.trainer.steps, run.evaluations
        if not run.has_long_losses:
            return Losses(step, *run.losses())
        if fresh and errand.subject != step:
            if not self.measuring:
                errand.begin(step, run.loss_pieces())
            errand.go_on(_WORK)
        if errand.subject == step and errand.result is not None:
            return Losses(step, *errand.result)
        return Losses(int(evaluations.steps[-1]), *run.losses(fresh=False))
