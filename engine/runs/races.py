"""Races: several runs at once from one start, that differ in one knob."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from engine.bounds import MOST_IN_RACE, MOST_NUMBERS, MOST_WEIGHTS
from engine.plain_text import shortened
from engine.refusals import RefusalError
from engine.runs.run import RunSource
from engine.runs.run_set import MOST_RACERS, Runs

_NAMES = {"optimizer": "", "batch_size": "batch ", "learning_rate": "lr "}


def begin(runs: Runs, source: RunSource, knob: str, values: tuple[Any, ...]) -> None:
    """Race runs of `source` with the seed and the knobs that are shown, but each with its own value of `knob`.

    Racers of different batch sizes are kept level in examples, for that is what an update costs; the others in
    updates. Raises RefusalError for another knob, fewer than two, more than four or equal values, and those out of
    range.
    """
    if knob not in _NAMES:
        raise RefusalError(f"a race is between values of {', '.join(_NAMES)}, not of {shortened(knob)}")
    if not 2 <= len(values) <= MOST_RACERS:
        raise RefusalError(f"a race is between 2 to {MOST_RACERS} values, not {len(values)}")
    if len(set(values)) < len(values):
        raise RefusalError("a race is between different values: one is there twice")
    trainer = runs.shown.trainer
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
    knobs = [replace(trainer.knobs, **{knob: value}) for value in values]
    runs.race(
        [source.run(seed=trainer.seed, knobs=each) for each in knobs],
        [_NAMES[knob] + (value if isinstance(value, str) else f"{value:g}") for value in values],
        lock_step="examples" if knob == "batch_size" else "updates",
    )
