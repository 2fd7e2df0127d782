"""The report of a training that has ended: an object for programs, a few lines for people."""

from __future__ import annotations

import json
import math
import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from engine import probes
from engine.plain_text import counted, plain
from engine.runs.effects import effects
from engine.runs.obstacles import obstacle_now
from engine.runs.plan import Change, plan_of
from engine.runs.records.marks import weights_sha256
from engine.runs.run import Run
from engine.runs.standing.goals import Goal, GoalState
from engine.training.knob_kinds import Choice, Scheduled
from engine.training.knobs import KNOBS, Knobs
from engine.training.schedules import Schedule
from scenarios import Scenario
from scenarios.files.schema import ScenarioFile
from scenarios.models.own_units import in_own_units
from scenarios.trainings.verdict import Comparison, Verdict
from tui.words.command_lines import line_of
from tui.words.standing_words import RUNNING
from tui.words.verdict_words import effect_in_words, verdict_in_words

_MOST_WEIGHTS = 64
_FLOOR_EFFORT = probes.Effort(tolerance=0.05, work=6e8)  # a fraction of a second


def measure(scenario_id: str, run: Run) -> dict[str, Any]:
    """The keys of `descend train --json`. Losses and gradient are over all examples at the present weights, knobs
    are those of the next step, the learning rate with its schedule.

    noise_floor: where the loss settles on average with these knobs, infinite where it does not. noise_floor_kind:
    exact, estimate, measured or unknown. noise_floor_error: the standard error of a measured one, else 0.
    detail: the finer word for the status, `engine.runs.standing.status.Status` has them all; empty while it trains.
    rmse, r_squared, accuracy: as `engine.probes.scores` defines them, over all examples; NaN where they do not apply.
    rmse: in the target's own units, also where it was scaled.
    weights_sha256: of the weights' little-endian float64 bytes. weights: None above 64 of them.
    Numbers may be NaN or infinite here.
    """
    trainer = run.trainer
    weights = trainer.weights
    scale = run.target_scale
    with np.errstate(all="ignore"):  # a diverged run is a result
        gradient_norm = float(np.linalg.norm(trainer.objective.gradient(weights)))
        sharpness = probes.sharpness(trainer.objective, weights)
        limit = probes.rate_limit(trainer, run.theory, sharpness=sharpness)
        floor = _noise_floor(run)
        training = probes.scores(trainer.objective, weights, target_scale=scale)
        validation = probes.scores(run.validation, weights, target_scale=scale) if run.validation else probes.Scores()
    return {
        "scenario": scenario_id,
        "seed": trainer.seed,
        "steps": trainer.steps,
        "epochs": trainer.epoch,
        "examples": trainer.examples,
        "status": run.status.kind,
        "detail": run.status.detail,
        "learning_rate": trainer.learning_rate,
        "batch_size": trainer.knobs.batch_size,
        "optimizer": trainer.knobs.optimizer,
        "loss": trainer.loss(),
        "validation_loss": run.trainer.validation_loss(),
        **_scores("", training),
        **_scores("validation_", validation),
        "gradient_norm": gradient_norm,
        "weights": weights.tolist() if len(weights) <= _MOST_WEIGHTS else None,
        "weights_sha256": weights_sha256(weights),
        "sharpness": sharpness.value,
        "largest_stable_learning_rate": limit.value,
        "full_batch_limit": limit.full_batch.value,
        "minibatch_limit": limit.minibatch.value,
        "noise_floor": floor.value,
        "noise_floor_kind": floor.kind,
        "noise_floor_error": floor.error,
        "goal": _goal(run),
    }


def own_units(file: ScenarioFile, run: Run) -> dict[str, Any]:
    """Further keys: weights of a linear model in the units of the data's own columns, by name, the intercept last; and
    loss_in_own_units where the target was scaled. Empty where nothing was shifted or scaled."""
    weights = run.trainer.weights
    scale = run.target_scale
    found = in_own_units(file, weights) if len(weights) <= _MOST_WEIGHTS else None
    keys = {} if found is None else {"weights_in_own_units": found}
    return keys if scale == 1.0 else {**keys, "loss_in_own_units": run.trainer.loss() * scale**2}


