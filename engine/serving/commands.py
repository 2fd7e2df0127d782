"""Commands: all that the screen may ask of the engine. Plain picklable data, one direction; snapshots come back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.serving.snapshot import View

if TYPE_CHECKING:
    from engine.runs.ghosts import KeptGhost
    from engine.runs.plan import Change
    from engine.runs.run import RunSource
    from engine.runs.run_set import Unit
    from engine.serving.views.run_log import Purpose
    from engine.training.schedules import Schedule


@dataclass(frozen=True)
class SetKnob:
    """Change one knob from the next step on; a value of the type that `engine.training.knobs.Knobs` says.

    joined: with the change before it this is one change, and both are undone together.
    """

    knob: str
    value: float | str | Schedule
    joined: bool = False


@dataclass(frozen=True)
class Play:
    """Train on, or pause."""

    running: bool


@dataclass(frozen=True)
class Hold:
    """Take no steps, or take them again as before: what was running runs on, what is owed is still owed."""

    held: bool


@dataclass(frozen=True)
class Advance:
    """Pause, and take this many steps; with None, as many as are left of the epoch."""

    steps: int | None


@dataclass(frozen=True)
class SetSpeed:
    """The steps a second to take; None is as many as the machine can."""

    steps_per_second: float | None


@dataclass(frozen=True)
class TrainAgain:
    """Begin anew with the knobs that are shown, with the same seed or the next one; what trained stays as ghosts."""

    new_seed: bool = False


@dataclass(frozen=True)
class ShowSolution:
    """Begin anew with the scenario's own knobs and the same seed, and make these changes at their steps, with a pause
    after each; what trained stays as ghosts."""

    changes: tuple[Change, ...]


@dataclass(frozen=True)
class Load:
    """Train another scenario, at this speed; without ghosts. paused: before its first step."""

    source: RunSource
    steps_per_second: float | None
    paused: bool = False


@dataclass(frozen=True)
class Travel:
    """Pause, and show the moment so many steps, ends of epochs or knob changes later; earlier where negative."""

    unit: Unit
    count: int


@dataclass(frozen=True)
class Branch:
    """Go on as a new run from the moment that is shown; the present run stays whole as a ghost."""


@dataclass(frozen=True)
class Undo:
    """Go on as a new run from right before the last knob change; the present run stays whole as a ghost."""


@dataclass(frozen=True)
class Race:
    """Begin two to four runs at once that differ in one knob.

    rates: of optimizers, the learning rate of each; none, or one that is None: the present one.
    """

    knob: str
    values: tuple[float | str, ...]
    rates: tuple[float | None, ...] = ()


@dataclass(frozen=True)
class Focus:
    """Put the next racer in front (1), or the one before (−1)."""

    direction: int


@dataclass(frozen=True)
class ForgetGhosts:
    """Draw and compare only what trains."""


@dataclass(frozen=True)
class ShowEarlier:
    """Draw and compare a recorded run as a ghost, unless another scenario is trained by now than that of the scene."""

    ghost: KeptGhost
    scene_number: int


@dataclass(frozen=True)
class SetGoal:
    """Compare runs by when their training loss came to this; None: to that of the scenario's goal, or a derived one."""

    loss: float | None


@dataclass(frozen=True)
class ShowSwarm:
    """Let replicas with other seeds follow the run, from where it stands; or let them go. Runs begun anew have one
    from their start on; refused where there are too many weights."""

    shown: bool


@dataclass(frozen=True)
class ShowAverages:
    """Average the weights of the runs that train, from where they stand; or do so no more. Runs begun anew and branches
    are averaged from their start on."""

    shown: bool


@dataclass(frozen=True)
class RequestFrame:
    """One snapshot, please. patient: not before there is news, or half a second has passed: a step was taken, or a
    command was carried out, since the last one."""

    view: View
    patient: bool = False


@dataclass(frozen=True)
class RequestSteps:
    """All that is known of single steps of every run that trains, please: a `StepRows`."""


@dataclass(frozen=True)
class RequestLog:
    """Ask how the run was trained: a `RunLog`."""

    purpose: Purpose = "scripts"


@dataclass(frozen=True)
class RequestOutcome:
    """The outcome of the run, please: a `RunOutcome`."""


Command = (
    SetKnob
    | Play
    | Hold
    | Advance
    | SetSpeed
    | TrainAgain
    | ShowSolution
    | Load
    | Travel
    | Branch
    | Undo
    | Race
    | Focus
    | ForgetGhosts
    | ShowEarlier
    | SetGoal
    | ShowSwarm
    | ShowAverages
    | RequestFrame
    | RequestSteps
    | RequestLog
    | RequestOutcome
)
