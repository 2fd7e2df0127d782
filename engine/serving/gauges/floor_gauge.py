"""The noise floor of the knobs as they are: by theory at once, or measured a little at every frame."""

from __future__ import annotations

from engine.measurement import unknown
from engine.probes import Measurement, MinibatchTheory
from engine.probes.pieces import Errand
from engine.training.knobs import Knobs
from engine.training.trainer import Trainer

_WORK = 3e6  # nanoseconds for one frame, about
_KEPT = 32  # measured floors


class FloorGauge:
    """Reads the noise floor of one trainer, which depends on its knobs and not on where it stands.

    theory: of the trainer's objective. What was measured is kept for the next time that the knobs are the same.
    """

    def __init__(self, trainer: Trainer, theory: MinibatchTheory) -> None:
        self._trainer, self._theory = trainer, theory
        self._errand: Errand[Measurement] = Errand()
        self._measured: dict[Knobs, Measurement] = {}

    @property
    def measuring(self) -> bool:
        """True if a measurement of the present knobs is under way."""
        return bool(self._errand.under_way == self._trainer.knobs)

    def read(self, knobs: Knobs, learning_rate: float) -> Measurement:
        """The floor of these knobs, as far as it is known; where that of the present ones is to be measured, it
        begins."""
        now = knobs == self._trainer.knobs
        order = self._trainer.fixed_order() if now else None
        floor = self._theory.noise_floor(learning_rate, knobs, order=order)
        if floor.kind != "unknown":
            return floor
        if now and knobs not in self._measured and not self.measuring:
            pieces = self._theory.measured_noise_floor(learning_rate, knobs)
            if pieces is None:
                return floor
            self._errand.begin(knobs, pieces)
        return self._measured.get(knobs) or (unknown(floor.what, "is being measured") if now else floor)

    def go_on(self) -> Measurement | None:
        """Measure a little more; the floor of the present knobs, when it has just been measured."""
        if not self.measuring:
            return None
        self._errand.go_on(_WORK)
        if self.measuring or self._errand.result is None:
            return None
        if len(self._measured) == _KEPT:
            self._measured.pop(next(iter(self._measured)))
        self._measured[self._trainer.knobs] = self._errand.result
        return self._errand.result
