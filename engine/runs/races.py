"""Races: several runs at once from one start that differ in one knob; optimizers may have a learning rate each."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from engine.bounds import MOST_IN_RACE, MOST_NUMBERS, MOST_WEIGHTS
from engine.refusals import RefusalError
from engine.runs.run import RunSource
from engine.runs.run_set import MOST_RACERS, Runs
from engine.training.knob_kinds import Choice, Scheduled
from engine.training.knobs import KNOBS, check_name


def begin(
    runs: Runs, source: RunSource, knob: str, values: tuple[Any, ...], rates: tuple[float | None, ...] = ()
) -> None:
    """Race runs of `source` with the seed and the knobs that are shown, but each with its own value of `knob`; and of
    optimizers each with its own of `rates`, where it has one.

    Racers of different batch sizes are kept level in examples, for that is what an update costs; the others in
    updates. Raises RefusalError for a knob that there is not or that does not act, fewer than two, more than four or
    equal values, those out of range, and rates that are not of optimizers or not as many.
    """
    check_name(knob)
    if not 2 <= len(values) <= MOST_RACERS:
        raise RefusalError(f"a race is between 2 to {MOST_RACERS} values, not {len(values)}")
    if rates and (knob != "optimizer" or len(rates) != len(values)):
        raise RefusalError("learning rates are raced with optimizers only, one for each")
    racers = list(zip(values, rates or [None] * len(values), strict=True))
    if len(set(racers)) < len(racers):
        raise RefusalError("a race is between different values: one is there twice")
    trainer = runs.shown.trainer
    if not trainer.knobs.acts(knob):
        raise RefusalError(KNOBS[knob].idle_words([trainer.knobs.optimizer]))
    sizes = {
        "weights": (len(trainer.weights), MOST_WEIGHTS),
        "numbers": (trainer.objective.examples.size, MOST_NUMBERS),
    }
    for what, (size, most) in sizes.items():
        if size * len(values) > MOST_IN_RACE * most:
            all_together = f"{size * len(values):,} {what}"
            raise RefusalError(
                f"a race is of runs of at most {MOST_IN_RACE * most:,} {what} together, not {all_together}"
            )
    knobs = []
    for value, rate in racers:
        rated = trainer.knobs if rate is None else replace(trainer.knobs, learning_rate=rate)
        knobs.append(replace(rated, **{knob: value}))
    runs.race(
        [source.run(seed=trainer.seed, knobs=each) for each in knobs],
        [_label(knob, value, rate) for value, rate in racers],
        lock_step="examples" if knob in ("batch_size", "sampling") else "updates",
    )


def _label(knob: str, value: Any, rate: float | None) -> str:
    """Words such as `batch 8`, and `adam 0.001` for one with a learning rate of its own."""
    row = KNOBS[knob]
    name = "" if isinstance(row.kind, Choice | Scheduled) else f"{row.label or row.title} "
    words = name + (value if isinstance(value, str) else f"{value:g}")
    return words if rate is None else f"{words} {rate:g}"
