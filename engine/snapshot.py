"""Immutable pictures of a run: all that the screen needs, and no more than it can show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine import probes
from engine.commands import LossGridRequest, View
from engine.history import Series
from engine.instruments import Readings
from engine.knobs import Knobs
from engine.objective import Array, Objective
from engine.run import KnobChange, Run
from engine.status import Status

_FIT_POINTS = 100
_LATEST_STEPS = 100


@dataclass(frozen=True)
class Scene:
    """What does not change while a run trains. M ≤ the view's points examples of each kind are shown.

    inputs: (M, 1) where there is one feature, else (0, d). targets: (M,), of the training examples; (0,) without data.
    validation_targets: (V,), empty without any.
    fit_inputs: for one feature (K,) evenly spaced values over the data, where the model is drawn; else empty.
    initial_weights, minimum: (P,), for at most two weights; minimum is None where none is known.
    """

    number: int
    weight_names: Sequence[str]
    watched: tuple[int, ...]
    num_examples: int
    inputs: Array
    targets: Array
    validation_targets: Array
    fit_inputs: Array
    initial_weights: Array
    minimum: Array | None


@dataclass(frozen=True)
class Curve:
    """Values at steps, both (m,) float64; NaN where not finite."""

    steps: Array
    values: Array


@dataclass(frozen=True)
class Trail:
    """What a run left on the curves and the map: the loss over all training examples, and the way of the
    weights, (m, P) for at most two weights, else (0, P)."""

    training_loss: Curve
    trajectory: Array


@dataclass(frozen=True)
class LossGrid:
    """The losses that were asked for: (len(second), len(first)), or (len(first),) for one weight."""

    request: LossGridRequest
    losses: Array


@dataclass(frozen=True)
class Snapshot:
    """A run at one moment. Numbers may be NaN or infinite.

    batch: indices into the scene's examples of those shown that are in the next minibatch.
    readings: the probes, each with what it is worth; of some steps ago where they take long to measure. measuring:
    whether a further frame will know more, even if no step is taken.
    learning_rate: of the next step, with its schedule; `knobs` has the rate that the schedule multiplies.
    batch_loss, gradient_norm: of the latest step.
    predictions: for the scene's `fit_inputs` where there is one feature, else for its examples.
    validation_predictions: for the scene's validation examples where there are several features, else empty.
    gradient: (P,) over all examples, for at most two weights, else empty.
    weights: the watched ones. weight_series: one a watched weight, for more than two weights; half as many
    points as the view has columns, for there are many of them.
    steps_per_second: asked for, None is full speed; measured_rate: taken lately, 0 while paused.
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
    changes: tuple[KnobChange, ...]
    batch_loss: float
    gradient_norm: float
    training_loss: float
    validation_loss: float
    readings: Readings
    measuring: bool
    batch: NDArray[np.intp]
    gradient: Array
    weights: Array
    predictions: Array
    validation_predictions: Array
    batch_curve: Series
    validation_curve: Curve
    trail: Trail
    weight_series: tuple[Series, ...]
    ghost: Trail | None
    loss_grid: LossGrid | None


@dataclass(frozen=True)
class EngineFailed:
    """The engine cannot go on: what happened in a line, and the traceback."""

    reason: str
    details: str = ""


@dataclass(frozen=True)
class Refused:
    """A command that the engine did not carry out, and why; the run is untouched."""

    reason: str


Reply = Snapshot | EngineFailed | Refused


def scene(run: Run, number: int, points: int) -> Scene:
    """The unchanging part of the picture, with at most `points` examples of each kind."""
    trainer = run.trainer
    objective = trainer.objective
    shown = shown_examples(len(objective.targets), points)
    few_weights = len(objective.weight_names) <= 2
    return Scene(
        number=number,
        weight_names=objective.weight_names,
        watched=tuple(trainer.watched),
        num_examples=len(objective.examples),
        inputs=objective.inputs[shown if objective.inputs.shape[1] == 1 else []],
        targets=objective.targets[shown],
        validation_targets=_shown(run.validation.targets, points) if run.validation else np.empty(0),
        fit_inputs=_fit_inputs(objective),
        initial_weights=trainer.initial_weights if few_weights else np.empty(0),
        minimum=objective.minimum() if few_weights else None,
    )


