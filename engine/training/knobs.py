"""Knobs: the settings that may change between two steps."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from numbers import Integral, Real

from engine.bounds import batch_in_effect
from engine.plain_text import shortened
from engine.refusals import RefusalError
from engine.training.minibatches import SAMPLINGS, covariance_share
from engine.training.optimizers import OPTIMIZERS
from engine.training.schedules import CONSTANT, Schedule, did_you_mean, parse


@dataclass(frozen=True)
class Knobs:
    """All knobs; the same names in the code, on the screen, in TOML and on the command line.

    learning_rate: finite, above 0. batch_size: a whole number of at least 1 (above N means all examples).
    momentum: 0 ≤ momentum < 1; acts on sgd and nesterov. optimizer: a name in `OPTIMIZERS`.
    weight_decay: finite, at least 0. gradient_clip: the longest gradient that acts unshortened, above 0, may be
    infinite. sampling: a name in `SAMPLINGS`. schedule: of the learning rate, or as text that
    `engine.training.schedules.parse` reads.
    Raises RefusalError, naming the knob, for anything else.
    """

    learning_rate: float = 0.05
    batch_size: int = 32
    momentum: float = 0.0
    optimizer: str = "sgd"
    schedule: Schedule = CONSTANT
    weight_decay: float = 0.0
    gradient_clip: float = math.inf
    sampling: str = "reshuffled"

    def __post_init__(self) -> None:
        plain = {name: _as_float(getattr(self, name)) for name in ("learning_rate", "momentum", "weight_decay")}
        clip = math.inf if self.gradient_clip == math.inf else _as_float(self.gradient_clip)
        if not 0 < plain["learning_rate"] < math.inf:
            raise RefusalError(f"learning_rate must be a finite number above 0, not {shortened(self.learning_rate)}")
        if not isinstance(self.batch_size, Integral) or isinstance(self.batch_size, bool) or self.batch_size < 1:
            raise RefusalError(f"batch_size must be a whole number of at least 1, not {shortened(self.batch_size)}")
        if not 0 <= plain["momentum"] < 1:
            raise RefusalError(f"momentum must be at least 0 and below 1, not {shortened(self.momentum)}")
        if not 0 <= plain["weight_decay"] < math.inf:
            raise RefusalError(
                f"weight_decay must be a finite number of at least 0, not {shortened(self.weight_decay)}"
            )
        if not clip > 0:
            raise RefusalError(f"gradient_clip must be above 0, not {shortened(self.gradient_clip)}")
        for name, known in (("optimizer", tuple(OPTIMIZERS)), ("sampling", SAMPLINGS)):
            if (word := getattr(self, name)) not in known:
                hint = did_you_mean(str(word), known)
                raise RefusalError(f"{name} must be one of {', '.join(known)}, not {shortened(word)}{hint}")
        # Text, NumPy's scalars and the like were let through.
        schedule = _as_schedule(self.schedule)
        self.__dict__.update(plain, batch_size=int(self.batch_size), gradient_clip=clip, schedule=schedule)

    @property
    def momentum_acts(self) -> bool:
        """True if the optimizer has the knob."""
        return OPTIMIZERS[self.optimizer].uses_momentum

    def batch_in_effect(self, num_examples: int) -> int:
        """Return how many of so many examples a minibatch has that no end of an epoch cuts short."""
        return batch_in_effect(self.sampling, self.batch_size, num_examples)

    def steps_per_epoch(self, num_examples: int) -> int:
        """Return how many minibatches so many examples make; the last one may be shorter."""
        return -(-num_examples // self.batch_in_effect(num_examples))

    def sees_all(self, num_examples: int) -> bool:
        """Return whether every step sees each of so many examples once: there is no noise then."""
        return self.sampling != "with_replacement" and self.batch_in_effect(num_examples) == num_examples

    def covariance_share(self, num_examples: int) -> float:
        """Return the covariance of a minibatch's gradient in units of that of one of so many examples."""
        size = self.batch_in_effect(num_examples)
        return covariance_share(size, num_examples, with_replacement=self.sampling == "with_replacement")

    def set_by_hand(self, knob: str, value: object, *, learning_rate: float) -> Knobs:
        """Return these knobs with one of them changed. Raises RefusalError for a value out of range.

        learning_rate: of the next step, the schedule's factor in it. Setting the learning rate ends a schedule, for
        the hand wins; a new schedule starts from the rate of the moment, where that is above 0.
        """
        knobs = replace(self, **{knob: value})  # type: ignore[arg-type]  # checked like any other value
        if knob == "learning_rate":
            return replace(knobs, schedule=CONSTANT)
        if knobs.schedule != self.schedule and learning_rate > 0:
            return replace(knobs, learning_rate=learning_rate)
        return knobs


def _as_schedule(value: object) -> Schedule:
    if isinstance(value, str):
        try:
            return parse(value)
        except ValueError as error:
            raise RefusalError(f"schedule {error}") from None
    if not isinstance(value, Schedule):
        raise RefusalError(f"schedule must be one of engine.training.schedules, or text, not {shortened(value)}")
    return value


def _as_float(value: object) -> float:
    """The value as a float; NaN for what is no number, or none that a float can hold. A bool is not meant as one."""
    try:
        return float(value) if isinstance(value, Real) and not isinstance(value, bool) else math.nan
    except OverflowError:
        return math.nan
