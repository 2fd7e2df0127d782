"""The part of a run that only a screen needs: its instruments and its maps, made when it is first shown."""

from __future__ import annotations

import math
from weakref import WeakKeyDictionary

from engine.measurement import unknown
from engine.probes import curvature_at_edge
from engine.runs.obstacles import Obstacle, obstacle
from engine.runs.run import Run
from engine.serving.gauges.instruments import Instruments
from engine.serving.gauges.loss_gauge import Losses, LossGauge
from engine.serving.gauges.range_gauge import RangeGauge
from engine.serving.gauges.readings import Readings
from engine.serving.maps import Maps

_FRAMES_A_SECOND, _MOST_FRAMES = 30, 5.0


class Display:
    """Keeps the instruments and the maps of every run that was shown, for as long as there is the run."""

    def __init__(self) -> None:
        self._instruments: WeakKeyDictionary[Run, Instruments] = WeakKeyDictionary()
        self._loss_gauges: WeakKeyDictionary[Run, LossGauge] = WeakKeyDictionary()
        self._latest: Readings | None = None
        self._frames = 1.0
        self._maps: WeakKeyDictionary[Run, Maps] = WeakKeyDictionary()
        self.range_gauge = RangeGauge()

    def instruments(self, run: Run) -> Instruments:
        """The instruments that read the probes of this run."""
        if run not in self._instruments:
            self._instruments[run] = Instruments(run.trainer, run.theory)
        return self._instruments[run]

    def note_time(self, seconds: float) -> None:
        """Take note of how long ago the last frame was: where frames are rare, each of them measures more, so that
        no reading is much older for it."""
        self._frames = min(max(1.0, seconds * _FRAMES_A_SECOND), _MOST_FRAMES)

    def losses(self, run: Run, *, fresh: bool) -> Losses:
        """The losses of this run over all examples; fresh: as `LossGauge.read` has it."""
        return self._loss_gauge(run).read(fresh=fresh)

    def _loss_gauge(self, run: Run) -> LossGauge:
        if run not in self._loss_gauges:
            self._loss_gauges[run] = LossGauge(run)
        return self._loss_gauges[run]

    def read(self, run: Run, *, fresh: bool, anew: bool) -> Readings:
        """The readings of this run; where the knobs are others than in the readings before, whichever run they were of,
        with the outlook of those. While long losses are being measured, the readings wait. fresh, anew: as
        `Instruments.read` has them."""
        frames = 0.0 if self._loss_gauge(run).measuring else self._frames
        self._latest = self.instruments(run).read(fresh=fresh, anew=anew, since=self._latest, frames=frames)
        return self._latest

    def is_measuring(self, run: Run, *, fresh: bool) -> bool:
        """Tell whether a further frame will know more of this run, though nothing trains on."""
        waiting = self._loss_gauge(run).measuring or self.maps(run).fitting or self.range_gauge.measuring
        return waiting or not self.instruments(run).is_up_to_date(fresh=fresh)

    def obstacle(self, run: Run) -> Obstacle | None:
        """The obstacle on the way to this run's goal, by the latest readings where they are of its knobs."""
        latest = self._latest
        if latest is None or latest.knobs != run.trainer.knobs:
            return obstacle(run, math.nan, unknown("noise floor", "not measured yet"))
        return obstacle(run, latest.limit.value, latest.noise_floor)

    def note_change(self, run: Run) -> None:
        """Take note that a knob of this run has just changed."""
        if self._latest is not None:
            self.instruments(run).begin(self._latest)

    def edge(self, run: Run) -> float:
        """The limiting curvature at which the learning rate of this run's next step would be at its limit."""
        return curvature_at_edge(run.trainer.learning_rate, run.trainer.knobs)

    def maps(self, run: Run) -> Maps:
        """The maps of this run's loss."""
        if run not in self._maps:
            self._maps[run] = Maps(run.trainer.objective)
        return self._maps[run]
