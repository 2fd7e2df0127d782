"""What the screen may ask of the engine. Plain picklable data, one direction; snapshots come back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from engine.snapshot import View

if TYPE_CHECKING:
    from engine.knobs import Knobs
    from engine.run import Run
    from engine.schedules import Schedule


class RunSource(Protocol):
    """Makes runs of one scenario. Picklable, for it crosses the pipe."""

    def run(self, *, seed: int | None = None, knobs: Knobs | None = None) -> Run:
        """A new run; without a seed or knobs, with the scenario's own."""


@dataclass(frozen=True)
class SetKnob:
    """Change one knob from the next step on; a value of the type that `engine.knobs.Knobs` says."""

    knob: str
    value: float | str | Schedule


@dataclass(frozen=True)
class Play:
    """Train on, or pause."""

    running: bool


@dataclass(frozen=True)
class Advance:
    """Pause, and take this many steps; with None, as many as are left of the epoch."""

    steps: int | None


@dataclass(frozen=True)
class SetSpeed:
    """How many steps a second to take; None is as many as the machine can."""

    steps_per_second: float | None


@dataclass(frozen=True)
class TrainAgain:
    """Begin anew with the present knobs, with the same seed or the next one; the present run stays as a ghost."""

    new_seed: bool = False


@dataclass(frozen=True)
class Load:
    """Train another scenario, at this speed; without ghosts."""

    source: RunSource
    steps_per_second: float | None


@dataclass(frozen=True)
class ShowSwarm:
    """Let replicas with other seeds follow the run, from where it stands; or let them go. Runs begun anew have one
    from their start on; refused where there are too many weights."""

    shown: bool


@dataclass(frozen=True)
class RequestFrame:
    """One snapshot, please."""

    view: View


@dataclass(frozen=True)
class RequestSteps:
    """All that is known of single steps, please: a `Steps`."""


Command = SetKnob | Play | Advance | SetSpeed | TrainAgain | Load | ShowSwarm | RequestFrame | RequestSteps
