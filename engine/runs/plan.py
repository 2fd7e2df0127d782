"""A plan: all that determines a training but its scenario, and the one loop that plays it.

The command line's `--at`, attempts at a goal, a verdict's reference, exports and the way back to a past moment of a
run are plans. The same plan of the same scenario gives the same bits on the same kind of processor, with a screen or
without one.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from engine.bounds import MOST_STEPS, batch_in_effect
from engine.plain_text import counted
from engine.refusals import RefusalError
from engine.training.epochs import seen_after, steps_to_see
from engine.training.knobs import check_name

if TYPE_CHECKING:  # a command line is read without NumPy
    from engine.runs.run import Run
    from engine.training.knobs import Knobs

MOST_AT_ONCE = 1024  # steps between two calls of `after`; the history keeps more than that exactly
_CHUNK_SECONDS = 0.05  # so that a progress bar moves and ctrl+c is heard, however large the batches are


class ChangeError(ValueError):
    """A change of a knob that cannot be made at its step. The text names the change and what is wrong with it."""


class Change(NamedTuple):
    """A knob that becomes `value` before the update number `step`, counted from 0; joined: to the change before it, and
    not to be undone without that."""

    step: int
    knob: str
    value: Any
    joined: bool = False

    def __str__(self) -> str:
        """The option that asks for it."""
        return (
            f"--at {self.step} {self.knob}={f'{self.value:g}' if isinstance(self.value, int | float) else self.value}"
        )


class Plan(NamedTuple):
    """A training of so many `steps`: the seed, the knobs that it begins with, and its changes in any order. Those at
    the end are made too."""

    seed: int
    knobs: Knobs
    changes: tuple[Change, ...]
    steps: int


class TimedPace:
    """Says how many steps to take at once, so that they take about 50 ms."""

    def __init__(self) -> None:
        self._steps, self._since = 1, time.perf_counter()

    def __call__(self, run: Run, taken: int) -> int:
        """Return the steps to take next, where so many were `taken` since the last call."""
        now = time.perf_counter()
        if taken:
            seconds_a_step = max(now - self._since, 1e-6) / taken
            self._steps = max(1, min(MOST_AT_ONCE, int(_CHUNK_SECONDS / seconds_a_step)))
        self._since = now
        return self._steps


def plan_of(run: Run) -> Plan:
    """Return the plan by which a run has come to where it stands."""
    start = run.checkpoints.before(0).trainer
    changes = tuple(Change(change.step, change.knob, change.after, change.joined) for change in run.changes)
    return Plan(start.seed, start.knobs, changes, run.trainer.steps)


def plan_for(run: Run, plan: Plan, epochs: int | None = None) -> Plan:
    """Return the plan for a run that has not begun, so many epochs long where that is said.

    Raises ChangeError for changes that never happen or that the run has no room for, RefusalError for too many steps.
    """
    trainer = run.trainer
    if epochs is not None:
        steps = steps_of_epochs(
            epochs,
            examples=len(trainer.objective.examples),
            batch_size=plan.knobs.batch_size,
            sampling=plan.knobs.sampling,
            changes=plan.changes,
        )
        if steps > MOST_STEPS:
            raise RefusalError(f"{epochs:,} epochs are {steps:,} steps here; at most {MOST_STEPS:,} can be taken")
        plan = plan._replace(steps=steps)
    knobs = trainer.knobs
    for change in in_order(plan.changes):
        if change.step >= plan.steps:
            last = f"its last step is {plan.steps - 1:,}" if plan.steps else "it takes no step"
            raise ChangeError(
                f"{change}: never happens, as this training is {counted(plan.steps, 'step')} long; {last}"
            )
        try:
            check_name(change.knob)
            knobs = replace(knobs, **{change.knob: change.value})
            trainer.check_room(knobs)
        except ValueError as error:
            raise ChangeError(f"{change}: {error}") from None
    return plan


def play(
    run: Run,
    plan: Plan,
    *,
    pace: Callable[[Run, int], int] | None = None,
    after: Callable[[int], object] = lambda taken: None,
    over: Callable[[], bool] = lambda: False,
) -> None:
    """Train a run of the plan's seed and first knobs to the plan's end, or until it blows up, or `over()`.

    A run that has some of its steps behind it goes on from there; the plan's changes are then those not made yet.

    Calls `after(n)` whenever n more steps are done. pace: how many steps to take at once, at least 1, by the run and by
    how many were taken since it was asked last; by default as many as take 50 ms. It has no influence on the bits.
    Raises ChangeError.
    """
    script, pace, taken = Script(plan.changes), pace or TimedPace(), 0
    while not over():
        script.make_due(run)
        left = plan.steps - run.trainer.steps
        if left <= 0 or run.trainer.blew_up_at is not None:
            return
        taken = run.advance(min(pace(run, taken), script.steps_to_next(run, left)))
        after(taken)


class Script:
    """The changes of a plan that are still to be made to a run."""

    def __init__(self, changes: Iterable[Change]) -> None:
        self._pending = deque(in_order(changes))

    @property
    def coming(self) -> tuple[Change, ...]:
        """The changes that are still to be made, by their steps."""
        return tuple(self._pending)

    def make_due(self, run: Run) -> int:
        """Make those that are due before the run's next step; return how many. Raises ChangeError."""
        made = 0
        while self._pending and self._pending[0].step <= run.trainer.steps:
            _make(run, self._pending.popleft())
            made += 1
        return made

    def steps_to_next(self, run: Run, most: int) -> int:
        """Steps until the next change is due, at most so many."""
        return min(most, self._pending[0].step - run.trainer.steps) if self._pending else most


def _make(run: Run, change: Change) -> None:
    try:
        run.set_knob(change.knob, change.value, joined=change.joined)
    except ValueError as error:
        raise ChangeError(f"{change}: {error}") from None


def in_order(changes: Iterable[Change]) -> list[Change]:
    """The changes by step; those of one step in the order given."""
    return sorted(changes, key=lambda change: change.step)


def steps_of_epochs(
    epochs: int, *, examples: int, batch_size: int, changes: Iterable[Change], sampling: str = "reshuffled"
) -> int:
    """The number of steps that see `epochs` times all `examples`, or just more, where `changes` may set the batch size
    and the sampling on the way.

    A batch never reaches over the end of an epoch; the last one of an epoch may be short. A change of the
    sampling begins a new epoch.
    """
    wanted, left, step = epochs * examples, examples, 0
    for change in in_order(changes):
        size = batch_in_effect(sampling, batch_size, examples)
        if change.knob not in ("batch_size", "sampling"):
            continue
        if change.step - step >= steps_to_see(wanted, left, examples, size):
            break
        seen = seen_after(change.step - step, left, examples, size)
        wanted, left, step = wanted - seen, (left - seen) % examples or examples, change.step
        if change.knob == "batch_size":
            batch_size = int(change.value)
        elif change.value != sampling:
            sampling, left = str(change.value), examples
    return step + steps_to_see(wanted, left, examples, batch_in_effect(sampling, batch_size, examples))
