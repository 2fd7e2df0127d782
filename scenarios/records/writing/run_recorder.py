"""The recorder: takes down the runs that train, a slice at a time, and hands them to the thread that writes."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from engine.runs.records.marks import Mark, Marks
from scenarios.records.kept_run import KeptRun
from scenarios.records.kept_scenario import KeptScenario
from scenarios.records.writing.recorded_run import Beginning, RecordedRun
from scenarios.records.writing.store_rows import Ticket
from scenarios.records.writing.store_writer import StoreWriter
from scenarios.scenario import Scenario

if TYPE_CHECKING:
    from engine.runs.run import Run, RunSource
    from engine.runs.run_set import Live

_LAST_SECONDS = 0.7  # that the end of the program waits for the disk


class RunRecorder:
    """Records all runs of one process that trains; `engine.runs.records.recorder.Recorder` says what is what.

    program, resumes, parent: as `scenarios.records.writing.recording_wish.Recording` has them. said: its name and note.
    """

    def __init__(
        self,
        writer: StoreWriter,
        program: str,
        *,
        resumes: KeptRun | None = None,
        parent: str = "",
        said: tuple[str, str] = ("", ""),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._writer, self._clock = writer, clock
        self._program, self._resumes, self._parent, self._said = program, resumes, parent, said
        self._recorded: dict[tuple[Run, int], RecordedRun] = {}  # a run that branches off where it is gets a new number
        self._begun: dict[int, tuple[Ticket, Marks]] = {}  # also what has ended, by the run's number
        self._source: RunSource | None = None
        self._kept_source: KeptScenario | None = None

    def follow(self, source: RunSource, live: Sequence[Live]) -> None:
        """Take notice of all that trains; a record of what is due takes a millisecond or two."""
        now = self._clock()
        if source is not self._source:
            assert isinstance(source, Scenario)
            self._finish(list(self._recorded))
            self._source, self._kept_source, self._begun = source, KeptScenario(source), {}
        for one in live:
            recorded = self._recorded.get((one.run, one.number)) or self._begin(one, now)
            recorded.see(now)
            if now >= recorded.due_at and recorded.has_news:
                self._keep(recorded, fresh=False)
        if len(self._recorded) > len(live):
            training = {(one.run, one.number) for one in live}
            self._finish([key for key in self._recorded if key not in training])

    def _begin(self, one: Live, now: float) -> RecordedRun:
        resumes, self._resumes = self._resumes, None
        assert self._kept_source is not None
        if resumes is not None:
            ticket = Ticket(resumes.scenario, resumes.started, id=resumes.id, resumed=True)
            known = tuple(Mark(mark.steps, mark.digest, mark.length or 0.0) for mark in resumes.outcome.marks)
            behind = tuple(mark for mark in known if mark.steps <= one.run.trainer.steps)
            beginning = Beginning(0, resumes.outcome.parent_step, resumes.outcome.label, behind)
        else:
            parent, marks = self._begun.get(one.origin.number, (None, Marks())) if one.origin else (None, Marks())
            (name, note), self._said = self._said, ("", "")
            ticket = Ticket(self._kept_source.name, time.time(), parent, self._parent, name=name, note=note)
            origin = one.origin.step if one.origin else None
            beginning = Beginning(one.began_at, origin, one.label, marks.upto(one.began_at))
        recorded = RecordedRun(one.run, ticket, self._kept_source, beginning, resumes, now)
        self._recorded[one.run, one.number] = recorded
        self._begun[one.number] = ticket, recorded.marks
        return recorded

    def _keep(self, recorded: RecordedRun, *, fresh: bool) -> None:
        begun = time.thread_time()
        self._writer.put(recorded.ticket, recorded.take(self._program, self._clock(), fresh=fresh))
        recorded.took(time.thread_time() - begun, self._clock())

    def seconds_to_due(self) -> float | None:
        """The seconds until the next is to be kept; None where all is."""
        waits = [recorded.due_at for recorded in self._recorded.values() if recorded.has_news]
        return max(0.0, min(waits) - self._clock()) if waits else None

    def take_notices(self) -> list[str]:
        """Return sentences that the user should be told since the last call."""
        if not self._writer.notices:
            return []
        said, self._writer.notices = self._writer.notices, []
        return said

    def close(self, seconds: float = _LAST_SECONDS) -> None:
        """Keep how all stand, and wait so long at most for the disk."""
        self._finish(list(self._recorded))
        self._writer.close(seconds)

    def _finish(self, keys: Sequence[tuple[Run, int]]) -> None:
        for key in keys:
            recorded = self._recorded.pop(key)
            if recorded.finish():
                self._keep(recorded, fresh=True)
