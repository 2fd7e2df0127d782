"""The steps of the knobs, and how a change is written."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from engine.plain_text import counted
from engine.training.knob_kinds import Choice
from engine.training.knobs import KNOBS
from engine.training.schedules import SCHEDULES, Schedule
from tui.painting.numbers import short

if TYPE_CHECKING:
    from engine.runs.past.knob_change import KnobChange

SPEEDS: tuple[float | None, ...] = (1, 3, 10, 30, 100, 300, 1000, 3000, 10_000, 30_000, None)  # steps/s; None: full
_SMALLEST, _LARGEST = 1e-9, 1e6
_EPOCHS = 25


def next_learning_rate(learning_rate: float, direction: int) -> float:
    """The next higher (direction 1) or lower (−1) of 1, 2, 5 times a power of ten, within 1e-9 … 1e6."""
    power = math.floor(math.log10(learning_rate))
    ladder = [float(f"{factor}e{p}") for p in range(power - 1, power + 3) for factor in (1, 2, 5)]
    if direction > 0:
        return min(next(value for value in ladder if value > learning_rate * 1.0001), _LARGEST)
    return max(next(value for value in reversed(ladder) if value < learning_rate * 0.9999), _SMALLEST)


def nearby_learning_rate(learning_rate: float, direction: int) -> float:
    """A tenth more or less, in three significant digits."""
    value = float(f"{learning_rate * (1.1 if direction > 0 else 1 / 1.1):.3g}")
    return min(max(value, _SMALLEST), _LARGEST)


def next_batch_size(batch_size: int, direction: int, num_examples: int) -> int:
    """The batch size twice or half as large; never less than 1, never more than all examples."""
    if direction > 0:
        return min(batch_size * 2, num_examples)
    smaller = batch_size // 2
    if batch_size >= num_examples:  # from the full batch back onto the powers of two
        smaller = 2 ** max(0, math.ceil(math.log2(num_examples)) - 1)
    return max(1, smaller)


def next_on_ladder(knob: str, value: float, direction: int) -> float:
    """The next of the knob's ladder in that direction, as 0, 0.5, 0.8, 0.9, 0.95, 0.99 for the momentum; the value
    itself where there is none."""
    ladder = KNOBS[knob].ladder
    above = [step for step in ladder if step > value + 1e-9]
    below = [step for step in ladder if step < value - 1e-9]
    if direction > 0:
        return above[0] if above else value
    return below[-1] if below else value


def next_choice(knob: str, name: str) -> str:
    """The name after it in the knob's list, round and round."""
    kind = KNOBS[knob].kind
    assert isinstance(kind, Choice)
    return kind.names[(kind.names.index(name) + 1) % len(kind.names)]


def next_schedule(schedule: Schedule, steps: int) -> Schedule:
    """The one after it in the engine's list, round and round, over about `steps` steps."""
    kinds = list(SCHEDULES)
    return schedule_over(kinds[(kinds.index(schedule.kind) + 1) % len(kinds)], steps)


def schedule_over(kind: str, steps: int) -> Schedule:
    """A schedule of this kind that does most of its work within `steps` steps."""
    return SCHEDULES[kind].within(max(steps, 10))


def schedule_words(schedule: Schedule) -> str:
    """Words such as `constant`, `cosine over 200 steps`, `step × 0.1 every 60 steps`."""
    name = schedule.kind.replace("_", " ")
    steps = getattr(schedule, "steps", None)
    return f"{name} {schedule.span} {counted(steps, 'step')}" if steps else name


def schedule_length(epochs: int | None, steps_an_epoch: int, step: int) -> int:
    """Steps that are left of the scenario's length, 25 epochs where it has none; where less than a quarter is left,
    that whole length again."""
    length = (epochs or _EPOCHS) * steps_an_epoch
    return length - step if length - step >= length / 4 else length


def next_speed(steps_per_second: float | None, direction: int) -> float | None:
    """The next faster or slower of 1, 3, 10, … steps a second, and full speed."""
    ladder = [math.inf if speed is None else speed for speed in SPEEDS]
    now = math.inf if steps_per_second is None else steps_per_second
    if direction > 0:
        value = next((speed for speed in ladder if speed > now), math.inf)
    else:
        value = next((speed for speed in reversed(ladder) if speed < now), ladder[0])
    return None if math.isinf(value) else value


def change_label(change: KnobChange) -> str:
    """Labels such as `lr ↑0.1`, `batch ↓8`, `clip ↓2`; `adam`, `cosine`, `full batch`."""
    after = change.after.kind if isinstance(change.after, Schedule) else change.after
    if isinstance(after, str):
        return after.replace("_", " ")
    arrow = "↑" if change.after > change.before else "↓"
    return f"{KNOBS[change.knob].label} {arrow}{short(change.after)}"


def change_words(change: KnobChange) -> str:
    """Words such as `learning rate 0.2 → 0.05`, `optimizer sgd → adam`."""
    return f"{KNOBS[change.knob].title} {value_words(change.before)} → {value_words(change.after)}"


def value_words(value: float | str | Schedule) -> str:
    """The value of a knob as it is read."""
    if isinstance(value, Schedule):
        return schedule_words(value)
    return value.replace("_", " ") if isinstance(value, str) else f"{value:,.6g}"
