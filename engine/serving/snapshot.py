"""Immutable pictures of a run: all that the screen needs, and no more than it can show."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

import numpy as np

from engine.refusals import RefusalError, Remedy
from engine.runs.comparison import Comparison
from engine.runs.ghosts import Ghost
from engine.serving.views import curves_view as curves
from engine.serving.views import data_view as data
from engine.serving.views import gauges_view as gauges
from engine.serving.views import scene
from engine.serving.views import weights_view as weights
from engine.serving.views.curves_view import CurvesPicture, CurvesView
from engine.serving.views.data_view import DataPicture, DataView
from engine.serving.views.gauges_view import GaugesPicture, GaugesView
from engine.serving.views.range_view import RangePicture, RangeView
from engine.serving.views.run_log import RunLog
from engine.serving.views.run_outcome import RunOutcome
from engine.serving.views.scene import Scene
from engine.serving.views.step_rows import StepRows
from engine.serving.views.weights_view import WeightsPicture, WeightsView

if TYPE_CHECKING:
    from engine.runs.obstacles import Obstacle
    from engine.runs.past.knob_change import KnobChange
    from engine.runs.plan import Change
    from engine.runs.run_set import Runs, Solution
    from engine.runs.standing.goals import GoalState
    from engine.runs.standing.status import Status
    from engine.serving.display import Display
    from engine.serving.gauges.readings import Readings
    from engine.training.knobs import Knobs

_MOST_COMING = 20  # changes


@dataclass(frozen=True)
class View:
    """Contents that the screen asks for, panel by panel. scene: number of the scene that it has. comparison: whether
    it shows the table of runs."""

    scene: int = -1
    curves: CurvesView = field(default_factory=CurvesView)
    weights: WeightsView = field(default_factory=WeightsView)
    data: DataView = field(default_factory=DataView)
    gauges: GaugesView = field(default_factory=GaugesView)
    comparison: bool = False
    rate_range: RangeView = field(default_factory=RangeView)


@dataclass(frozen=True)
class Snapshot:
    """A run at one moment, its latest or an earlier one. Numbers may be NaN or infinite.

    number: the run's; label: what sets it apart in a race, else "". lock_step: in what a race keeps its runs level,
    "" without a race. solution: whether it is the solution that is shown, or goes on from one. latest_step: of the run;
    curves and changes reach until there, all else is of `step`.

    scene: None where the screen has it. readings: the probes, each with what it is worth; of some steps ago where they
    take long to measure. measuring: whether a further frame will know more, though nothing trains on: of what is being
    measured, or of steps that are owed.
    learning_rate: of the next step, with its schedule; `knobs` has the rate that the schedule multiplies. edge: the
    limiting curvature at which that rate would be at its limit.
    coming: changes that are still to be made at their steps, the next ones.
    batch_loss, batch_gradient_norm: of the latest step. training_loss, validation_loss: over all examples, before
    update number losses_step: of a large objective that trains, its last evaluation.
    goal: how the run stands to it, None where there is none; obstacle: what keeps it from there, as far as is known.
    steps_per_second: asked for, None is full speed; measured_rate: taken lately, 0 while paused.
    ghosts: the other runs that are drawn, earlier ones first, then those that race this one.
    comparison: of all runs, where the view asked for it. rate_range: the test that was asked for, once it is done.
    """

    scene: Scene | None
    scene_number: int
    number: int
    label: str
    lock_step: Literal["", "updates", "examples"]
    solution: Solution
    step: int
    latest_step: int
    epoch: float
    examples: int
    running: bool
    steps_per_second: float | None
    measured_rate: float
    seed: int
    knobs: Knobs
    learning_rate: float
    edge: float
    status: Status
    goal: GoalState | None
    obstacle: Obstacle | None
    changes: tuple[KnobChange, ...]
    coming: tuple[Change, ...]
    batch_loss: float
    batch_gradient_norm: float
    losses_step: int
    training_loss: float
    validation_loss: float
    readings: Readings
    measuring: bool
    curves: CurvesPicture
    weights: WeightsPicture
    data: DataPicture
    gauges: GaugesPicture
    ghosts: tuple[Ghost, ...]
    comparison: Comparison | None
    rate_range: RangePicture | None


@dataclass(frozen=True)
class EngineFailed:
    """The engine cannot go on: what happened in a line, and the traceback."""

    reason: str
    details: str = ""


@dataclass(frozen=True)
class Refused:
    """A command that the engine did not carry out, and why; the run is untouched. remedy: what would help."""

    reason: str
    remedy: Remedy = ""

    @classmethod
    def of(cls, refusal: RefusalError) -> Refused:
        return cls(str(refusal), refusal.remedy)


@dataclass(frozen=True)
class Notices:
    """Sentences that the user should be told: on whether the runs are recorded."""

    sentences: tuple[str, ...]


Reply = Snapshot | StepRows | RunLog | RunOutcome | EngineFailed | Refused | Notices


def capture(
    runs: Runs,
    view: View,
    display: Display,
    *,
    scene_number: int,
    running: bool,
    owing: bool = False,
    steps_per_second: float | None,
    measured_rate: float,
) -> Snapshot:
    """A snapshot of the run in front and those beside it, for what `view` shows; without what may not suit them, where
    that shows another scene. display: keeps what is measured of the runs from one snapshot to the next. owing: whether
    there are steps that will be taken in a moment."""
    run, latest = runs.shown, runs.latest
    trainer, fresh = run.trainer, not running
    if view.scene != scene_number:
        view = replace(view, weights=WeightsView(view.weights.columns), data=DataView(view.data.points))
    with np.errstate(all="ignore"):
        batch_loss, batch_gradient_norm = trainer.history.tail(1)[:2, 0] if trainer.steps else (np.nan, np.nan)
        losses = display.losses(run, fresh=fresh)
        ends = losses if latest is run else display.losses(latest, fresh=False)
        readings = display.read(run, fresh=fresh, anew=view.gauges.readings)
        obstacle = display.obstacle(run)
        rate_range = display.range_gauge.read(run, view.rate_range.number, readings.limit.value, fresh=fresh)
        return Snapshot(
            scene=scene.capture(run, scene_number, view.data.points) if view.scene != scene_number else None,
            scene_number=scene_number,
            number=runs.number,
            label=runs.label,
            lock_step=runs.lock_step,
            solution=runs.solution,
            step=trainer.steps,
            latest_step=latest.trainer.steps,
            epoch=trainer.epoch,
            examples=trainer.examples,
            running=running,
            steps_per_second=steps_per_second,
            measured_rate=measured_rate,
            seed=trainer.seed,
            knobs=trainer.knobs,
            learning_rate=trainer.learning_rate,
            edge=display.edge(run),
            status=run.status,
            goal=run.goal_state,
            obstacle=obstacle,
            changes=tuple(latest.changes[-200:]),
            coming=runs.coming[:_MOST_COMING],
            batch_loss=float(batch_loss),
            batch_gradient_norm=float(batch_gradient_norm),
            losses_step=losses.step,
            training_loss=losses.training,
            validation_loss=losses.validation,
            readings=readings,
            measuring=owing or display.is_measuring(run, fresh=fresh),
            curves=curves.capture(latest, view.curves, ends.training, ends.validation),
            weights=weights.capture(run, display.maps(run), view.weights),
            data=data.capture(run, view.data),
            gauges=gauges.capture(run, view.gauges),
            ghosts=runs.drawn_ghosts(),
            comparison=runs.compare() if view.comparison else None,
            rate_range=rate_range,
        )
