"""The recording from which a script trains as a run did: which examples were in every minibatch, and the knobs of every
step."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.runs.plan import Plan, play
from engine.runs.run import Run
from engine.training.knobs import Knobs
from engine.training.trainer import Chunk
from tui.words.usage_error import UsageError

MOST_EXAMPLES = 10_000_000  # seen in a training: a script holds the order of all of them


@dataclass(frozen=True)
class Recording:
    """A training of n steps, N examples seen.

    run: at its end. order: (N,) which examples were seen, one after another. batch_sizes: (n,), into which that order
    is cut. learning_rates: (n,). phases: the steps where knobs changed, with the knobs from there on; the first is 0.
    """

    run: Run
    order: NDArray[np.integer[Any]]
    batch_sizes: NDArray[np.integer[Any]]
    learning_rates: NDArray[np.float64]
    phases: tuple[tuple[int, Knobs], ...]

    @property
    def steps(self) -> int:
        return len(self.batch_sizes)


def record(
    run: Run,
    plan: Plan,
    after: Callable[[int], object] = lambda taken: None,
    stopped: Callable[[], bool] = lambda: False,
) -> Recording:
    """Train a new run by its plan, as `play` does.

    Raises UsageError for a training that sees too many examples, ChangeError for a change that cannot be made.
    """
    recorder = _Recorder(run)
    run.observers.append(recorder)
    play(run, plan, after=after, over=stopped)
    run.observers.remove(recorder)
    return recorder.recording()


class _Recorder:
    """An observer of a new run."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._phases = [(0, run.trainer.knobs)]
        self._examples = [np.empty(0, np.uint32)]
        self._rates, self._sizes = [np.empty(0)], [np.empty(0)]

    def observe(self, chunk: Chunk) -> None:
        trainer = self._run.trainer
        if trainer.knobs != self._phases[-1][1]:
            if self._phases[-1][0] == chunk.first_step:
                self._phases.pop()
            self._phases.append((chunk.first_step, trainer.knobs))
        values = dict(zip(trainer.history.fields, trainer.history.tail(chunk.steps), strict=True))
        self._rates.append(values["learning_rate"].copy())
        self._sizes.append(values["batch_size"].copy())
        self._examples.append(trainer.latest_examples()[: int(values["batch_size"].sum())].astype(np.uint32))
        if trainer.examples > MOST_EXAMPLES:
            raise UsageError(
                f"this training sees more than {MOST_EXAMPLES:,} examples, and a script holds the order of all of "
                "them; take fewer steps"
            )

    def recording(self) -> Recording:
        order = np.concatenate(self._examples)
        if len(self._run.trainer.objective.examples) <= 2**16:
            order = order.astype(np.uint16)
        sizes = np.concatenate(self._sizes).astype(np.uint32)
        return Recording(self._run, order, sizes, np.concatenate(self._rates), tuple(self._phases))
