"""The engine's loop: takes commands, advances runs, answers with snapshots.

The same worker serves a pipe in a process of its own (`engine.serving.process`) and an in-process caller.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable

from engine.refusals import RefusalError
from engine.runs import races
from engine.runs.plan import plan_for
from engine.runs.records.agreement import Awaited
from engine.runs.records.recorder import Recorder
from engine.runs.run import Run, RunSource
from engine.runs.run_set import Runs
from engine.runs.swarm import Swarm
from engine.serving.commands import (
    Advance,
    Branch,
    Command,
    Focus,
    ForgetGhosts,
    Hold,
    Load,
    Play,
    Race,
    RequestFrame,
    RequestLog,
    RequestOutcome,
    RequestSteps,
    SetGoal,
    SetKnob,
    SetSpeed,
    ShowAverages,
    ShowEarlier,
    ShowSolution,
    ShowSwarm,
    TrainAgain,
    Travel,
    Undo,
)
from engine.serving.display import Display
from engine.serving.opening import Opening, resume
from engine.serving.pace import Pace, checked_speed
from engine.serving.snapshot import Notices, Reply, capture
from engine.serving.views import run_log, run_outcome
from engine.serving.views import step_rows as steps
from engine.serving.views.run_log import Purpose
from engine.serving.views.step_rows import StepRows

_CHUNK_SECONDS = 0.005
_FIRST_STEPS = 32  # at once, until it is known how long they take
_READING_SECONDS = 3.0  # after each change of a solution that is shown
_PATIENCE = 0.5  # seconds that a frame waits for news; the screen calls an engine silent after longer


class Worker:
    """The runs of one scenario, at a chosen speed.

    Speed, screen and clock have no influence on a run's bits: they only say when steps are taken. opening: of the first
    run. recorder: is told of all runs. pace: when steps are due. Raises ChangeError and RefusalError for an opening
    that cannot be.
    """

    def __init__(
        self,
        source: RunSource,
        *,
        steps_per_second: float | None,
        opening: Opening | None = None,
        recorder: Recorder | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._clock = clock
        self._source, self._recorder = source, recorder
        self._scene_number = 0
        self._frame_wanted: RequestFrame | None = None
        self._frame_wanted_at = 0.0
        self._news = True  # since the last snapshot
        self._steps_wanted = self._outcome_wanted = False
        self._logs_wanted: deque[Purpose] = deque()
        self.pace = Pace(steps_per_second, clock)
        self._swarm_shown = self._averaging = False
        self._chunk_steps = _FIRST_STEPS
        self.display = Display()
        self._framed_at = self._clock()
        self._pause_at: int | None = None
        self._awaited: Awaited | None = None
        self.runs = self._opened(opening or Opening())
        self._begin_slowly()
        self._show_from_the_start()
        if opening is not None and opening.paused:
            self._set_running(False)
        if opening is not None and opening.plan is not None and opening.resumes:
            self._set_running(False, opening.plan.steps - self.run.trainer.steps)
        self._record()

    def _opened(self, opening: Opening) -> Runs:
        if opening.plan is None:
            return Runs(self._source.run())
        run = self._source.run(seed=opening.plan.seed, knobs=opening.plan.knobs)
        if opening.resumes:
            plan = resume(run, opening.plan, opening.past() if opening.past else None)
        else:
            plan = opening.plan if opening.replays else plan_for(run, opening.plan, opening.epochs)
            self._pause_at = plan.steps
        if opening.expected is not None:
            self._awaited = Awaited(opening.expected, run)
        runs = Runs(run, plan.changes, replayed=opening.replays)
        runs.advance(0)  # the changes before the first step are seen at once
        return runs

    @property
    def run(self) -> Run:
        """The run that is shown: the one in front, at its latest step or an earlier one."""
        return self.runs.shown

    def _begin_slowly(self) -> None:
        """Take no more steps at once than are reckoned to fit: what a step costs may have grown a million times."""
        trainers = [run.trainer for run in self.runs.training.values()]
        work = sum(trainer.objective.effort(trainer.batch_in_effect) for trainer in trainers)
        self._chunk_steps = max(1, min(self._chunk_steps, _FIRST_STEPS, int(_CHUNK_SECONDS * 1e9 / work)))

    def _show_from_the_start(self) -> None:
        self._scene_number += 1
        if self._swarm_shown:
            self.run.observers.append(Swarm(self.run.trainer))
        self._set_running(self._pause_at != 0)

    def _set_running(self, running: bool, owed_steps: int = 0) -> None:
        self.pace.run(running and not self.runs.stopped, owed_steps)

    def handle(self, command: Command) -> None:
        """Carry out one command. Raises RefusalError, the runs untouched, for what cannot be done."""
        match command:
            case RequestFrame() | RequestSteps() | RequestLog() | RequestOutcome():
                self._ask(command)
                return
            case Play() | Hold() | Advance() | SetSpeed() | Travel():
                self._handle_time(command)
            case TrainAgain() | ShowSolution() | Race() | Load():
                self._begin(command)
                self._begin_slowly()
            case _:
                self._handle_runs(command)
                self._begin_slowly()
        self._average()
        self._news = True
        self._record()

    def _record(self) -> None:
        """Let the recorder take notice of all that trains."""
        if self._recorder is not None:
            self._recorder.follow(self._source, self.runs.live)

    def close(self) -> None:
        """Let the recorder keep how all stand."""
        if self._recorder is not None:
            self._recorder.close()

    def _begin(self, command: TrainAgain | ShowSolution | Race | Load) -> None:
        self._pause_at = None
        match command:
            case ShowSolution(changes):
                self.runs.show_solution(self._source.run(seed=self.run.trainer.seed), changes)
            case TrainAgain(new_seed):
                trainer = self.run.trainer
                self.runs.begin_again(self._source.run(seed=trainer.seed + new_seed, knobs=trainer.knobs))
            case Race(knob, values, rates):
                races.begin(self.runs, self._source, knob, values, rates)
            case Load(source, steps_per_second, _):
                runs, speed = Runs(source.run()), checked_speed(steps_per_second)
                self._swarm_shown = self._averaging = False
                self._source, self.runs, self.pace.steps_per_second = source, runs, speed
        self._show_from_the_start()
        if isinstance(command, Load) and command.paused:
            self._set_running(False)
        if isinstance(command, ShowSolution):
            self._wait_for_reader()

    def _wait_for_reader(self) -> None:
        """Take no step for some seconds, unless somebody asks for one."""
        self.pace.wait(_READING_SECONDS)

    def _handle_runs(
        self, command: SetKnob | Branch | Undo | Focus | ForgetGhosts | ShowEarlier | SetGoal | ShowSwarm | ShowAverages
    ) -> None:
        match command:
            case ShowSwarm(shown):
                self._show_swarm(shown)
            case ShowAverages(shown):
                self._averaging = shown
            case _:
                self._change_runs(command)

    def _change_runs(self, command: SetKnob | Branch | Undo | Focus | ForgetGhosts | ShowEarlier | SetGoal) -> None:
        match command:
            case SetKnob(knob, value, joined):
                self.runs.set_knob(knob, value, joined=joined)
                self.display.note_change(self.run)
            case Branch():
                self.runs.branch()
            case Undo():
                self.runs.undo()
                self._set_running(self.running)
            case Focus(direction):
                self.runs.focus(direction)
            case ShowEarlier(ghost, scene_number):
                if scene_number == self._scene_number:
                    self.runs.show_earlier(ghost)
            case ForgetGhosts():
                self.runs.forget_ghosts()
            case SetGoal(loss):
                self.runs.set_goal(loss)

    def _handle_time(self, command: Play | Hold | Advance | SetSpeed | Travel) -> None:
        match command:
            case Hold(held):
                self.pace.held = held
                self._set_running(self.running, self.pace.owed_steps)  # time that was held is not made up for
            case Play(running):
                if running:
                    self.runs.go_on()
                self._set_running(running)
            case Advance(steps):
                if steps is not None and steps < 0:
                    raise RefusalError(f"steps must be at least 0, not {steps}")
                self.runs.go_on()
                more = self._steps_left_of_epoch() if steps is None else steps
                self._set_running(False, self.pace.owed_steps + more)
            case SetSpeed(steps_per_second):
                self.pace.steps_per_second = checked_speed(steps_per_second)
                self._set_running(self.running, self.pace.owed_steps)
            case Travel(unit, count):
                self._set_running(False)
                self.runs.travel(unit, count)

    def _ask(self, request: RequestFrame | RequestSteps | RequestLog | RequestOutcome) -> None:
        match request:
            case RequestFrame():
                self._frame_wanted, self._frame_wanted_at = request, self._clock()
            case RequestSteps():
                self._steps_wanted = True
            case RequestLog(purpose):
                self._logs_wanted.append(purpose)
            case RequestOutcome():
                self._outcome_wanted = True

    def _average(self) -> None:
        """Have all that train averaged or not, as is wished: a command may have begun a run."""
        for run in self.runs.training.values():
            run.average(self._averaging)

    def _show_swarm(self, shown: bool) -> None:
        run = self.runs.latest
        swarm = [Swarm(run.trainer)] if shown else []
        others = [observer for observer in run.observers if not isinstance(observer, Swarm)]
        self._swarm_shown, run.observers = shown, [*others, *swarm]

    def _steps_left_of_epoch(self) -> int:
        """Steps left of the epoch in which the steps still owed will have ended."""
        trainer = self.run.trainer
        return (trainer.steps_left_of_epoch - self.pace.owed_steps - 1) % trainer.steps_per_epoch + 1

    @property
    def running(self) -> bool:
        """True if steps are taken as the speed says, or would be if it were not held."""
        return self.pace.running

    def advance(self) -> None:
        """Take the steps that are due, for at most about 5 ms."""
        due = self.pace.due_steps(self._chunk_steps)
        steps = self.runs.steps_to_change(min(due, self._chunk_steps))
        if steps <= 0:
            self._record()
            return
        begin = self._clock()
        self.train(steps)
        ideal = steps * _CHUNK_SECONDS / max(self._clock() - begin, 1e-6)
        self._chunk_steps = int(min(max(ideal, self._chunk_steps / 2, 1), self._chunk_steps * 2, 2**20))

    def train(self, steps: int) -> None:
        """Take `steps` updates now. A run that diverges on the way is paused, once; a race when all have blown up."""
        if self.runs.solution == "replayed" and self.run.trainer.steps == self._pause_at:
            self.runs.take_over()
            self._average()
        was_diverged = self.run.status.kind == "diverged"
        changes = len(self.run.changes)
        if self._pause_at is not None:
            steps = min(steps, max(0, self._pause_at - self.run.trainer.steps) or steps)
        self.runs.advance(steps)
        self._news = True
        self.pace.took(steps)
        # A replay goes on to where the earlier run ended, whatever became of that.
        watched = self.runs.lock_step or self.runs.solution == "replayed"
        diverges = not watched and self.run.status.kind == "diverged" and not was_diverged
        if diverges or self.runs.stopped or self.run.trainer.steps == self._pause_at:
            self._set_running(False, self.pace.owed_steps * (self.run.trainer.steps == self._pause_at))
        elif self.runs.solution == "shown" and len(self.run.changes) > changes:
            self._wait_for_reader()
        self._record()

    @property
    def wants_frame(self) -> bool:
        """True if a snapshot was asked for and not answered yet."""
        return self._frame_wanted is not None

    def seconds_to_wait(self) -> float | None:
        """The seconds for which there is nothing to do but listen: no step is due, no frame that waits for news, and
        nothing to be recorded. None: for as long as one likes."""
        waits = [self.pace.seconds_to_next_step()]
        if self._frame_wanted is not None:
            waits.append(max(0.0, self._frame_wanted_at + _PATIENCE - self._clock()))
        if self._recorder is not None:
            waits.append(self._recorder.seconds_to_due())
        return min((wait for wait in waits if wait is not None), default=None)

    def _holds_frame(self) -> bool:
        wanted = self._frame_wanted
        patient = wanted is not None and wanted.patient and not self._news
        return patient and self._clock() < self._frame_wanted_at + _PATIENCE

    def answer(self, *, at_once: bool = False) -> Reply | None:
        """Return what the recorder has to say, or the answer to a request that was not answered yet, one at a time, or
        None; at_once: also to one that is patient."""
        notices = self._recorder.take_notices() if self._recorder is not None else []
        if self._awaited is not None and (sentence := self._awaited.sentence()):
            notices, self._awaited = [*notices, sentence], None
        if notices:
            return Notices(tuple(notices))
        if self._steps_wanted:
            self._steps_wanted = False
            return StepRows(tuple(steps.capture(run, number) for number, run in self.runs.training.items()))
        if self._logs_wanted:
            return run_log.capture(self.runs, self._logs_wanted.popleft())
        if self._outcome_wanted:
            self._outcome_wanted = False
            return run_outcome.capture(self.runs, self._scene_number, self.display.obstacle(self.run))
        if self._frame_wanted is None or (not at_once and self._holds_frame()):
            return None
        view, self._frame_wanted, self._news = self._frame_wanted.view, None, False
        now = self._clock()
        self.display.note_time(now - self._framed_at)
        self._framed_at = now
        return capture(
            self.runs,
            view,
            self.display,
            scene_number=self._scene_number,
            running=self.running,
            owing=self.pace.owed_steps > 0,
            steps_per_second=self.pace.steps_per_second,
            measured_rate=self.pace.measured_rate(),
        )
