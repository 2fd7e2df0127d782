"""How many steps a training takes, and when its knobs change. Arithmetic; trains nothing."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from engine.bounds import batch_in_effect


class Change(NamedTuple):
    """Before the update number `step`, counted from 0, `knob` becomes `value`."""

    step: int
    knob: str
    value: float | str

    def __str__(self) -> str:
        """As it is asked for."""
        return f"--at {self.step} {self.knob}={self.value if isinstance(self.value, str) else f'{self.value:g}'}"


def in_order(changes: Iterable[Change]) -> list[Change]:
    """By step; those of one step in the order given."""
    return sorted(changes, key=lambda change: change.step)


def steps_of_epochs(
    epochs: int, *, examples: int, batch_size: int, changes: Iterable[Change], sampling: str = "reshuffled"
) -> int:
    """How many steps see `epochs` times all `examples`, or just more, where `changes` may set the batch size and
    the sampling on the way.

    A batch never reaches over the end of an epoch; the last one of an epoch may be short. A change of the
    sampling begins a new epoch.
    """
    wanted, left, step = epochs * examples, examples, 0
    for change in in_order(changes):
        size = batch_in_effect(sampling, batch_size, examples)
        if change.knob not in ("batch_size", "sampling"):
            continue
        if change.step - step >= _steps_to_see(wanted, left, examples, size):
            break
        seen = _seen_after(change.step - step, left, examples, size)
        wanted, left, step = wanted - seen, (left - seen) % examples or examples, change.step
        if change.knob == "batch_size":
            batch_size = int(change.value)
        elif change.value != sampling:
            sampling, left = str(change.value), examples
    return step + _steps_to_see(wanted, left, examples, batch_in_effect(sampling, batch_size, examples))


def _steps_to_see(wanted: int, left: int, examples: int, size: int) -> int:
    """Until `wanted` more examples are seen, where `left` are left of the epoch, 1 … examples."""
    if wanted <= left:
        return _batches(wanted, size)
    whole_epochs, rest = divmod(wanted - left, examples)
    return _batches(left, size) + whole_epochs * _batches(examples, size) + _batches(rest, size)


def _seen_after(steps: int, left: int, examples: int, size: int) -> int:
    """How many examples that many steps see; fewer steps than to the end of it all."""
    beyond = steps - _batches(left, size)
    if beyond < 0:
        return steps * size
    whole_epochs, rest = divmod(beyond, _batches(examples, size))
    return left + whole_epochs * examples + rest * size


def _batches(examples: int, size: int) -> int:
    return -(-examples // size)
