"""Knobs: the settings that may change between two steps, and the table that says of each all that is to be known.

Schema, command line, prompt, keys, screen and exports draw on the table. Standard library only, so that they do so
without NumPy.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, fields, replace
from typing import Any

from engine.bounds import batch_in_effect
from engine.plain_text import did_you_mean, shortened
from engine.refusals import KnownAttributes, RefusalError
from engine.training.knob_kinds import Choice, Knob, Number, Scheduled, Whole
from engine.training.schedules import CONSTANT, Schedule

# The learning rate that people begin with for each optimizer: Keras's defaults, which for the last three are those of
# their authors (see engine/training/optimizers.py); for Adagrad, with which Keras's hardly moves, PyTorch's.
USUAL_RATES = {"sgd": 0.01, "nesterov": 0.01, "adagrad": 0.01, "rmsprop": 0.001, "adam": 0.001, "adamw": 0.001}
OPTIMIZER_NAMES = tuple(USUAL_RATES)
SAMPLINGS = ("reshuffled", "shuffled_once", "with_replacement", "full_batch")


def _row(
    default: Any,
    kind: Number | Whole | Choice | Scheduled,
    words: str = "",
    *,
    example: str = "0.01",
    label: str = "",
    ladder: tuple[float, ...] = (),
    acts_with: tuple[str, ...] = (),
    quiet: bool = False,
) -> Any:
    """Make a field that carries its row of the table; `Knob` says what is what."""
    row = {"words": words, "example": example, "label": label, "ladder": ladder, "acts_with": acts_with, "quiet": quiet}
    return field(default=default, metadata={"kind": kind, **row})


@dataclass(frozen=True)
class Knobs:
    """All knobs; the same names in the code, on the screen, in TOML and on the command line.

    Each field is a row of the table `KNOBS`. gradient_clip: the longest gradient that acts unshortened. schedule: of
    the learning rate, or as text that `engine.training.schedules.parse` reads. A batch size above N means all examples.
    Raises RefusalError, naming the knob, for what is out of range.
    """

    learning_rate: float = _row(
        0.05, Number(above=0), "how long the steps are; changing it ends a schedule", label="lr"
    )
    batch_size: int = _row(32, Whole(least=1), "examples in a minibatch", example="16", label="batch")
    momentum: float = _row(
        0.0,
        Number(least=0, below=1),
        "steps remember the last ones",
        example="0.9",
        ladder=(0.0, 0.5, 0.8, 0.9, 0.95, 0.99),
        acts_with=("sgd", "nesterov"),
    )
    optimizer: str = _row("sgd", Choice(OPTIMIZER_NAMES), example="adam")
    schedule: Schedule = _row(  # noqa: RUF009  # it makes a field
        CONSTANT,
        Scheduled(),
        "of the learning rate, as in cosine:steps=500,floor=0.1",
        example="cosine:steps=500",
    )
    weight_decay: float = _row(
        0.0, Number(least=0), "how strongly the weights are drawn to 0", label="decay", quiet=True
    )
    gradient_clip: float = _row(
        math.inf,
        Number(above=0, infinite=True),
        "longer gradients are shortened to this; inf for none",
        label="clip",
        quiet=True,
    )
    sampling: str = _row("reshuffled", Choice(SAMPLINGS), example="full_batch", quiet=True)

    def __post_init__(self) -> None:
        # Text, NumPy's scalars and the like become plain values.
        plain = {name: knob.kind.checked(name, getattr(self, name)) for name, knob in KNOBS.items()}
        self.__dict__.update(plain)

    def acts(self, knob: str) -> bool:
        """Return whether the optimizer has the knob."""
        return KNOBS[knob].acts(self.optimizer)

    def batch_in_effect(self, num_examples: int) -> int:
        """Return how many of so many examples a minibatch has that no end of an epoch cuts short."""
        return batch_in_effect(self.sampling, self.batch_size, num_examples)

    @property
    def memory(self) -> float:
        """The multiple of the learning rate that a gradient gets in all, over the steps that remember it:
        1/(1 − momentum); NaN for an optimizer that has no momentum."""
        return 1 / (1 - self.momentum) if self.acts("momentum") else math.nan

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
        """Return these knobs with one of them changed. Raises RefusalError for a value out of range or no knob.

        learning_rate: of the next step, the schedule's factor in it. Setting the learning rate ends a schedule, for
        the hand wins; a new schedule starts from the rate of the moment, where that is above 0.
        """
        check_name(knob)
        knobs = replace(self, **{knob: value})  # type: ignore[arg-type]  # checked like any other value
        if knob == "learning_rate":
            return replace(knobs, schedule=CONSTANT)
        if knobs.schedule != self.schedule and learning_rate > 0:
            return replace(knobs, learning_rate=learning_rate)
        return knobs


def _knob(name: str, default: Any, *, label: str, **row: Any) -> Knob:
    return Knob(name, default, label=label or name, **row)


KNOBS = {it.name: _knob(it.name, it.default, **it.metadata) for it in fields(Knobs)}


def check_name(knob: str) -> None:
    """Raise RefusalError where there is no knob of that name."""
    if knob not in KNOBS:
        hint = did_you_mean(knob, KNOBS) or f", only {', '.join(KNOBS)}"
        raise RefusalError(f"there is no knob {shortened(knob)}{hint}")


def covariance_share(size: int, num_examples: int, *, with_replacement: bool = False) -> float:
    """Return κ, the covariance of a mean over B of N examples in units of one example's.

    1/B for examples drawn with replacement, (N − B)/(B(N − 1)) without; 0 where there is but one.
    """
    if num_examples == 1:
        return 0.0
    return 1 / size if with_replacement else (num_examples - size) / (size * (num_examples - 1))


class _KnobAttribute:
    """A knob as an attribute of what has `knobs`."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __get__(self, owner: Any, kind: type) -> Any:
        return self if owner is None else getattr(owner.knobs, self._name)

    def __set__(self, owner: Any, value: Any) -> None:
        owner.set_knob(self._name, value)


class KnobAttributes(KnownAttributes):
    """Knobs as attributes of an object with `knobs` and `set_knob`: to be read, and set between two steps."""

    __slots__ = ()


for _name in KNOBS:
    setattr(KnobAttributes, _name, _KnobAttribute(_name))
