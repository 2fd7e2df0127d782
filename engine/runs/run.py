"""A run: a trainer with its history, its evaluations, its log of knob changes, and how it stands."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from engine.model.objective import Array, Objective
from engine.probes import MinibatchTheory, Pieces
from engine.probes.sampling import with_short_losses
from engine.refusals import KnownAttributes
from engine.runs.past.knob_change import KnobChange
from engine.runs.past.run_averages import RunAverages
from engine.runs.past.run_checkpoints import Checkpoints, RunCheckpoint, close_stride, first_stride
from engine.runs.past.spread_losses import Pending, SpreadLosses
from engine.runs.past.trajectory import Trajectory
from engine.runs.standing.goals import EFFORTS, Goal, GoalState, GoalWatch
from engine.runs.standing.milestones import Descent, Milestones, derived_level
from engine.runs.standing.status import Status
from engine.runs.standing.watch import Watch
from engine.training.averages import Observer
from engine.training.history import Evaluations, History
from engine.training.knobs import Knobs, check_name
from engine.training.trainer import Chunk, Trainer

_THRIFT = 64  # evaluations that take a while are no closer than such a part of the steps,
_DEAR_WORK, _THRIFT_OF_DEAR = 2e6, 32  # and those that take so many nanoseconds of a gradient, than such a part
_RARER = 4  # times, of averages' losses, where they cost something
_LOOK_WORK = 1e6  # nanoseconds of a gradient; a look at how the run stands that takes longer is at a sample
_LONG_WORK = 1e7  # nanoseconds of a gradient, of which a loss is about half


class Run(KnownAttributes):
    """Advances a trainer and keeps what was seen on the way; the trainer's bits are the same without it.

    goal: what is to be achieved; `goal_state` says how the run stands to it.
    target_scale: what the targets were divided by before the training; 1 where they are as they were.
    theory: what is known of minibatch descent on its objective, worked out when it is first asked for.
    observers: see every chunk from now on; a branch of the run begins without any.
    """

    __slots__ = (
        *("trainer", "goal", "target_scale", "evaluations", "milestones", "changes", "observers", "trajectory"),
        *("theory", "checkpoints", "_goal_watch", "_watch", "_spread", "_pending"),
    )

    def __init__(self, trainer: Trainer, goal: Goal | None = None, *, target_scale: float = 1.0) -> None:
        self.trainer = trainer
        self.goal = goal
        self.target_scale = target_scale
        self._goal_watch = GoalWatch(goal) if goal else None
        self.evaluations = evaluations_of(trainer)
        self.milestones = Milestones()
        self.changes: list[KnobChange] = []
        self.observers: list[Observer] = []
        self.trajectory = Trajectory(len(trainer.objective.weight_names))
        self.theory = MinibatchTheory(trainer.objective)
        with np.errstate(all="ignore"):
            self._watch = Watch(watched(trainer.objective), trainer.weights, trainer.knobs, self.theory.limit)
        self._watch.restart(trainer.steps, trainer.knobs)  # where the trainer has trained before
        work = len(trainer.objective.weight_names), trainer.batch_in_effect
        self.checkpoints = Checkpoints(stride=first_stride(*work), close=close_stride(*work))
        self._spread = SpreadLosses(trainer.objective, trainer.validation) if spreads_losses(trainer) else None
        self._pending: Pending | None = None  # an evaluation, where they are spread
        if self._spread and not trainer.steps:  # the screen has a loss from the beginning
            at_once: Array = np.array(self.losses())
            rate, examples = np.array([trainer.learning_rate]), np.zeros(1)
            self._note(np.zeros(1, np.intp), (at_once[:1], at_once[1:]), trainer.weights[None], rate, examples)
        self.checkpoints.append(self.checkpoint())

    @property
    def validation(self) -> Objective | None:
        """The objective over the validation examples; None without any."""
        return self.trainer.validation

    @property
    def averages(self) -> RunAverages | None:
        """The averages of its weights that are taken; None where none are."""
        return next((observer for observer in self.observers if isinstance(observer, RunAverages)), None)

    def average(self, averaging: bool) -> None:
        """Take averages of the weights from now on, or go on with those; or take none."""
        if averaging and self.averages is None:
            stride = evaluations_of(self.trainer).stride
            stride *= _RARER if stride > 1 else 1
            self.observers.append(RunAverages(self.trainer, stride, self._spread))
        elif not averaging:
            self.observers = [observer for observer in self.observers if not isinstance(observer, RunAverages)]

    @property
    def status(self) -> Status:
        """The status of the run: running, converged or diverged."""
        return self._watch.status

    @property
    def goal_state(self) -> GoalState | None:
        """The standing of the run to its goal; None where it has none."""
        return self._goal_watch.state if self._goal_watch else None

    @property
    def awaited(self) -> tuple[int, int] | None:
        """The step whose losses are still being worked out, and the step until which that takes; None where there is
        none."""
        return (self._pending.step, self._pending.until) if self._pending else None

    def set_knob(self, knob: str, value: Any, *, joined: bool = False) -> None:
        """Change one knob from the next step on, and log it, `joined` to the change before it.

        Raises RefusalError for a value out of range and for a knob that there is not.
        """
        check_name(knob)
        knobs = self.trainer.knobs
        before = self.trainer.learning_rate if knob == "learning_rate" else getattr(knobs, knob)
        self.trainer.set_knob(knob, value)
        if self.trainer.knobs != knobs:  # also where setting the present learning rate has ended a schedule
            after = getattr(self.trainer.knobs, knob)
            self.changes.append(KnobChange(self.trainer.steps, knob, before, after, joined))
            self.evaluations.restart(self.trainer.steps)
            if self.trainer.blew_up_at is None:
                self._watch.restart(self.trainer.steps, self.trainer.knobs)

    def usual_level(self) -> float | None:
        """Return the training loss that runs are compared by where nobody has set one: the goal's, or where it has
        none, a derived one."""
        of_goal = self.goal.training_loss if self.goal else math.inf
        return of_goal if math.isfinite(of_goal) else derived_level(self.trainer)

    def aim(self, level: float | None) -> None:
        """Note when the training loss is first at `level` or below, or when it was."""
        reached = Descent.of(self.trainer, self.evaluations).first(level)
        self.milestones = replace(self.milestones, level=level, reached=reached)

    def advance(self, steps: int) -> int:
        """Take up to `steps` updates, fewer only if the run blows up; returns how many were taken."""
        taken = 0
        while taken < steps and self.trainer.blew_up_at is None:
            chunk = self.trainer.advance(min(steps - taken, self.checkpoints.steps_to_next(self.trainer.steps)))
            with np.errstate(all="ignore"):
                self._evaluate(chunk)
                self._look(chunk)
            self.trajectory.append(chunk.first_step, chunk.weights[:-1])
            for observer in self.observers:
                observer.observe(chunk)
            taken += chunk.steps
            if self.checkpoints.is_due(self.trainer.steps):
                self.checkpoints.append(self.checkpoint())
        return taken

    def checkpoint(self) -> RunCheckpoint:
        """All that the run's next steps, evaluations and statuses depend on, as plain data."""
        return RunCheckpoint(
            trainer=self.trainer.checkpoint(),
            changes=len(self.changes),
            evaluations=self.evaluations.checkpoint(),
            watch=self._watch.checkpoint(),
            milestones=self.milestones,
            goal=self.goal_state,
            pending=self._pending,
        )

    def restore(self, checkpoint: RunCheckpoint, earlier: Run) -> None:
        """Stand where `checkpoint` was taken on `earlier`, a run of the same objectives and initial weights, with
        what that one holds of the steps until then. Nothing is shared that changes."""
        step = checkpoint.trainer.steps
        self._stand_at(checkpoint, earlier.trainer.history.upto(step), earlier.changes, earlier.milestones)
        self.trajectory = earlier.trajectory.upto(step)
        self.checkpoints = earlier.checkpoints.upto(step)

    def resume(self, checkpoint: RunCheckpoint, changes: Sequence[KnobChange]) -> None:
        """Stand where `checkpoint` was taken on a run of the same objectives, seed and first knobs, whose log of
        changes this is. This run has taken no step yet; of those before, nothing is known but the evaluations."""
        self._stand_at(checkpoint, None, changes, checkpoint.milestones)
        self.checkpoints.append(checkpoint)

    def _stand_at(
        self, checkpoint: RunCheckpoint, history: History | None, changes: Sequence[KnobChange], milestones: Milestones
    ) -> None:
        step = checkpoint.trainer.steps
        self.trainer.restore(checkpoint.trainer, history)
        self.changes = list(changes[: checkpoint.changes])
        self.evaluations.restore(checkpoint.evaluations)
        self._pending = checkpoint.pending
        self._watch.restore(checkpoint.watch)
        self.milestones = checkpoint.milestones.at(step, milestones.level, milestones.reached)
        if self._goal_watch and checkpoint.goal:
            self._goal_watch.restore(checkpoint.goal)

    def losses(self, *, fresh: bool = True) -> tuple[float, float]:
        """The losses over all training and all validation examples at the present weights, NaN without the latter;
        unless `fresh`, as of the last evaluation where it would take more than about 5 ms to know better."""
        if fresh or not self.has_long_losses or not len(self.evaluations.steps):
            return self.trainer.loss(), self.trainer.validation_loss()
        return float(self.evaluations.training_loss[-1]), float(self.evaluations.validation_loss[-1])

    @property
    def has_long_losses(self) -> bool:
        """True if the losses over all examples take more than about 5 ms."""
        return self._spread is not None

    def loss_pieces(self) -> Pieces[tuple[float, float]]:
        """The losses at the present weights, by and by, where they take long."""
        assert self._spread is not None
        return self._spread.pieces(self.trainer.weights)

    def _evaluate(self, chunk: Chunk) -> None:
        steps = np.array(self.evaluations.due(chunk.first_step, chunk.steps), dtype=np.intp)
        if len(steps):
            weights = chunk.weights[steps - chunk.first_step]
            rates, examples = self.trainer.history.recent(chunk.steps)[[2, 4]][:, steps - chunk.first_step]
            if self._spread:
                self._begin_spread(self._spread, steps, weights, rates, examples)
            else:
                training = self.trainer.objective.losses(weights)
                validation = self.validation.losses(weights) if self.validation else np.full(len(steps), np.nan)
                self._note(steps, (training, validation), weights, rates, examples)
        if self._spread:
            self._go_on(self._spread, self.trainer.steps)
        if self._goal_watch and self.trainer.blew_up_at is not None:
            self._goal_watch.fail(self.trainer.blew_up_at, "a number was not finite any more")

    def _begin_spread(
        self, spread: SpreadLosses, steps: NDArray[np.intp], weights: Array, rates: Array, examples: Array
    ) -> None:
        """Begin an evaluation at each of these steps where none is under way any more."""
        for k, step in enumerate(steps.tolist()):
            self._go_on(spread, step)
            if self._pending is None and step not in self.evaluations.steps[-1:]:
                until = self.evaluations.next_due(step + 1)
                self._pending = Pending(step, weights[k].copy(), float(rates[k]), float(examples[k]), until)

    def _go_on(self, spread: SpreadLosses, step: int) -> None:
        """Do the part of the evaluation under way that is due by `step`."""
        if self._pending is None:
            return
        self._pending = spread.go_on(self._pending, step)
        if step >= self._pending.until:
            done, (training, validation) = self._pending, spread.result(self._pending)
            losses = np.array([training]), np.array([validation])
            rate, examples = np.array([done.rate]), np.array([done.examples])
            self._note(np.array([done.step]), losses, done.weights[None], rate, examples)
            self._pending = None

    def _note(
        self, steps: NDArray[np.intp], losses: tuple[Array, Array], weights: Array, rates: Array, examples: Array
    ) -> None:
        """Record the evaluations at n steps, and hand them to milestones and goal."""
        taken = self.evaluations.append(steps, *losses)
        steps, rates, examples, weights = steps[taken], rates[taken], examples[taken], weights[taken]
        training, validation = losses[0][taken], losses[1][taken]
        self.milestones = self.milestones.after(steps, examples, training, validation)
        watch = self._goal_watch
        if watch and not watch.settled:
            numbers = steps.astype(np.float64)
            spent: tuple[Array, ...] = (numbers, examples / len(self.trainer.objective.examples), examples)
            shares = rates / self.theory.limit(self.trainer.knobs).value if watch.goal.within_limit else None
            efforts: dict[str, Array] = dict(zip(EFFORTS, spent, strict=True))
            watch.follow(numbers, efforts, training, validation, weights, shares)

    def _look(self, chunk: Chunk) -> None:
        record = self.trainer.history.tail(chunk.steps)[:3]
        self._watch.follow(chunk.first_step, chunk.weights, record, self.trainer.blew_up_at)


