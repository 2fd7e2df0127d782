"""The session between the keys and the engine: what the keys mean in numbers, and one frame asked for at a time."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from engine.refusals import RefusalError
from engine.serving import commands
from engine.serving import snapshot as replies
from engine.training.knobs import KNOBS
from engine.training.schedules import CONSTANT, Schedule
from tui.dashboard.frames.frame_pacing import FramePacing
from tui.words import knob_steps as knobs
from tui.words.usage_error import UsageError

if TYPE_CHECKING:
    from engine.runs.ghosts import KeptGhost
    from engine.runs.run_set import Unit
    from engine.serving.commands import Command
    from engine.serving.views.run_log import Purpose
    from engine.serving.views.run_outcome import RunOutcome
    from engine.serving.views.scene import Scene
    from engine.training.knobs import Knobs
    from scenarios import Scenario


class Engine(Protocol):
    """An engine: in a process of its own, or here."""

    def listen(self, on_reply: Callable[[replies.Reply], None]) -> None: ...
    def send(self, command: Command) -> None: ...
    def close(self, *, patiently: bool = True) -> None: ...


class Session:
    """One engine, the scenario that it trains, and the latest snapshot of it.

    The knobs are kept here as well, so that keys pressed faster than frames arrive add up: those of the latest frame,
    until one is changed, and again from the first frame that was asked for after that. last_knob: set last. Without an
    engine, one is started by `listen`. running: whether the engine trains at once.
    """

    def __init__(
        self,
        scenario: Scenario,
        engine: Engine | None,
        start_engine: Callable[[Scenario], Engine],
        clock: Callable[[], float] = time.monotonic,
        *,
        running: bool = True,
    ) -> None:
        self.scenario = scenario
        self.scene: Scene | None = None
        self.snapshot: replies.Snapshot | None = None
        self.failure: replies.EngineFailed | None = None
        self._engine = engine
        self._start_engine = start_engine
        self.rescue: Callable[[], Engine] | None = None  # starts one that goes on with what an engine died over
        self._knobs: Knobs | None = None
        self._knobs_ahead = False  # of the frame that was asked for
        self.last_knob = "learning_rate"
        self._steps_per_second = scenario.file.screen.steps_per_second
        self._running, self._held = running, False
        self.pacing = FramePacing(clock)
        self._scene_before, self._scenario_before = 0, scenario  # of the scenario before: its last scene

    @property
    def scenario_name(self) -> str:
        """The preset's id, or the name of the user's own file."""
        return Path(self.scenario.id).stem

    def listen(self, on_reply: Callable[[replies.Reply], None]) -> None:
        """Hand all replies of the engine, and of any later one, to `on_reply`."""
        self._on_reply = on_reply
        if self._engine is None:
            self._begin_engine()
        else:
            self._engine.listen(on_reply)

    def _begin_engine(self, start: Callable[[], Engine] | None = None) -> None:
        try:
            self._engine = start() if start is not None else self._start_engine(self.scenario)
        except (OSError, RuntimeError, MemoryError, RefusalError) as error:  # no process, no thread, no memory
            self._on_reply(replies.EngineFailed(f"it could not be started: {str(error) or 'no memory'}"))
        else:
            self._engine.listen(self._on_reply)
            if self._held:
                self._tell_hold()

    def receive(self, reply: replies.Reply) -> None:
        """Keep what a reply says."""
        match reply:
            case replies.Snapshot():
                self.pacing.came()
                self.snapshot = reply
                if self.arrived:  # one of the scenario before does not say whether this one trains
                    self._running = reply.running
                self.scene = reply.scene or self.scene
                if not self._knobs_ahead:
                    self._knobs = reply.knobs
            case replies.Refused():
                self._knobs = self.snapshot.knobs if self.snapshot else None
                if self.snapshot is not None and not self.arrived:  # it was the scenario that was refused
                    self.scenario, self._scene_before = self._scenario_before, self.snapshot.scene_number - 1
                    self._steps_per_second = self.snapshot.steps_per_second
            case replies.EngineFailed():
                self.failure = reply

    @property
    def running(self) -> bool:
        """True if it trains, or would if no dialog were open."""
        return self._running

    @property
    def arrived(self) -> bool:
        """True if the latest snapshot is of the scenario: after `load`, one of that before may be on its way."""
        return self.snapshot is not None and self.is_of_scenario(self.snapshot)

    def is_of_scenario(self, reply: replies.Snapshot | RunOutcome) -> bool:
        """Tell whether a reply is about the scenario, and not about the one before."""
        return reply.scene_number > self._scene_before

    def request_frame(self, view: replies.View) -> bool:
        """Ask for a frame, unless one is under way or nothing can have changed since the last one; whether it did."""
        measuring = self.snapshot is not None and self.snapshot.measuring
        if self.failure or not (asked := self.pacing.asks(view, training=self._running, measuring=measuring)):
            return False
        self._knobs_ahead = False
        self._hand_over(commands.RequestFrame(view, patient=asked == "with news"))
        return True

    @property
    def silence(self) -> float:
        """Seconds for which the engine has not answered, 0.0 while that is no longer than usual."""
        return 0.0 if self.failure else self.pacing.silence

    @property
    def _out_of_reach(self) -> bool:
        """True if the engine has died or is silent: what is set now would reach it late or never."""
        return self.failure is not None or self.silence > 0

    def in_words(self) -> str:
        """The training in words: which scenario and seed, how far, and what was changed on the way; enough to do it
        again."""
        words = [f"scenario {self.scenario.id}"]
        if self.snapshot is not None:
            shown = self.snapshot
            words += [
                f"seed {shown.seed}, step {shown.step:,} of {shown.latest_step:,}, run {shown.number}",
                f"{shown.knobs}",
            ]
            words += [f"--at {change.step} {change.knob}={change.after}" for change in shown.changes]
        return "\n".join(words)

    def _send(self, command: Command) -> None:
        if not self._out_of_reach:
            self.pacing.want()
            self._hand_over(command)

    def _hand_over(self, command: Command) -> None:
        if self._engine is not None:
            self._engine.send(command)

    @property
    def knobs(self) -> Knobs | None:
        """The knobs as they were set here; None until the first frame."""
        return self._knobs

    def set_knob(self, knob: str, value: float | str | Schedule, *, joined: bool = False) -> None:
        """Set it exactly; where it is so already, nothing happens. joined: `u` takes it back with the change before
        it. Raises UsageError for a knob that does not act with the optimizer or with the sampling."""
        if self._knobs is None or self._out_of_reach:
            return
        if not self._knobs.acts(knob):
            raise UsageError(KNOBS[knob].idle_words([self._knobs.optimizer]))
        if knob == "batch_size" and self._knobs.sampling == "full_batch":
            raise UsageError("the batch size does not act: every step takes all examples (sampling full_batch)")
        self.last_knob = knob
        knobs = self._knobs.set_by_hand(knob, value, learning_rate=self._knobs.learning_rate)
        if knobs != self._knobs:
            self._knobs, self._knobs_ahead = knobs, True
            self._send(commands.SetKnob(knob, value, joined))

    def set_together(self, values: Mapping[str, Any]) -> None:
        """Set several knobs as one change. Raises UsageError as `set_knob` does."""
        changed = False
        for knob, value in values.items():
            before = self._knobs
            self.set_knob(knob, value, joined=changed)
            changed = changed or self._knobs != before

    def change_learning_rate(self, direction: int, *, fine: bool = False) -> None:
        """Go up (1) or down (−1) the 1-2-5 ladder, or by a tenth."""
        if self._knobs:
            rate = self._knobs.learning_rate
            if self._knobs.schedule != CONSTANT and self.snapshot:  # the hand takes over where the schedule is
                rate = self.snapshot.learning_rate or rate
            step = knobs.nearby_learning_rate if fine else knobs.next_learning_rate
            self._turn("learning_rate", step(rate, direction), direction)

    def change_batch_size(self, direction: int) -> None:
        """Double or halve."""
        if self._knobs and self.scene:
            size = knobs.next_batch_size(self._knobs.batch_size, direction, self.scene.num_examples)
            self._turn("batch_size", size, direction)

    def change_on_ladder(self, knob: str, direction: int) -> None:
        """Go to the next value of the knob's ladder."""
        if self._knobs:
            self._turn(knob, knobs.next_on_ladder(knob, getattr(self._knobs, knob), direction), direction)

    def _turn(self, knob: str, value: float, direction: int) -> None:
        """Set it by a key. Raises UsageError where the keys go no further, or the knob does not act."""
        before = self._knobs
        self.set_knob(knob, value)
        if self._knobs == before and not self._out_of_reach:
            end = "high" if direction > 0 else "low"
            raise UsageError(f"{knob.replace('_', ' ')} {value:,.9g} is as {end} as the keys go")

    def change_optimizer(self) -> None:
        """Go to the next one of the engine's list."""
        if self._knobs:
            self.set_knob("optimizer", knobs.next_choice("optimizer", self._knobs.optimizer))

    def change_schedule(self) -> None:
        """Go to the next one of the engine's list, over the length of the run, from the rate that the present one began
        with: trying them in turn does not wear the learning rate down."""
        if self._knobs:
            schedule = knobs.next_schedule(self._knobs.schedule, self.schedule_length())
            scheduled = self._knobs.schedule != CONSTANT
            if scheduled:
                self.set_knob("learning_rate", self._knobs.learning_rate)
            self.set_knob("schedule", schedule, joined=scheduled)

    def schedule_length(self) -> int:
        """Steps that a schedule begun now should take."""
        if self._knobs is None or self.scene is None or self.snapshot is None:
            return 1
        steps_an_epoch = self._knobs.steps_per_epoch(self.scene.num_examples)
        return knobs.schedule_length(self.scenario.file.training.epochs, steps_an_epoch, self.snapshot.step)

    def change_speed(self, direction: int) -> None:
        """Go to the next faster or slower speed."""
        self.set_speed(knobs.next_speed(self._steps_per_second, direction))

    def set_speed(self, steps_per_second: float | None) -> None:
        """Take so many steps a second; with None, as many as can be."""
        if self._out_of_reach:
            return
        self._steps_per_second = steps_per_second
        self._send(commands.SetSpeed(steps_per_second))

    def toggle_running(self) -> None:
        """Pause, or train on; where the engine has died, from the record of what it trained."""
        if self.failure is not None and self.rescue is not None:
            rescue, self.rescue = self.rescue, None
            self.begin_with(rescue)
            return
        if self._out_of_reach:
            return
        self._running = not self._running
        self._send(commands.Play(self._running))

    def begin(self) -> None:
        """Train on, where it is paused, too."""
        self._running = True
        self._send(commands.Play(True))

    def hold(self, held: bool) -> None:
        """Take no steps as long as this is so, and then go on as before: time in a dialog costs nothing."""
        if held != self._held:
            self._held = held
            self._tell_hold()

    def _tell_hold(self) -> None:
        """Also an engine that is silent for a moment: it is to know later whether it may go on."""
        if self.failure is None and self._engine is not None:
            self.pacing.want()
            self._engine.send(commands.Hold(self._held))

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold the training within the block: a program that was suspended takes no time of the machine's."""
        before = self._held
        self.hold(True)
        try:
            with self.pacing.deaf():
                yield
        finally:
            self.hold(before)

    def advance(self, steps: int | None) -> None:
        """Pause and take so many steps; None finishes the epoch."""
        self._send(commands.Advance(steps))

    def travel(self, unit: Unit, count: int) -> None:
        """Pause, and look at the moment so many steps, epochs or knob changes later, or earlier."""
        self._send(commands.Travel(unit, count))

    def branch(self) -> None:
        """Go on as a new run from the moment that is shown."""
        self._send(commands.Branch())

    def undo(self) -> None:
        """Go on as a new run from right before the last knob change."""
        self._send(commands.Undo())

    def race(self, knob: str, values: tuple[float | str, ...], rates: tuple[float | None, ...] = ()) -> None:
        """Begin a race between values of a knob; of optimizers, with a learning rate for each where it is given."""
        self._send(commands.Race(knob, values, rates))

    def focus(self, direction: int) -> None:
        """Put the next racer in front."""
        self._send(commands.Focus(direction))

    def forget_ghosts(self) -> None:
        """Show only what trains."""
        self._send(commands.ForgetGhosts())

    def toggle_swarm(self) -> None:
        """Let replicas with other seeds follow the run from here on, or let them go."""
        if self.snapshot is not None:
            self._send(commands.ShowSwarm(self.snapshot.weights.swarm is None))

    def toggle_averages(self) -> None:
        """Take averages of the weights from here on, or take none."""
        if self.snapshot is not None:
            self._send(commands.ShowAverages(self.snapshot.curves.averages is None))

    def train_again(self, *, new_seed: bool) -> None:
        """Train again from the start; where the engine has died or does not answer, with a new one."""
        if not self._out_of_reach:
            self._send(commands.TrainAgain(new_seed))
        else:
            self._restart_engine()

    def show_solution(self) -> None:
        """Show the training of the scenario's reference from its start, at the speed of the scenario. Raises UsageError
        where it has none."""
        reference, speed = self.scenario.file.reference, self.scenario.file.screen.steps_per_second
        if reference is None:
            raise UsageError("this scenario gives no solution")
        self.set_speed(speed)
        self._send(commands.ShowSolution(tuple(reference.script())))

    def request_steps(self) -> None:
        """Ask for all that is known of single steps."""
        self._send(commands.RequestSteps())

    def request_log(self, purpose: Purpose) -> None:
        """Ask for how the run was trained."""
        self._send(commands.RequestLog(purpose))

    def request_outcome(self) -> None:
        """Ask for what has come of the run."""
        self._send(commands.RequestOutcome())

    def load(self, scenario: Scenario, *, paused: bool = False) -> None:
        """Train another scenario; or show it, before its first step."""
        self._scenario_before, self.scenario = self.scenario, scenario
        self._knobs_ahead, self._running = False, not paused
        self._steps_per_second = scenario.file.screen.steps_per_second
        if not self._out_of_reach:
            self._scene_before = self.snapshot.scene_number if self.snapshot else 0
            self._send(commands.Load(scenario.with_numbers(), self._steps_per_second, paused))
        else:
            self._restart_engine()

    def begin_with(self, start: Callable[[], Engine]) -> None:
        """Train what another engine begins with, of the same scenario; the one before ends, and has time to record."""
        self._running = False
        self._restart_engine(start, patiently=True)

    def show_earlier(self, ghost: KeptGhost) -> None:
        """Draw and compare a recorded run of the scenario that is on the screen."""
        if self.snapshot is not None and self.arrived:
            self._send(commands.ShowEarlier(ghost, self.snapshot.scene_number))

    def _restart_engine(self, start: Callable[[], Engine] | None = None, *, patiently: bool = False) -> None:
        if self._engine is not None:
            self._engine.close(patiently=patiently)
            self._engine = None
        self.failure, self.scene, self._knobs, self.rescue = None, None, None, None
        self._scene_before = 0
        self.pacing.want_anew()
        self._begin_engine(start)

    def close(self) -> None:
        """End the engine."""
        if self._engine is not None:
            self._engine.close()
