"""A run's replicas with other seeds: the same knobs from a step on, the same start, other minibatches.

They show how much of where a run goes is chance. The run knows nothing of them: they follow its chunks as an
observer, with generators of their own.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from engine.model.objective import Array
from engine.refusals import RefusalError
from engine.training.knobs import Knobs
from engine.training.replicas import Replicas
from engine.training.trainer import Chunk, Trainer

_MOST, _FEWEST = 64, 8  # replicas
_MOST_NUMBERS = 2**19  # weights of all of them
_MOST_EXAMPLES = 2**25  # of all of them, each in an order of its own
_SHARE = 0.2  # of the time, that they may take
_MOST_SECONDS = 0.005  # at a time


class Swarm:
    """Replicas, up to 64, of a run from where it stands, with the seeds after its own.

    They take every step that the run takes, with the knobs that it was taken with, as long as that takes at most a
    fifth of the time; else they fall behind, and catch up when there is time.
    since: the step that they began at. replicas: how many. Raises RefusalError where the run has too many weights.
    """

    def __init__(self, trainer: Trainer, clock: Callable[[], float] = time.perf_counter) -> None:
        num_weights = len(trainer.objective.weight_names)
        self.replicas = min(_MOST, _MOST_NUMBERS // num_weights)
        if self.replicas < _FEWEST:
            most = _MOST_NUMBERS // _FEWEST
            raise RefusalError(f"a swarm is for at most {most:,} weights, and this run has {num_weights:,}")
        self.replicas = min(self.replicas, _MOST_EXAMPLES // trainer.num_examples)
        if self.replicas < _FEWEST:
            most = _MOST_EXAMPLES // _FEWEST
            raise RefusalError(f"a swarm is for at most {most:,} examples, and this run has {trainer.num_examples:,}")
        self._trainer, self._clock = trainer, clock
        self._twins = Replicas.beside(trainer, range(trainer.seed + 1, trainer.seed + 1 + self.replicas))
        self.since = trainer.steps
        self._owed: list[tuple[int, Knobs]] = []  # (until this step, with these knobs)
        self._allowance, self._looked, self._step_seconds = _MOST_SECONDS, clock(), 0.0

    @property
    def step(self) -> int:
        """The number of steps they stand at; fewer than the run where they have fallen behind."""
        return self._twins.steps

    @property
    def weights(self) -> Array:
        """(R, P), infinite or NaN for those that blew up."""
        return self._twins.weights

    def observe(self, chunk: Chunk) -> None:
        """Follow the run's steps, as far as there is time for it."""
        until, knobs = chunk.first_step + chunk.steps, self._trainer.knobs
        if self._owed and self._owed[-1][1] == knobs:
            self._owed.pop()
        self._owed.append((until, knobs))
        now = self._clock()
        self._allowance = min(_MOST_SECONDS, self._allowance + _SHARE * (now - self._looked))
        self._looked = now
        while self._owed and self._allowance > 0:
            self._follow()

    def _follow(self) -> None:
        """A few of the steps owed."""
        twins, (until, knobs) = self._twins, self._owed[0]
        if twins.knobs != knobs:
            twins.knobs = knobs
        affordable = int(self._allowance / self._step_seconds) if self._step_seconds else 1
        steps = min(until - twins.steps, max(1, affordable))
        begin = self._clock()
        twins.run(steps)
        seconds = self._clock() - begin
        self._step_seconds = seconds / max(1, steps)
        self._allowance -= seconds
        if twins.steps == until:
            self._owed.pop(0)
