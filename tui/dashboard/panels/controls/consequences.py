"""Consequences of the last change of a knob: the gauges before it and after it."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, fields

from engine.serving.snapshot import Snapshot
from engine.training.schedules import CONSTANT, Schedule
from tui.dashboard.panels.controls import noise, stability_gauge
from tui.painting.numbers import fixed, short
from tui.words.knob_steps import schedule_words


@dataclass(frozen=True)
class Consequence:
    """The consequence of a change. before, after: the last snapshot whose readings are of the knobs before, and the
    first with those after."""

    before: Snapshot
    after: Snapshot

    @property
    def step(self) -> int:
        """The first step with the changed knob."""
        changes = self.after.changes
        return changes[-1].step if changes else self.after.step


class LastChange:
    """Follows the snapshots of a run. Keys pressed faster than the readings come count as one change."""

    def __init__(self) -> None:
        self.consequence: Consequence | None = None
        self._measured: Snapshot | None = None

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
        if snapshot.readings.knobs != snapshot.knobs:
            return
        before, self._measured = self._measured, snapshot
        if before is not None and before.knobs != snapshot.knobs and before.changes != snapshot.changes:
            self.consequence = Consequence(before, snapshot)


def _branches_off(before: Snapshot, after: Snapshot) -> bool:
    """Tell whether a knob was changed at the moment `before`, an earlier one of its run: that made it another run."""
    made = tuple(change for change in before.changes if change.step <= before.step)
    first = after.changes[len(made) : len(made) + 1]
    return after.changes[: len(made)] == made and bool(first) and first[0].step == before.step


def words(consequence: Consequence, num_examples: int) -> tuple[str, list[str]]:
    """Words for the change, as `learning rate 0.05 → 0.1`, and for what followed from it, as `47 → 94 % of the
    limit`."""
    before, after = consequence.before, consequence.after
    return ", ".join(_changes(before, after)), _effects(before, after, num_examples)


def _changes(before: Snapshot, after: Snapshot) -> list[str]:
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


def _effects(before: Snapshot, after: Snapshot, num_examples: int) -> list[str]:
    """Words such as `47 → 94 % of the limit`: what is known and differs as it is written."""

    def pair(read: Callable[[Snapshot], float], show: Callable[[float], str]) -> str:
        old, new = read(before), read(after)
        texts = show(old), show(new)
        return " → ".join(texts) if math.isfinite(old) and math.isfinite(new) and texts[0] != texts[1] else ""

    limit = pair(stability_gauge.limit_share, stability_gauge.percent)
    floor = pair(lambda snapshot: snapshot.readings.noise_floor.value, fixed)
    scale = after.readings.noise_scale.value  # for both, as it moves with the weights
    spread = pair(lambda of: noise.gradient_noise(of.knobs, scale, num_examples), lambda value: short(value, 2))
    steps = pair(lambda snapshot: _steps_an_epoch(snapshot, num_examples), short)
    memory = pair(_memory, short)
    texts = (
        limit and f"{limit} of the limit".replace("times of", "times"),
        floor and f"floor {floor}",
        spread and f"noise {spread} × the gradient",
        steps and f"{steps} steps an epoch",
        memory and f"a gradient acts {memory} times",
    )
    return [text for text in texts if text]


def _steps_an_epoch(snapshot: Snapshot, num_examples: int) -> float:
    return float(-(-num_examples // snapshot.knobs.batch_in_effect(num_examples)))


def _memory(snapshot: Snapshot) -> float:
    """How much of the learning rate a gradient gets in all, over the steps that remember it: 1/(1 − momentum)."""
    return 1 / (1 - snapshot.knobs.momentum) if snapshot.knobs.acts("momentum") else math.nan
