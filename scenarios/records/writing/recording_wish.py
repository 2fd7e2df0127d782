"""The wish that trainings be recorded, handed to the process that trains. Quickly imported."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from scenarios.records.kept_run import KeptRun
    from scenarios.records.writing.run_recorder import RunRecorder

MOST_BYTES = 256 * 2**20


class Recording(NamedTuple):
    """Makes a recorder that writes to the store at `path`, in the process that trains.

    program: the version of descend. most_bytes: of the store. resumes: the record that the first run goes on with.
    parent: the id of the one that the first run trains again. name, note: of the first run's record.
    """

    path: Path
    program: str
    most_bytes: int = MOST_BYTES
    resumes: KeptRun | None = None
    parent: str = ""
    name: str = ""
    note: str = ""

    def for_another(self) -> Recording:
        """Return the same for a training that has nothing to do with an earlier one."""
        return self._replace(resumes=None, parent="", name="", note="")

    def __call__(self) -> RunRecorder:
        """Make it."""
        from scenarios.records.writing.run_recorder import RunRecorder
        from scenarios.records.writing.store_writer import StoreWriter

        writer = StoreWriter(self.path, self.most_bytes)
        said = self.name, self.note
        return RunRecorder(writer, self.program, resumes=self.resumes, parent=self.parent, said=said)