def trail(run: Run, columns: int, training_loss: float) -> Trail:
    """What the run has left so far, in about `columns` points; `training_loss` is the present one."""
    evaluations, trainer = run.evaluations, run.trainer
    training = _curve(evaluations.steps, evaluations.training_loss, trainer.steps, training_loss, columns)
    num_weights = len(trainer.objective.weight_names)
    if num_weights > 2:
        return Trail(training, np.empty((0, num_weights)))
    # All of the way as means of a few steps each; the latest steps one by one, so that its noise shows.
    earlier = max(0, trainer.steps - _LATEST_STEPS)
    parts = [trainer.history.window(f"w{j}", 0, earlier, 2 * columns).mean for j in range(num_weights)]
    means = np.stack(parts, axis=1)[:-1]  # the last one may reach into the latest steps
    latest = trainer.history.tail(_LATEST_STEPS)[-num_weights:].T
    return Trail(training, np.vstack([trainer.initial_weights, means, latest, trainer.weights]))


def take(
    run: Run,
    view: View,
    *,
    scene_number: int,
    running: bool,
    steps_per_second: float | None,
    measured_rate: float,
    ghost: Trail | None,
) -> Snapshot:
    """A snapshot of `run` for what `view` shows."""
    trainer = run.trainer
    objective, weights, history = trainer.objective, trainer.weights, trainer.history
    with np.errstate(all="ignore"):
        batch_loss, gradient_norm = history.tail(1)[:2, 0] if trainer.steps else (np.nan, np.nan)
        training_loss, validation_loss = trainer.loss(), run.validation_loss()
        fit_inputs = _fit_inputs(objective)
        shown = shown_examples(len(objective.targets), view.points)
        few_weights = len(weights) <= 2
        return Snapshot(
            scene=scene(run, scene_number, view.points) if view.scene != scene_number else None,
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
            changes=tuple(run.changes[-200:]),
            batch_loss=float(batch_loss),
            gradient_norm=float(gradient_norm),
            training_loss=training_loss,
            validation_loss=validation_loss,
            readings=run.instruments.read(fresh=not running),
            measuring=not run.instruments.up_to_date,
            batch=np.flatnonzero(np.isin(shown, trainer.upcoming_batch())),
            gradient=objective.gradient(weights) if few_weights else np.empty(0),
            weights=weights[trainer.watched],
            predictions=objective.predict(weights, fit_inputs[:, None] if len(fit_inputs) else objective.inputs[shown]),
            validation_predictions=_validation_predictions(run, weights, view.points),
            batch_curve=history.window("batch_loss", 0, trainer.steps, view.columns),
            validation_curve=_curve(
                run.evaluations.steps, run.evaluations.validation_loss, trainer.steps, validation_loss, view.columns
            ),
            trail=trail(run, view.columns, training_loss),
            weight_series=()
            if few_weights
            else tuple(history.window(f"w{j}", 0, trainer.steps, view.columns // 2) for j in trainer.watched),
            ghost=ghost,
            loss_grid=_loss_grid(run, view.loss_grid) if view.loss_grid and few_weights else None,
        )


def shown_examples(num_examples: int, points: int) -> NDArray[np.intp]:
    """Which examples are drawn: all, or `points` of them evenly spread."""
    if num_examples <= points:
        return np.arange(num_examples)
    return np.linspace(0, num_examples - 1, points).astype(np.intp)


def _fit_inputs(objective: Objective) -> Array:
    if objective.inputs.shape[1] != 1:
        return np.empty(0)
    finite = objective.inputs[np.isfinite(objective.inputs)]
    return np.linspace(finite.min(), finite.max(), _FIT_POINTS) if len(finite) else np.empty(0)


def _shown(values: Array, points: int) -> Array:
    return values[shown_examples(len(values), points)]


def _validation_predictions(run: Run, weights: Array, points: int) -> Array:
    if run.validation is None or run.validation.inputs.shape[1] == 1:
        return np.empty(0)
    return run.validation.predict(weights, _shown(run.validation.inputs, points))


def _curve(steps: Array, values: Array, latest_step: int, latest: float, columns: int) -> Curve:
    """At most about 2 × `columns` points, with the present value as the last one."""
    every = max(1, len(steps) // max(1, columns))
    values = np.append(values[::every], latest)
    return Curve(np.append(steps[::every], latest_step), np.where(np.isfinite(values), values, np.nan))


def _loss_grid(run: Run, request: LossGridRequest) -> LossGrid:
    objective = run.trainer.objective
    first = np.linspace(*request.first)
    if request.second is None:
        return LossGrid(request, objective.losses(first[:, None]))
    return LossGrid(request, probes.loss_grid(objective, first, np.linspace(*request.second)))
