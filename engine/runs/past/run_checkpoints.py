"""A run's checkpoints: all that its next steps depend on, as plain data; and the few that it keeps.

A run keeps its checkpoints at multiples of a stride, which doubles whenever they become too many. So n steps leave
at most K of them, any past step is at most 2n/K steps behind one, and where they stand depends on the
steps alone. Where steps take long, the last thousand of them have checkpoints of their own, closer together: so that
going back a little never takes long. Checkpoints are never changed, so that runs may share them.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from engine.runs.past.spread_losses import Pending
from engine.runs.standing.goals import GoalState
from engine.runs.standing.milestones import Milestones
from engine.training.checkpoints import TrainerCheckpoint

_LONGEST_FIRST_STRIDE = 2048  # steps of two weights take a millisecond
_SHORTEST_FIRST_STRIDE = 8
_FIRST_STRIDE_WORK = 2**26  # weights times examples: some twenty milliseconds
_CLOSE_WORK = 2**28  # some hundred milliseconds
_SHORTEST_CLOSE_STRIDE = 128
_LATEST_STEPS = 1024
_MAX_COUNT = 256
_MAX_BYTES = 64 * 2**20
_FEWEST = 4  # however large they are
_SMALL_BYTES = 2**14  # of one, beside its arrays of weights: mostly evaluations


@dataclass(frozen=True)
class RunCheckpoint:
    """A run between two steps. changes: how many knob changes its log held. goal: how it stood to it. pending: an
    evaluation under way."""

    trainer: TrainerCheckpoint
    changes: int
    evaluations: dict[str, Any]
    watch: dict[str, Any]
    milestones: Milestones
    goal: GoalState | None
    pending: Pending | None = None

    @property
    def nbytes(self) -> int:
        """Bytes that it takes, about: the trainer's rows, the weights that the watch remembers, and what is small."""
        remembered = self.watch["before"].nbytes + self.watch["window"]["total"].nbytes
        return int(self.trainer.rows.nbytes + remembered) + _SMALL_BYTES


def first_stride(num_weights: int, batch_size: int) -> int:
    """After how many steps the first checkpoint is due: fewer where a step takes long, and so its replay."""
    steps = _FIRST_STRIDE_WORK // (num_weights * batch_size)
    return 1 << (min(max(steps, _SHORTEST_FIRST_STRIDE), _LONGEST_FIRST_STRIDE).bit_length() - 1)


def close_stride(num_weights: int, batch_size: int) -> int:
    """After how many steps a checkpoint is kept at least, for as long as it is among the latest thousand."""
    steps = _CLOSE_WORK // (num_weights * batch_size)
    return 1 << (max(steps, _SHORTEST_CLOSE_STRIDE).bit_length() - 1)


class Checkpoints:
    """The checkpoints that one run keeps, in bounded memory: at most 256, and about `max_bytes` in all; beside them up
    to nine of the latest steps.

    stride: to begin with, a power of two; `first_stride` suggests one. close: of the latest steps, a power of two;
    `close_stride` suggests one.
    """

    def __init__(
        self, *, stride: int = _LONGEST_FIRST_STRIDE, close: int = _CLOSE_WORK, max_bytes: int = _MAX_BYTES
    ) -> None:
        self.stride = stride
        self._close = close
        self._max_bytes = max_bytes
        self._kept: list[RunCheckpoint] = []

    def __len__(self) -> int:
        return len(self._kept)

    def __iter__(self) -> Iterator[RunCheckpoint]:
        return iter(self._kept)

    def steps_to_next(self, step: int) -> int:
        """The number of steps after `step` at which the next checkpoint is due, at least one."""
        due = min(self.stride, self._close)
        return due - step % due

    def is_due(self, step: int) -> bool:
        """True if there is to be a checkpoint at this step."""
        return step % min(self.stride, self._close) == 0

    def append(self, checkpoint: RunCheckpoint) -> None:
        """Keep one that is due, and forget those for which there is no room any more, but never the first."""
        self._kept.append(checkpoint)
        most = min(_MAX_COUNT, max(_FEWEST, self._max_bytes // checkpoint.nbytes))
        if len(self._kept) <= most and self.stride <= self._close:
            return  # nothing is between the strides, and there is room
        while sum(_steps(kept) % self.stride == 0 for kept in self._kept) > most:
            self.stride *= 2
        latest = _steps(checkpoint) - _LATEST_STEPS
        self._kept[1:] = [
            kept
            for kept in self._kept[1:]
            if _steps(kept) % self.stride == 0 or (_steps(kept) >= latest and _steps(kept) % self._close == 0)
        ]

    def before(self, step: int) -> RunCheckpoint:
        """The latest at or before `step`, or the first."""
        return self._kept[max(0, bisect_right(self._kept, step, key=_steps) - 1)]

    def upto(self, step: int) -> Checkpoints:
        """Checkpoints at or before `step`, shared."""
        past = Checkpoints(stride=self.stride, close=self._close, max_bytes=self._max_bytes)
        past._kept = self._kept[: bisect_right(self._kept, step, key=_steps)]
        return past


def _steps(checkpoint: RunCheckpoint) -> int:
    return checkpoint.trainer.steps