def in_full(scenario: Scenario, run: Run, comparison: Comparison | None) -> dict[str, Any]:
    """The keys of `--json` on how it was trained, and on what came of it.

    command: the line that does the same in the dashboard. knobs: all of them at the start; changes: those made on the
    way. reference: the training that the scenario's file gives as a good one. verdict: its sentences, and how two other
    trainings stand, with nothing changed and by the reference; both None where there is none.
    """
    file, verdict, plan = scenario.file, None, plan_of(run)
    if run.goal is not None and run.goal_state is not None and comparison is not None:
        verdict = {
            "sentences": verdict_in_words(Verdict(run.goal, run.goal_state, comparison), obstacle_now(run)),
            "untouched": _standing(run.goal, comparison.untouched),
            "reference": _standing(run.goal, comparison.reference),
            "effects": [effect_in_words(effect) for effect in effects(run)],
        }
    reference = file.reference and {
        "source": file.reference.source,
        "changes": [_change(change) for change in file.reference.script()],
    }
    return {
        "command": line_of(scenario, plan),
        "content": scenario.content,
        "knobs": {name: _plain(getattr(plan.knobs, name)) for name in KNOBS},
        "changes": [_change(change) for change in plan.changes],
        "reference": reference,
        "verdict": verdict,
    }


def _change(change: Change) -> dict[str, Any]:
    return {"step": change.step, "knob": change.knob, "value": _plain(change.value)}


def _plain(value: Any) -> Any:
    """A knob's value as in the command line."""
    return str(value) if isinstance(value, Schedule) else value


def _scores(part: str, scores: probes.Scores) -> dict[str, float]:
    """The scores of one part of the examples, by their keys."""
    return {f"{part}{name}": getattr(scores, name) for name in ("rmse", "r_squared", "accuracy")}


def _noise_floor(run: Run) -> probes.Measurement:
    """Return the floor by theory where that says it, else measured."""
    trainer, rate = run.trainer, run.trainer.learning_rate
    floor = run.theory.noise_floor(rate, trainer.knobs, order=trainer.fixed_order())
    if floor.kind != "unknown":
        return floor
    pieces = run.theory.measured_noise_floor(rate, trainer.knobs, _FLOOR_EFFORT)
    return floor if pieces is None else probes.finish(pieces)


def _goal(run: Run) -> dict[str, Any] | None:
    """The standing of the run to its scenario's goal."""
    return None if run.goal is None else _standing(run.goal, run.goal_state)


def _standing(goal: Goal, state: GoalState | None) -> dict[str, Any] | None:
    if state is None:
        return None
    return {"state": state.kind, "measure": goal.measure, "score": state.score, "stars": state.stars}


def as_json(report: dict[str, Any]) -> str:
    """One object on one line; numbers that are not finite become null."""
    return json.dumps({key: _finite(value) for key, value in report.items()}, allow_nan=False)


def _finite(value: Any) -> Any:
    if isinstance(value, list):
        return [_finite(item) for item in value]
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    return None if isinstance(value, float) and not math.isfinite(value) else value


def as_text(title: str, report: dict[str, Any], run: Run, judged: Mapping[str, str]) -> str:
    """The same numbers in a few lines; judged: more rows, about the goal."""
    status = run.status
    when = "since" if status.kind == "running" else "at"
    since = f" {when} step {status.step:,}: {status.reason}" if status.reason else ""
    rows = {
        "trained": f"{counted(report['steps'], 'step')}, {report['epochs']:,.4g} epoch{'s' * (report['epochs'] != 1)}, "
        f"{counted(report['examples'], 'example')}",
        "status": RUNNING.get(status.detail, status.kind) + since,
        "knobs": f"{_knobs(report, run.trainer.knobs)}, seed {report['seed']}",
        "loss": f"{report['loss']:.6g}{_scores_in_words(report, '')}",
        "validation loss": f"{report['validation_loss']:.6g}{_scores_in_words(report, 'validation_')}"
        if run.validation
        else "",
        "gradient norm": f"{report['gradient_norm']:.4g}",
        "sharpness": f"{report['sharpness']:.4g}, so the largest stable learning rate is {_limit(report, run)}",
        "noise floor": _floor(report),
        "weights": _weights(report["weights"], run.trainer.objective.weight_names)
        + ("; of standardised features" if "weights_in_own_units" in report else ""),
        "in own units": _own_units(report),
        "weights' sha256": report["weights_sha256"],
        **judged,
    }
    lines = [plain(f"{title} ({report['scenario']})")]
    for name, text in rows.items():
        if text:
            lines += textwrap.wrap(f"  {name:<17}{text}", 84, subsequent_indent=" " * 19)
    return "\n".join(lines)


