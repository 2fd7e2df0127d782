"""The latest moment that the store knows of a run. Quickly imported, for it is handed to the process that trains."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.serving.opening import Past
    from scenarios.records.kept_run import KeptRun


@dataclass(frozen=True)
class StoredPast:
    """Finds the checkpoint of a record in the store at `path`. program: the version of descend.

    Another version, or another processor, would not go on from it with the same bits: then there is none, and it is
    trained from its beginning.
    """

    path: Path
    run: KeptRun
    program: str

    def __call__(self) -> Past | None:
        """Find it."""
        from engine.serving.opening import Past
        from scenarios.records.records_error import RecordsError
        from scenarios.records.run_store import RunStore
        from scenarios.records.trained_by import versions

        if self.run.outcome.versions != versions(self.program):
            return None
        try:
            store = RunStore(self.path)
            checkpoint, curves = store.checkpoint(self.run), store.curves(self.run)
        except RecordsError:
            return None
        if checkpoint is None or checkpoint.trainer.steps > self.run.outcome.steps:  # it trains on just now
            return None
        return Past(checkpoint, self.run.knob_changes(), curves)
