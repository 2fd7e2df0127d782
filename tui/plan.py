"""How many steps a training takes, and when its knobs change. Arithmetic; trains nothing, imports nothing."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple


class Change(NamedTuple):
    """Before the update number `step`, counted from 0, `knob` becomes `value`."""

    step: int
    knob: str
    value: float


def in_order(changes: Iterable[Change]) -> list[Change]:
    """By step; those of one step in the order given."""
    return sorted(changes, key=lambda change: change.step)


def steps_of_epochs(epochs: int, *, examples: int, batch_size: int, changes: Iterable[Change]) -> int:
    """How many steps see `epochs` times all `examples`, where `changes` may set the batch size on the way.

    A batch never reaches over the end of an epoch; the last one of an epoch may be short.
    """
    target = epochs * examples
    step = seen = 0
    for change in in_order(changes):
        if change.knob != "batch_size":
            continue
        if change.step - step >= _steps_between(seen, target, examples, batch_size):
            break
        seen = _seen_after(change.step - step, seen, examples, batch_size)
        step, batch_size = change.step, int(change.value)
    return step + _steps_between(seen, target, examples, batch_size)


def _steps_between(seen: int, target: int, examples: int, batch_size: int) -> int:
    left_of_epoch = -seen % examples
    whole_epochs = (target - seen - left_of_epoch) // examples
    return _batches(left_of_epoch, batch_size) + whole_epochs * _batches(examples, batch_size)


def _seen_after(steps: int, seen: int, examples: int, batch_size: int) -> int:
    left_of_epoch = -seen % examples
    beyond = steps - _batches(left_of_epoch, batch_size)
    if beyond < 0:
        return seen + steps * batch_size
    whole_epochs, rest = divmod(beyond, _batches(examples, batch_size))
    return seen + left_of_epoch + whole_epochs * examples + rest * batch_size


def _batches(examples: int, batch_size: int) -> int:
    return -(-examples // batch_size)
