"""Consequences of the last change of a knob: the gauges before it and after it."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import fields
from typing import TYPE_CHECKING, NamedTuple

from engine.training.schedules import CONSTANT, Schedule
from tui.dashboard.panels.controls import noise, stability_gauge
from tui.painting.numbers import short
from tui.words import floor_words
from tui.words.knob_steps import schedule_words

if TYPE_CHECKING:
    from engine.measurement import Measurement
    from engine.serving.gauges.readings import Outlook
    from engine.serving.snapshot import Snapshot


class Consequence(NamedTuple):
    """The consequence of a change. before, after: the outlook of the knobs before and after it, both at the weights
    at which the latter was read: what has drifted meanwhile is no consequence. noise_scale: there. step: the first with
    the changed knob. limited: whether the limit means something there."""

    before: Outlook
    after: Outlook
    noise_scale: float
    step: int
    limited: bool


class LastChange:
    """Follows the snapshots of a run. Keys pressed faster than the readings come count as one change."""

    def __init__(self) -> None:
        self.consequence: Consequence | None = None
        self._measured: Snapshot | None = None
        self._read_at = 0

    def _is_beyond(self, snapshot: Snapshot, step: int) -> bool:
        """Tell whether the change at this step was read where a limit may have meant nothing any more."""
        return bool(stability_gauge.no_meaning(snapshot)) and self._read_at >= min(step + 1, snapshot.status.step)

    def until(self, step: int) -> Consequence | None:
        """The consequence that is known after so many steps: a look back may be from before the change."""
        return self.consequence if self.consequence and self.consequence.step <= step else None

    def forget(self) -> None:
        """Forget all, as another run begins."""
        self.consequence, self._measured = None, None

    def follow(self, snapshot: Snapshot) -> None:
        """See the next snapshot. One whose readings are still of other knobs says nothing yet; and where another run
        is in front, or another moment is shown, nothing was changed."""
        before = self._measured
        if before is not None and before.number != snapshot.number and not _branches_off(before, snapshot):
            self.forget()
        if self.consequence and self._is_beyond(snapshot, self.consequence.step):
            self.consequence = self.consequence._replace(limited=False)  # read where it had left what limits it
        if snapshot.readings.knobs != snapshot.knobs:
            return
        before, self._measured = self._measured, snapshot
        changed = before is not None and before.knobs != snapshot.knobs and before.changes != snapshot.changes
        readings = snapshot.readings
        if changed and readings.before is not None:
            step = snapshot.changes[-1].step if snapshot.changes else snapshot.step
            self._read_at = readings.step
            limited = not self._is_beyond(snapshot, step)
            self.consequence = Consequence(readings.before, readings.outlook, readings.noise_scale.value, step, limited)


def _branches_off(before: Snapshot, after: Snapshot) -> bool:
    """Tell whether a knob was changed at the moment `before`, an earlier one of its run: that made it another run."""
    made = tuple(change for change in before.changes if change.step <= before.step)
    first = after.changes[len(made) : len(made) + 1]
    return after.changes[: len(made)] == made and bool(first) and first[0].step == before.step


def words(consequence: Consequence, num_examples: int) -> tuple[str, list[str]]:
    """Words for the change, as `learning rate 0.05 → 0.1`, and for what followed from it, as `47 → 94 % of the
    limit`."""
    return ", ".join(_changes(consequence.before, consequence.after)), _effects(consequence, num_examples)


def _changes(before: Outlook, after: Outlook) -> list[str]:
    """Words for every knob that differs; the learning rate as it acts, and not where only a schedule moved it."""
    values = {
        field.name: (getattr(before.knobs, field.name), getattr(after.knobs, field.name))
        for field in fields(before.knobs)
    }
    changed = {knob: pair for knob, pair in values.items() if pair[0] != pair[1]}
    changed.pop("learning_rate", None)
    rates = before.learning_rate, after.learning_rate
    if after.knobs.schedule == CONSTANT and rates[0] != rates[1]:
        changed = {"learning_rate": rates, **changed}
    return [f"{knob.replace('_', ' ')} {_text(old)} → {_text(new, full=True)}" for knob, (old, new) in changed.items()]


def _text(value: object, *, full: bool = False) -> str:
    if isinstance(value, Schedule):
        return schedule_words(value) if full else value.kind.replace("_", " ")
    return short(float(value)) if isinstance(value, int | float) else str(value).replace("_", " ")


def _effects(consequence: Consequence, num_examples: int) -> list[str]:
    """Words such as `47 → 94 % of the limit`: what is known and differs as it is written."""

    def pair(read: Callable[[Outlook], float], show: Callable[[float], str]) -> str:
        old, new = read(consequence.before), read(consequence.after)
        texts = show(old), show(new)
        return " → ".join(texts) if math.isfinite(old) and math.isfinite(new) and texts[0] != texts[1] else ""

    scale = consequence.noise_scale
    limit = pair(lambda of: stability_gauge.share_of(of.learning_rate, of.limit.value), stability_gauge.percent)
    floor = _floors(consequence.before.noise_floor, consequence.after.noise_floor)
    spread = pair(lambda of: noise.gradient_noise(of.knobs, scale, num_examples), lambda value: short(value, 2))
    steps = pair(lambda of: float(of.knobs.steps_per_epoch(num_examples)), short)
    memory = pair(lambda of: of.knobs.memory, short)
    texts = (
        limit and consequence.limited and f"{limit} of the limit".replace("times of", "times"),
        floor and f"floor {floor}",
        spread and f"noise {spread} × the gradient",
        steps and f"{steps} steps an epoch",
        memory and f"a gradient acts {memory} times",
    )
    return [text for text in texts if text]


def _floors(before: Measurement, after: Measurement) -> str:
    texts = floor_words.marked(before), floor_words.marked(after)
    known = math.isfinite(before.value) and math.isfinite(after.value)
    return " → ".join(texts) if known and texts[0] != texts[1] else ""