def _scores_in_words(report: dict[str, Any], part: str) -> str:
    """The scores that apply, such as ` (RMSE 3.425, R² 0.8121)`; empty where none does."""
    said = {
        f"RMSE {report[f'{part}rmse']:.4g}": report[f"{part}rmse"],
        f"R² {report[f'{part}r_squared']:.4g}": report[f"{part}r_squared"],
        f"accuracy {100 * report[f'{part}accuracy']:.4g} %": report[f"{part}accuracy"],
    }
    words = ", ".join(text for text, value in said.items() if not math.isnan(value))
    return f" ({words})" if words else ""


def _knobs(report: dict[str, Any], knobs: Knobs) -> str:
    """The knobs of the next step; those that most people leave alone only where somebody has not."""
    said = []
    for name, knob in KNOBS.items():
        value = report["learning_rate"] if name == "learning_rate" else getattr(knobs, name)
        if not knobs.acts(name) or (value == knob.default and (knob.quiet or isinstance(knob.kind, Scheduled))):
            continue
        text = f"{value:g}" if isinstance(value, float) else str(value)
        said.append(text if isinstance(knob.kind, Choice) else f"{knob.title} {text}")
    return ", ".join(said)


def _limit(report: dict[str, Any], run: Run) -> str:
    """The limit of the learning rate, and for which batches; where it is lower for minibatches than on all the data,
    both."""
    lowest, full_batch = report["largest_stable_learning_rate"], report["full_batch_limit"]
    if run.status.detail == "saturated":
        return "not to be told from it: most units are saturated"
    batches = f"for batches of {run.trainer.batch_in_effect}"
    if lowest < full_batch:
        return f"on average {lowest:.4g} {batches} ({full_batch:.4g} on all the data)"
    sees_all = run.trainer.knobs.sees_all(run.trainer.num_examples)
    if math.isnan(report["minibatch_limit"]) and not sees_all:
        return f"{lowest:.4g} on all the data; {batches} it may be lower"
    return f"{lowest:.4g}"


def _floor(report: dict[str, Any]) -> str:
    """The noise floor and where it comes from; empty where it is not known."""
    value, kind = report["noise_floor"], report["noise_floor_kind"]
    if kind == "unknown":
        return ""
    if not math.isfinite(value):
        return "none: with these knobs the loss does not settle"
    if kind == "measured":
        return f"{value:.6g} ± {report['noise_floor_error']:.1g}, measured on replicas"
    return f"{value:.6g}, predicted{' (about)' * (kind == 'estimate')}"


def _own_units(report: dict[str, Any]) -> str:
    """Weights and loss as they are without the shift and scale that the data was trained with."""
    weights = report.get("weights_in_own_units", {})
    digits = _digits(max(map(abs, weights.values()), default=0.0), report)
    words = [f"{name} {weight:.{digits}g}" for name, weight in weights.items()]
    loss = report.get("loss_in_own_units")
    return plain(", ".join([*words, *([] if loss is None else [f"loss {loss:.6g}"])]))


def _digits(largest: float, report: dict[str, Any]) -> int:
    """The digits, 6 to 15, that tell predictions to a hundred-thousandth of the target's standard deviation, which is
    small beside the largest weight where the numbers are far from zero."""
    unexplained = 1 - report["r_squared"]
    deviation = report["rmse"] / math.sqrt(unexplained) if unexplained > 0 else math.nan
    if not (0 < deviation < math.inf and 0 < largest < math.inf):
        return 6
    return min(15, max(6, math.ceil(math.log10(largest / deviation)) + 5))


def _weights(weights: list[float] | None, names: Sequence[str]) -> str:
    if weights is None:
        return f"{len(names):,} of them"
    return ", ".join(f"{name} {weight:.5g}" for name, weight in zip(names, weights, strict=True))
