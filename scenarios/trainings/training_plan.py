"""How many steps a training takes, when its knobs change, and taking those steps."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from engine.runs.run import Run

MOST_AT_ONCE = 1024  # steps between two calls of `after`; the history keeps more than that exactly
_CHUNK_SECONDS = 0.05  # so that a progress bar moves and ctrl+c is heard, however large the batches are


class ChangeError(ValueError):
    """A change of a knob that cannot be made at its step. The text names the change and what is wrong with it."""


class Change(NamedTuple):
    """A change of a knob: before the update number `step`, counted from 0, `knob` becomes `value`."""

    step: int
    knob: str
    value: float | str

    def __str__(self) -> str:
        """The option that asks for it."""
        return f"--at {self.step} {self.knob}={self.value if isinstance(self.value, str) else f'{self.value:g}'}"


def in_order(changes: Iterable[Change]) -> list[Change]:
    """The changes by step; those of one step in the order given."""
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
        size = examples if sampling == "full_batch" else batch_size
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
    return step + _steps_to_see(wanted, left, examples, examples if sampling == "full_batch" else batch_size)


def _steps_to_see(wanted: int, left: int, examples: int, size: int) -> int:
    """Steps until `wanted` more examples are seen, where `left` are left of the epoch, 1 … examples."""
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


def take_steps(
    run: Run,
    steps: int,
    changes: Iterable[Change],
    after: Callable[[int], object] = lambda taken: None,
    stopped: Callable[[], bool] = lambda: False,
) -> None:
    """Train until `steps` updates are done, the run blows up, or `stopped()`; make the changes on the way.

    Calls `after(n)` whenever n more steps are done, n ≤ MOST_AT_ONCE. Raises ChangeError.
    """
    pending = deque(in_order(changes))
    chunk = 1
    while run.trainer.steps < steps and run.trainer.blew_up_at is None and not stopped():
        while pending and pending[0].step == run.trainer.steps:
            change = pending.popleft()
            try:
                run.set_knob(change.knob, change.value)
            except ValueError as error:
                raise ChangeError(f"{change}: {error}") from None
        border = pending[0].step if pending else steps
        begin = time.perf_counter()
        taken = run.advance(min(chunk, border - run.trainer.steps))
        seconds_a_step = max(time.perf_counter() - begin, 1e-6) / taken
        chunk = max(1, min(MOST_AT_ONCE, int(_CHUNK_SECONDS / seconds_a_step)))
        after(taken)
