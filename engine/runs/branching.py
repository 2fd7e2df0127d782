"""Back in time: a new run that stands where an earlier one stood, with the same bits.

It comes from the nearest checkpoint, by playing the rest of the plan by which the old run came there. Evaluations and
status are as they were there; history and trajectory before the checkpoint are what the old run still holds of them.
The old run is untouched, and the two share nothing that changes.
"""

from __future__ import annotations

from bisect import bisect_right

from engine.refusals import RefusalError
from engine.runs.past.run_checkpoints import RunCheckpoint, first_stride
from engine.runs.plan import Plan, plan_of, play
from engine.runs.run import Run
from engine.training.trainer import Trainer

_EXACT_STEPS = 100  # before the branch at least, exact in the history: still recorded, or else replayed
_CLOSER = 32  # times as close as a run's first checkpoints stand marks at most
_MOST_MARKS = 64
_MARK_BYTES = 32 * 2**20


def branch(run: Run, step: int) -> Run:
    """A run that stands before update number `step`, with the log and the knobs as they stand there: changes at
    `step` itself are in it.

    Raises RefusalError for a step that the run has not come to, or that lies before its beginning.
    """
    replay = Replay(run)
    replay.go(step)
    return replay.run


def undo(run: Run) -> Run:
    """A run that stands right before the last knob change and those that it is joined to.

    Raises RefusalError where there is none.
    """
    if not run.changes:
        raise RefusalError("there is no knob change to undo")
    last = len(run.changes) - 1
    while last and run.changes[last].joined:
        last -= 1
    replay = Replay(run)
    replay.go(run.changes[last].step, changes=last)
    return replay.run


class Replay:
    """A run that is moved to and fro between the moments of another, the original, which may train on meanwhile.

    Steps that it replays leave marks: checkpoints close together, in bounded memory, so that the next moment back is
    a few steps from one.
    """

    def __init__(self, original: Run) -> None:
        self.original = original
        trainer = original.trainer
        start = Trainer(
            trainer.objective,
            trainer.initial_weights,
            knobs=trainer.knobs,
            seed=trainer.seed,
            validation=trainer.validation,
        )
        self.run = Run(start, original.goal, target_scale=original.target_scale)
        self._marks: list[RunCheckpoint] = []
        self._restore(original.checkpoints.before(0))

    @property
    def first_step(self) -> int:
        """The earliest moment that there is."""
        return self.original.checkpoints.before(0).trainer.steps

    def go(self, step: int, *, changes: int | None = None) -> None:
        """Stand before update number `step`, with the first so many `changes` made, or all until there.

        Raises RefusalError for a step that the original has not come to, or that lies before its beginning.
        """
        if not self.first_step <= step <= self.original.trainer.steps:
            raise RefusalError(
                f"the step must be one from {self.first_step} to {self.original.trainer.steps}, not {step}"
            )
        made = sum(change.step <= step for change in self.original.changes[:changes])
        exactly = max(self.first_step, step - _EXACT_STEPS)
        replayed_from = step if self.original.trainer.history.exact_from <= exactly else exactly
        nearest = self._before(replayed_from)
        here = self.run.trainer.steps
        if not (
            self._restored_at <= replayed_from and _step(nearest) <= here <= step and len(self.run.changes) <= made
        ):
            self._restore(nearest)
        self._play(step, changes)

    def go_to_epoch(self, direction: int) -> None:
        """Forward (1) to where this epoch ends; back (−1) to where it began, or the one before that just ended."""
        if direction > 0:
            self._finish_epoch()
            return
        trainer = self.run.trainer
        seen = trainer.examples_of_epoch or len(trainer.objective.examples)
        self.go(self._step_after(max(0, trainer.examples - seen), trainer.steps - 1))

    def _finish_epoch(self) -> None:
        end = self.original.trainer.steps
        while self.run.trainer.steps < end:
            left = self.run.trainer.steps_left_of_epoch
            stop = min([end, self.run.trainer.steps + left, *(change.step for change in self._rest(end).changes[:1])])
            self._play(stop)
            if not self.run.trainer.examples_of_epoch:
                return

    def _step_after(self, examples: int, at_most: int) -> int:
        """The latest step at which no more than so many examples had been seen."""
        known = self._known()
        index = max(0, bisect_right(known, examples, key=lambda checkpoint: checkpoint.trainer.examples) - 1)
        start = known[index].trainer.steps
        stop = min([at_most, *(checkpoint.trainer.steps for checkpoint in known[index + 1 : index + 2])])
        self._restore(known[index])
        self._play(stop)
        history = self.run.trainer.history
        seen = [*history.tail(stop - start)[history.fields.index("examples")], self.run.trainer.examples]
        return start + bisect_right(seen, examples) - 1

    def _known(self) -> list[RunCheckpoint]:
        return sorted([*self.original.checkpoints, *self._marks], key=_step)

    def _before(self, step: int) -> RunCheckpoint:
        far = self.original.checkpoints.before(step)
        near = self._marks[max(0, bisect_right(self._marks, step, key=_step) - 1) :][:1]
        return max([far, *(mark for mark in near if _step(mark) <= step)], key=_step)

    def _restore(self, checkpoint: RunCheckpoint) -> None:
        self.run.restore(checkpoint, self.original)
        self._restored_at = _step(checkpoint)

    def _play(self, step: int, changes: int | None = None) -> None:
        """Train on to `step`, which is not behind, by the original's plan up to its first so many `changes`, or to all
        of them until there."""
        plan = self._rest(step, changes)
        first = first_stride(len(self.run.trainer.objective.weight_names), self.run.trainer.batch_in_effect)
        spacing = max(2, first // _CLOSER, (step - self.run.trainer.steps) // (_MOST_MARKS // 2))

        def mark(_: int) -> None:
            if self.run.trainer.steps % spacing == 0:
                self._mark()

        play(self.run, plan, pace=lambda run, _: spacing - run.trainer.steps % spacing, after=mark)

    def _rest(self, step: int, changes: int | None = None) -> Plan:
        """The plan of the original until `step`, without the changes that are made already."""
        plan = plan_of(self.original)
        until = tuple(change for change in plan.changes if change.step <= step)
        return plan._replace(changes=until[len(self.run.changes) : changes], steps=step)

    def _mark(self) -> None:
        """Keep this moment, and forget those that are farthest from it while they are too many."""
        mark = self.run.checkpoint()
        most = min(_MOST_MARKS, max(2, _MARK_BYTES // mark.nbytes))
        kept = [other for other in self._marks if _step(other) != _step(mark)]
        kept.sort(key=lambda other: abs(_step(other) - _step(mark)))
        self._marks = sorted([mark, *kept[: most - 1]], key=_step)


def _step(checkpoint: RunCheckpoint) -> int:
    return checkpoint.trainer.steps
