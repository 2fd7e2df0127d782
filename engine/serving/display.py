"""The part of a run that only a screen needs: its instruments and its maps, made when it is first shown."""

from __future__ import annotations

from weakref import WeakKeyDictionary

from engine.runs.run import Run
from engine.serving.instruments import Instruments
from engine.serving.maps import Maps


class Display:
    """Keeps the instruments and the maps of every run that was shown, for as long as there is the run."""

    def __init__(self) -> None:
        self._instruments: WeakKeyDictionary[Run, Instruments] = WeakKeyDictionary()
        self._maps: WeakKeyDictionary[Run, Maps] = WeakKeyDictionary()

    def instruments(self, run: Run) -> Instruments:
        """The instruments that read the probes of this run."""
        if run not in self._instruments:
            self._instruments[run] = Instruments(run.trainer, run.theory)
        return self._instruments[run]

    def maps(self, run: Run) -> Maps:
        """The maps of this run's loss."""
        if run not in self._maps:
            self._maps[run] = Maps(run.trainer.objective)
        return self._maps[run]