class RunSource(Protocol):
    """Makes runs of one scenario. It can be pickled, for it crosses the pipe."""

    def run(self, *, seed: int | None = None, knobs: Knobs | None = None) -> Run:
        """A new run; without a seed or knobs, with the scenario's own."""


def watched(objective: Objective) -> Objective:
    """The objective on which the status is judged: its losses over a sample, where those over all examples are long."""
    return with_short_losses(objective, _LOOK_WORK)


def spreads_losses(trainer: Trainer) -> bool:
    """Tell whether a run of this trainer spreads its evaluations over the steps, for they take long."""
    return _loss_work(trainer) > _LONG_WORK


def _loss_work(trainer: Trainer) -> float:
    """The nanoseconds, about, of the losses over all training and all validation examples, twice."""
    objective, validation = trainer.objective, trainer.validation
    return objective.effort(objective.loss_examples + (validation.loss_examples if validation else 0))


def evaluations_of(trainer: Trainer) -> Evaluations:
    """The evaluations that a run of this trainer makes: at every step where a loss over all examples costs little, else
    about once an epoch, and ever more rarely. One that is spread over the steps takes a sixteenth of their time."""
    objective = trainer.objective
    if objective.loss_examples == 1:
        return Evaluations()
    work, apart = _loss_work(trainer), objective.loss_examples / trainer.knobs.batch_size
    if work > _LONG_WORK:
        apart = max(apart, 8 * work / objective.effort(trainer.batch_in_effect))
    thrift = _THRIFT_OF_DEAR if work > _DEAR_WORK else _THRIFT
    return Evaluations(stride=1 << math.ceil(math.log2(max(1.0, apart))), thrift=thrift)
