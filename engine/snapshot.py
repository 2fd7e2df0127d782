"""Immutable pictures of a run: all that the screen needs, and no more than it can show."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from engine.effects import effects
from engine.views import curves, data, gauges, scene, weights
from engine.views.curves import CurvesPicture, CurvesView
from engine.views.data import DataPicture, DataView
from engine.views.gauges import GaugesPicture, GaugesView
from engine.views.scene import Scene
from engine.views.steps import Steps
from engine.views.trail import Trail
from engine.views.weights import WeightsPicture, WeightsView

if TYPE_CHECKING:
    from engine.effects import Effect
    from engine.goals import GoalState
    from engine.instruments import Readings
    from engine.knobs import Knobs
    from engine.run import KnobChange, Run
    from engine.status import Status


@dataclass(frozen=True)
class View:
    """What the screen can show, panel by panel. scene: number of the scene that it has. effects: whether it shows what
    the knob changes did."""

    scene: int = -1
    effects: bool = False
    curves: CurvesView = field(default_factory=CurvesView)
    weights: WeightsView = field(default_factory=WeightsView)
    data: DataView = field(default_factory=DataView)
    gauges: GaugesView = field(default_factory=GaugesView)


@dataclass(frozen=True)
class Snapshot:
    """A run at one moment. Numbers may be NaN or infinite.

    scene: None where the screen has it. readings: the probes, each with what it is worth; of some steps ago where they
    take long to measure. measuring: whether a further frame will know more, even if no step is taken.
    learning_rate: of the next step, with its schedule; `knobs` has the rate that the schedule multiplies.
    batch_loss, gradient_norm: of the latest step.
    goal: how the run stands to it, None where there is none. effects: of the knob changes, where the view asks.
    steps_per_second: asked for, None is full speed; measured_rate: taken lately, 0 while paused.
    ghosts: earlier runs, the latest last.
    """

    scene: Scene | None
    scene_number: int
    step: int
    epoch: float
    examples: int
    running: bool
    steps_per_second: float | None
    measured_rate: float
    seed: int
    knobs: Knobs
    learning_rate: float
    status: Status
    goal: GoalState | None
    effects: tuple[Effect, ...]
    changes: tuple[KnobChange, ...]
    batch_loss: float
    gradient_norm: float
    training_loss: float
    validation_loss: float
    readings: Readings
    measuring: bool
    curves: CurvesPicture
    weights: WeightsPicture
    data: DataPicture
    gauges: GaugesPicture
    ghosts: tuple[Trail, ...]


@dataclass(frozen=True)
class EngineFailed:
    """The engine cannot go on: what happened in a line, and the traceback."""

    reason: str
    details: str = ""


@dataclass(frozen=True)
class Refused:
    """A command that the engine did not carry out, and why; the run is untouched."""

    reason: str


Reply = Snapshot | Steps | EngineFailed | Refused


def take(
    run: Run,
    view: View,
    *,
    scene_number: int,
    running: bool,
    steps_per_second: float | None,
    measured_rate: float,
    ghosts: tuple[Trail, ...],
) -> Snapshot:
    """A snapshot of `run` for what `view` shows; without what may not suit it, where that shows another scene."""
    trainer = run.trainer
    if view.scene != scene_number:
        view = replace(view, weights=WeightsView(view.weights.columns), data=DataView(view.data.points))
    with np.errstate(all="ignore"):
        batch_loss, gradient_norm = trainer.history.tail(1)[:2, 0] if trainer.steps else (np.nan, np.nan)
        training_loss, validation_loss = trainer.loss(), run.validation_loss()
        return Snapshot(
            scene=scene.take(run, scene_number, view.data.points) if view.scene != scene_number else None,
            scene_number=scene_number,
            step=trainer.steps,
            epoch=trainer.epoch,
            examples=trainer.examples,
            running=running,
            steps_per_second=steps_per_second,
            measured_rate=measured_rate,
            seed=trainer.seed,
            knobs=trainer.knobs,
            learning_rate=trainer.learning_rate,
            status=run.status,
            goal=run.goal_state,
            effects=effects(run) if view.effects else (),
            changes=tuple(run.changes[-200:]),
            batch_loss=float(batch_loss),
            gradient_norm=float(gradient_norm),
            training_loss=training_loss,
            validation_loss=validation_loss,
            readings=run.instruments.read(fresh=not running),
            measuring=not run.instruments.up_to_date,
            curves=curves.take(run, view.curves, training_loss, validation_loss),
            weights=weights.take(run, view.weights),
            data=data.take(run, view.data),
            gauges=gauges.take(run, view.gauges),
            ghosts=ghosts,
        )
