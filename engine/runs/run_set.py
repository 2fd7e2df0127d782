"""The runs of one scenario: the one in front, those that race it, the moment that is shown, and earlier ones.

Every run has a number, by which it is known on all panels. One run trains, or up to four in a race; the one *in
front* is whose knobs are changed and whose moments are shown. When it gives way to another, it stays as a ghost: its
curve, its trajectory and its row of the comparison, not the run itself.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from engine.plain_text import counted
from engine.refusals import RefusalError
from engine.runs.branching import Replay, branch, undo
from engine.runs.comparison import Comparison, Origin, RunRow, row_of
from engine.runs.ghosts import Ghost, KeptGhost, ghost_of
from engine.runs.plan import Change, Script
from engine.runs.run import Run
from engine.runs.standing.milestones import Descent

MOST_RACERS = 4
DRAWN_GHOSTS = 5  # the latest
KEPT_GHOSTS = 20
_GHOST_COLUMNS = 100

Unit = Literal["step", "epoch", "change"]
Solution = Literal["", "shown", "taken over", "replayed"]


@dataclass(frozen=True)
class Live:
    """A run that trains. began_at: the step at which it became a run of its own. solution: whether its first steps are
    of a solution that was shown."""

    run: Run
    number: int
    label: str = ""
    origin: Origin | None = None
    began_at: int = 0
    solution: bool = False

    @property
    def has_steps_of_its_own(self) -> bool:
        """True if it has gone beyond the run that it came from."""
        return self.run.trainer.steps > self.began_at

    def row(self, *, training: bool, in_front: bool) -> RunRow:
        """Its row of the comparison."""
        return row_of(self.run, self.number, label=self.label, origin=self.origin, training=training, in_front=in_front)

    def drawn(self) -> Ghost:
        """The run as a ghost."""
        return ghost_of(self.run, _GHOST_COLUMNS, number=self.number, label=self.label)


class Runs:
    """Begins with one run. coming: the changes that are made to it at their steps, in any order, whatever is done by
    hand meanwhile; a run that begins anew goes without them. replayed: whether it follows an earlier run instead, until
    a knob is changed by hand, as a solution does."""

    def __init__(self, run: Run, coming: Sequence[Change] = (), *, replayed: bool = False) -> None:
        self._ghosts: list[KeptGhost] = []
        self._forgotten = 0
        self._derived = True
        self._lock_step: Literal["", "updates", "examples"] = ""
        self._follows: Literal["", "shown", "replayed"] = ""
        self._put_in_front(Live(run, 1))
        self._script, self._follows = Script(coming), "replayed" if replayed else ""
        self.set_goal(None)

    def _put_in_front(self, *live: Live) -> None:
        self._live: Sequence[Live] = live
        self._front = 0
        self._forget_past()

    def _forget_past(self) -> None:
        if self._follows:
            self._script, self._follows = Script(()), ""
        self._replay: Replay | None = None
        self._in_past = False

    # --- what there is ------------------------------------------------------------------------------

    @property
    def latest(self) -> Run:
        """The run in front, at its latest step."""
        return self._live[self._front].run

    @property
    def shown(self) -> Run:
        """The same at the moment that is shown: its latest, or an earlier one. To look at only."""
        return self._replay.run if self._replay and self._in_past else self.latest

    @property
    def number(self) -> int:
        """The number of the run in front."""
        return self._live[self._front].number

    @property
    def label(self) -> str:
        """The value that sets the run in front apart in a race, else ""."""
        return self._live[self._front].label

    @property
    def lock_step(self) -> Literal["", "updates", "examples"]:
        """The unit in which a race keeps its runs level; "" without a race."""
        return self._lock_step

    @property
    def live(self) -> Sequence[Live]:
        """The run in front and its racers; none while a solution or a replay is shown, which is nobody's training."""
        return () if self._follows else self._live

    @property
    def training(self) -> dict[int, Run]:
        """The run in front and its racers, by number."""
        return {live.number: live.run for live in self._live}

    @property
    def solution(self) -> Solution:
        """The run in front and a solution: `shown` while it follows one, `taken over` where it began as one; or
        `replayed` while it follows an earlier run."""
        if self._follows:
            return self._follows
        return "taken over" if self._live[self._front].solution else ""

    @property
    def coming(self) -> tuple[Change, ...]:
        """The changes that are still to be made to the run in front, by their steps; none while an earlier moment is
        shown, from which it goes on without them."""
        return () if self._in_past else self._script.coming

    def drawn_ghosts(self) -> tuple[Ghost, ...]:
        """The curves of what is drawn beside the run in front: the latest five ghosts and the other racers."""
        others = [live.drawn() for live in self._live if live is not self._live[self._front]]
        return (*(ghost.drawn for ghost in self._ghosts[-DRAWN_GHOSTS:]), *others)

    def compare(self) -> Comparison:
        """All runs, by number."""
        live = [live.row(training=True, in_front=live is self._live[self._front]) for live in self._live]
        level = self.latest.milestones.level
        return Comparison(level, self._derived, (*(ghost.row for ghost in self._ghosts), *live), self._forgotten)

    @property
    def stopped(self) -> bool:
        """True if no run can take another step, as all have blown up."""
        return all(live.run.trainer.blew_up_at is not None for live in self._live)

    # --- training -----------------------------------------------------------------------------------

    def advance(self, steps: int) -> None:
        """Take so many updates with the run in front, and as many with every racer, or as few and as many as see no
        more examples; one that has blown up stands still. Only at the latest step."""
        if self._lock_step == "examples":
            self._advance_level_in_examples(steps)
            return
        for live in self._live:
            if live.run is self.latest and self.coming:
                self._follow_script(steps)
            else:
                live.run.advance(steps)

    def _follow_script(self, steps: int) -> None:
        """Take so many updates with the run in front, with the changes that are to come on the way."""
        run, script, end = self.latest, self._script, self.latest.trainer.steps + steps
        script.make_due(run)
        while run.trainer.steps < end and run.trainer.blew_up_at is None:
            run.advance(script.steps_to_next(run, end - run.trainer.steps))
            script.make_due(run)

    def steps_to_change(self, most: int) -> int:
        """Steps until a change that is to come is made, at most so many."""
        return self._script.steps_to_next(self.latest, most)

    def _advance_level_in_examples(self, steps: int) -> None:
        front = self.latest
        level = max(live.run.trainer.examples for live in self._live)
        blown_up = front.trainer.blew_up_at is not None
        front.advance(steps)
        target = level + steps * front.trainer.knobs.batch_size if blown_up else front.trainer.examples
        for live in self._live:
            _advance_to_examples(live.run, target)

    def set_knob(self, knob: str, value: Any, *, joined: bool = False) -> None:
        """Change a knob of the run in front from the moment that is shown on; where that is an earlier one, on a
        branch, and so where a solution is shown. Raises RefusalError, nothing changed, for a value out of range and for
        a knob that there is not."""
        takes_over = bool(self._follows) and not self._in_past
        run = branch(self.latest, self.latest.trainer.steps) if takes_over else self.shown
        before = run.trainer.knobs
        run.set_knob(knob, value, joined=joined)
        if run.trainer.knobs != before:
            if takes_over:
                self._continue(run)
            else:
                self.go_on()

    def take_over(self) -> None:
        """Go on from where a solution or a replay stands, as a run of one's own."""
        if self._follows and not self._in_past:
            self._continue(branch(self.latest, self.latest.trainer.steps))

    def go_on(self) -> None:
        """Be ready to train: branch, where an earlier moment is shown."""
        if self._in_past:
            self.branch()

    def show_solution(self, run: Run, changes: Sequence[Change]) -> None:
        """Train `run` as `begin_again` does, and change its knobs at these steps, until somebody changes one, goes on
        from an earlier moment or branches: that is a run of its own. Raises RefusalError and ChangeError."""
        script = Script(changes)
        script.make_due(run)
        self._require_same_model(run)
        self._replace(lambda number: [Live(run, number, solution=True)])
        self._script, self._follows = script, "shown"

    def begin_again(self, run: Run) -> None:
        """Train `run`, which is of the same scenario, from its beginning; those that trained stay as ghosts.

        Raises ValueError for a run of another model, as a file of data that was changed meanwhile may make it.
        """
        self._require_same_model(run)
        self._script = Script(())
        self._replace(lambda number: [Live(run, number)])

    def race(self, runs: Sequence[Run], labels: Sequence[str], *, lock_step: Literal["updates", "examples"]) -> None:
        """Train these at once from their beginning, kept level in updates or in examples.

        Raises ValueError as `begin_again` does.
        """
        self._require_same_model(*runs)
        self._script = Script(())
        self._replace(lambda number: [Live(run, number + k, labels[k]) for k, run in enumerate(runs)])
        self._lock_step = lock_step

    def _require_same_model(self, *runs: Run) -> None:
        before = len(self.latest.trainer.weights)
        for run in runs:
            if (now := len(run.trainer.weights)) != before:  # the ghosts would not be beside it
                raise RefusalError(
                    f"the data has changed: its model has {counted(now, 'weight')} now, not {before:,}; "
                    "read the file again"
                )

    def _replace(self, begin: Callable[[int], Sequence[Live]]) -> None:
        """Retire all that train, and put in front what `begin` makes of the next free number."""
        for live in self._live:
            if live.has_steps_of_its_own:
                row = live.row(training=False, in_front=False)
                self._ghosts.append(KeptGhost(live.drawn(), row, Descent.of(live.run.trainer, live.run.evaluations)))
        self._forget_oldest()
        fresh = begin(self._next_number())
        level = self.latest.milestones.level
        for live in fresh:
            if live.run.milestones.level != level:
                live.run.aim(level)
        self._lock_step = ""
        self._put_in_front(*fresh)

    def _next_number(self) -> int:
        """The next free number; while there is no ghost, those that train are of no number that is taken."""
        taken = [ghost.row.number for ghost in self._ghosts]
        return max(taken, default=self._live[0].number - 1) + 1

    # --- past moments and branches ------------------------------------------------------------------

    def travel(self, unit: Unit, count: int) -> None:
        """Show the moment so many steps, ends of epochs or knob changes later, or earlier where `count` is negative.

        Raises RefusalError at the beginning, at the latest step, and where no change is in that direction.
        """
        step, latest = self.shown.trainer.steps, self.latest.trainer.steps
        self._replay = self._replay or Replay(self.latest)
        if count > 0 and step >= latest:
            raise RefusalError("this is the latest step", "train")
        if count < 0 and step <= self._replay.first_step:
            raise RefusalError("this is the beginning: there is no earlier step")
        if unit == "epoch":
            if not self._in_past:
                self._replay.go(step)
            for _ in range(abs(count)):
                if self._replay.first_step < self._replay.run.trainer.steps or count > 0:
                    self._replay.go_to_epoch(1 if count > 0 else -1)
        else:
            target = step + count if unit == "step" else self._step_of_change(step, count)
            self._replay.go(min(max(target, self._replay.first_step), latest))
        self._in_past = self._replay.run.trainer.steps < latest

    def _step_of_change(self, step: int, count: int) -> int:
        changed = sorted({change.step for change in self.latest.changes})
        later, earlier = [at for at in changed if at > step], [at for at in reversed(changed) if at < step]
        found = later if count > 0 else earlier
        if not found:
            raise RefusalError(f"no knob was changed {'after' if count > 0 else 'before'} this step")
        return found[min(abs(count), len(found)) - 1]

    def branch(self) -> None:
        """Go on as a new run from the moment that is shown; what trained stays as ghosts.

        Raises RefusalError where the run in front has taken no step of its own yet.
        """
        front = self._live[self._front]
        if not self._in_past and not front.has_steps_of_its_own:
            raise RefusalError("this run has not taken a step of its own yet: there is nothing to keep as a ghost")
        self._continue(self.shown)

    def undo(self) -> None:
        """Go on as a new run from right before the last knob change until the moment that is shown.

        Raises RefusalError where there is none.
        """
        self._continue(undo(self.shown))

    def _continue(self, run: Run) -> None:
        front, step = self._live[self._front], run.trainer.steps
        origin = front.origin and Origin(front.origin.number, min(front.origin.step, step))
        if front.has_steps_of_its_own:
            origin = Origin(front.number, step)
        self._replace(lambda number: [Live(run, number, "", origin, step, front.solution)])

    # --- who is in front, what is kept --------------------------------------------------------------

    def focus(self, direction: int) -> None:
        """Put the next racer (1) or the one before (−1) in front, at its latest step.

        Raises RefusalError without one.
        """
        if len(self._live) == 1:
            raise RefusalError("there is one run only", "race")
        self._front = (self._front + direction) % len(self._live)
        self._forget_past()

    def show_earlier(self, ghost: KeptGhost) -> None:
        """Draw and compare a recorded run of the same scenario: under the next free number, or where it is drawn
        already, in place of that."""
        number = max(self._next_number(), max(live.number for live in self._live) + 1)
        for shown in [one for one in self._ghosts if one.record and one.record == ghost.record]:
            self._ghosts.remove(shown)
            number = shown.row.number
        self._ghosts.append(ghost.numbered(number, self.latest.milestones.level))
        self._forget_oldest()

    def _forget_oldest(self) -> None:
        self._forgotten += max(0, len(self._ghosts) - KEPT_GHOSTS)
        del self._ghosts[:-KEPT_GHOSTS]

    def forget_ghosts(self) -> None:
        """Keep only what trains. Raises RefusalError where there is nothing else."""
        if not self._ghosts:
            raise RefusalError("there is no earlier run to forget")
        self._ghosts.clear()
        self._forgotten = 0

    def set_goal(self, loss: float | None) -> None:
        """Compare by when the training loss was first at `loss` or below; None: at that of the scenario's goal, or
        where it has none, at a derived one. Raises RefusalError for what is not finite."""
        if loss is not None and not math.isfinite(loss):
            raise RefusalError(f"the goal must be a finite training loss, not {loss}")
        goal = self.latest.goal
        self._derived = loss is None and not (goal and math.isfinite(goal.training_loss))
        level = self.latest.usual_level() if loss is None else loss
        for live in self._live:
            live.run.aim(level)
        self._ghosts = [
            replace(ghost, row=replace(ghost.row, reached=ghost.descent.first(level))) for ghost in self._ghosts
        ]


def _advance_to_examples(run: Run, target: int) -> None:
    """Take as many updates as fit until `target` examples have been seen."""
    trainer = run.trainer
    while trainer.blew_up_at is None:
        room, batch = target - trainer.examples, len(trainer.upcoming_batch())
        if batch > room:
            return
        run.advance(max(1, room // max(batch, trainer.knobs.batch_size)))
