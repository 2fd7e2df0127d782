"""A run that is being recorded: when it is due, and what is taken down of it."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from engine.runs.records.marks import Mark, Marks, weights_sha256
from engine.runs.records.record import Record, record_of
from scenarios.records.kept_run import outcome_of
from scenarios.records.run_store import new_id
from scenarios.records.trained_by import versions
from scenarios.records.writing.store_rows import Row, Ticket

if TYPE_CHECKING:
    from engine.runs.run import Run
    from scenarios.records.kept_run import KeptRun
    from scenarios.records.kept_scenario import KeptScenario
    from scenarios.records.writing.store_writer import Pack

EVERY_SECONDS = 1.0
_AFTER_A_CHANGE = 0.1  # seconds from one change of a knob to the next that are kept together
_THRIFT = 100  # to take down and to pack a record takes no more than such a part of the processor's time
_CHECKPOINT_WORK = 1e9  # nanoseconds that it would take, about, to train again up to where a checkpoint is worth it
_CHECKPOINT_RATE = 2.5e5  # bytes a second of a run's checkpoints, at most


@dataclass(frozen=True)
class Beginning:
    """The beginning of a run. steps: that it had taken when it became one of its own. parent_step: at which it branched
    off another one. label: what sets it apart in a race. marks: of the steps before."""

    steps: int = 0
    parent_step: int | None = None
    label: str = ""
    marks: tuple[Mark, ...] = ()


class RecordedRun:
    """A run on its way into the store. now: seconds by a clock that is never set back.

    resumes: the record that it goes on with; nothing is kept before it is beyond that.
    """

    def __init__(
        self, run: Run, ticket: Ticket, source: KeptScenario, beginning: Beginning, resumes: KeptRun | None, now: float
    ) -> None:
        self.run, self.ticket = run, ticket
        self.marks = Marks(beginning.marks)
        self._source, self._beginning = source, beginning
        self._kept = (beginning.steps, len(run.changes) if beginning.steps else 0)
        self._seconds = 0.0
        if resumes is not None:
            self._kept = resumes.outcome.steps, len(resumes.outcome.changes)
            self._seconds = resumes.outcome.seconds
        self._resumes = resumes
        self._steps_seen, self._seen_at = run.trainer.steps, now
        self._due_at = now + EVERY_SECONDS
        self._fresh = False  # the losses that were kept last are those of the step
        self._checkpoint_step, self._checkpoint_due = -1, now
        # Of the processor, at the last time; the writer's thread says it. Not of the first time, which reads the data.
        self._packing_seconds: float | None = None
        run.observers.append(self.marks)

    def see(self, now: float) -> None:
        """Take notice of the time that it has trained."""
        steps = self.run.trainer.steps
        if self._resumes is not None and steps >= self._resumes.outcome.steps:
            self._part_from(self._resumes)
            self._resumes = None
        if steps > self._steps_seen:
            self._seconds += min(now - self._seen_at, EVERY_SECONDS)
        self._steps_seen, self._seen_at = steps, now

    def _part_from(self, resumed: KeptRun) -> None:
        """Become a branch of the record that was to be gone on with, where this run came to other weights: its knobs
        were changed on the way, or the processor is another one."""
        trainer = self.run.trainer
        if trainer.steps == resumed.outcome.steps and weights_sha256(trainer.weights) == resumed.outcome.weights_sha256:
            return
        self.ticket.id, self.ticket.parent_id = new_id(), resumed.id
        self.ticket.started, self.ticket.resumed = time.time(), False

    @property
    def has_news(self) -> bool:
        """True if the run is beyond what was kept."""
        return (self.run.trainer.steps, len(self.run.changes)) > self._kept and bool(self.run.trainer.steps)

    @property
    def due_at(self) -> float:
        """The time from which on its news are to be kept: sooner where a knob was changed."""
        changed = len(self.run.changes) > self._kept[1]
        return self._due_at - (EVERY_SECONDS - _AFTER_A_CHANGE) * changed

    def finish(self) -> bool:
        """Tell whether there is anything to keep at its end; it is not observed any more."""
        self.run.observers.remove(self.marks)
        steps, changes = self._kept
        kept_now = (self.run.trainer.steps, len(self.run.changes)) == (steps, changes)
        return self.has_news or (kept_now and self.ticket.begun and not self._fresh)

    def take(self, program: str, begun: float, *, fresh: bool) -> Pack:
        """Take it down; takes a millisecond or two. program: the version of descend. fresh: as `record_of` has it; it
        trains no further then."""
        run = self.run
        record = record_of(run, self.marks.upto(run.trainer.steps), fresh=fresh)
        self._kept, self._fresh = (record.plan.steps, len(record.changes)), fresh
        self.ticket.begun = True
        measure = run.goal.measure if run.goal else ""
        seconds, with_checkpoint = self._seconds, self._wants_checkpoint(record, begun)

        def pack() -> Row:
            begun = time.thread_time()
            row = self._packed(record, measure, seconds, program, with_checkpoint=with_checkpoint, ended=fresh)
            self._packing_seconds = 0.0 if self._packing_seconds is None else time.thread_time() - begun
            return row

        return pack

    def took(self, seconds: float, now: float) -> None:
        """Be due again, when that costs the training little. seconds: of the processor's time that taking it took."""
        self._due_at = now + max(EVERY_SECONDS, _THRIFT * (seconds + (self._packing_seconds or 0.0)))

    def _wants_checkpoint(self, record: Record, now: float) -> bool:
        trainer, step = self.run.trainer, record.checkpoint.trainer.steps
        work = step * trainer.objective.effort(trainer.batch_in_effect)
        if work < _CHECKPOINT_WORK or step == self._checkpoint_step or now < self._checkpoint_due:
            return False
        self._checkpoint_step = step
        self._checkpoint_due = now + record.checkpoint.nbytes / _CHECKPOINT_RATE
        return True

    def _packed(
        self, record: Record, measure: str, seconds: float, program: str, *, with_checkpoint: bool, ended: bool
    ) -> Row:
        """All that is written of it; takes some milliseconds, and longer where data is read for the first time."""
        from scenarios.records.blobs import checkpoint_as_bytes, curves_as_bytes

        outcome = outcome_of(
            record,
            measure=measure,
            seconds=seconds,
            versions=versions(program),
            parent_step=self._beginning.parent_step,
            label=self._beginning.label,
            data_sha256=self._source.data_sha256,
            outside=self._source.outside,
        )
        return Row(
            self.ticket,
            self._source.content,
            self._source.file,
            outcome,
            msgspec.json.encode(outcome),
            curves_as_bytes(record.curves),
            checkpoint_as_bytes(record.checkpoint) if with_checkpoint else None,
            ended,
        )
