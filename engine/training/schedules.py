"""Learning-rate schedules: a factor on a learning rate, by the steps since the schedule was set.

The hand always wins. Setting a schedule starts it at that step, from the learning rate of that moment (where
an earlier schedule has brought that to 0, from the rate which that one began with). Setting the learning
rate ends the schedule: it is constant again, at what the hand has set. Setting the schedule that is running
already, or any other knob, leaves it running.

A schedule is written `cosine:steps=500,floor=0.1`, or as a table with its `kind` and these numbers.
Standard library only, and a number at a time: what NumPy's cos and power give in the last bit may depend on
the place in the array, and so on how the steps were grouped.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import MISSING, FrozenInstanceError, dataclass, fields
from numbers import Integral, Real
from typing import Any, ClassVar

from engine.bounds import MOST_STEPS
from engine.plain_text import LONGEST, did_you_mean, shortened
from engine.refusals import RefusalError


@dataclass(eq=False, repr=False)
class Schedule:
    """Immutable; what a schedule has seen is its `memory`, plain data, None when it begins.

    kind: its name. varies: whether the factor changes from step to step. watches_loss: whether it wants to
    `observe` the loss of every epoch.
    """

    kind: ClassVar[str]
    varies: ClassVar[bool] = True
    watches_loss: ClassVar[bool] = False

    @classmethod
    def within(cls, steps: int) -> Schedule:
        """The schedule of this kind that does most of its work within `steps` steps, at least 10."""
        return cls()

    @property
    def span(self) -> str:
        """The words before its `steps` in a sentence."""
        return "over"

    def at(self, step: int, memory: Any = None) -> float:
        """The factor, at least 0, for the update number `step`, counted from 0 where the schedule was set."""
        raise NotImplementedError

    def observe(self, memory: Any, loss: float) -> Any:
        """The memory after an epoch that ended with this loss over all training examples."""
        return memory

    # As `dataclass(frozen=True)` would write them for each class anew: every start would wait for that.

    def __eq__(self, other: object) -> bool:
        return vars(self) == vars(other) if type(self) is type(other) else NotImplemented

    def __hash__(self) -> int:
        return hash((type(self), *vars(self).values()))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in vars(self).items())})"

    def __setattr__(self, name: str, value: object) -> None:
        if name in vars(self):
            raise FrozenInstanceError(f"{name} is set once")
        super().__setattr__(name, value)

    def __str__(self) -> str:
        """The text that `parse` reads back."""
        changed = [field for field in fields(self) if getattr(self, field.name) != field.default]
        numbers = ",".join(f"{field.name}={getattr(self, field.name)!r}" for field in changed)
        return f"{self.kind}:{numbers}" if numbers else self.kind

    def _check_whole(self, *names: str, least: int = 1) -> None:
        """Check that these fields are whole numbers. Raises RefusalError, beginning with the field's name."""
        for name in names:
            value = getattr(self, name)
            if not isinstance(value, Integral) or isinstance(value, bool) or value < least:
                raise RefusalError(f"{name} must be a whole number of at least {least}, not {shortened(value)}")
            if int(value) > MOST_STEPS:
                raise RefusalError(f"{name} must be at most {MOST_STEPS:,}, not {shortened(value)}")
            object.__setattr__(self, name, int(value))

    def _check_share(self, *names: str, zero: bool = True, one: bool = True) -> None:
        """The same for numbers from 0 to 1; `zero` and `one` say whether these are allowed."""
        for name in names:
            value = getattr(self, name)
            is_number = isinstance(value, Real) and not isinstance(value, bool)
            plain = float(value) if is_number and -1 <= value <= 1 else math.nan  # or it may be too large for a float
            if not (0 < plain < 1 or (zero and plain == 0) or (one and plain == 1)):
                words = f"{'of at least' if zero else 'above'} 0 and {'at most' if one else 'below'} 1"
                raise RefusalError(f"{name} must be a number {words}, not {shortened(value)}")
            object.__setattr__(self, name, plain)


@dataclass(eq=False, repr=False)
class Constant(Schedule):
    """1."""

    kind = "constant"
    varies = False

    def at(self, step: int, memory: Any = None) -> float:
        return 1.0


@dataclass(eq=False, repr=False)
class StepDecay(Schedule):
    """factor^⌊t/T⌋ with T = `steps`. As torch's StepLR."""

    kind = "step"
    steps: int
    factor: float = 0.1

    @classmethod
    def within(cls, steps: int) -> StepDecay:
        return cls(steps // 3)

    def __post_init__(self) -> None:
        self._check_whole("steps")
        self._check_share("factor", zero=False)

    @property
    def span(self) -> str:
        return f"× {self.factor:g} every"

    def at(self, step: int, memory: Any = None) -> float:
        return float(self.factor ** (step // self.steps))


@dataclass(eq=False, repr=False)
class Exponential(StepDecay):
    """factor^(t/T) with T = `steps`: the same without the stairs. As torch's ExponentialLR for T = 1."""

    kind = "exponential"

    @classmethod
    def within(cls, steps: int) -> Exponential:
        return cls(steps // 2)

    @property
    def span(self) -> str:
        return f"× {self.factor:g} in"

    def at(self, step: int, memory: Any = None) -> float:
        return float(self.factor ** (step / self.steps))


@dataclass(eq=False, repr=False)
class InverseTime(Schedule):
    """1/(1 + t/T) with T = `steps`: half at T, a third at 2T. What theory wants for noise to die out.

    Source: Robbins & Monro 1951; as Keras's InverseTimeDecay.
    """

    kind = "inverse_time"
    steps: int

    @classmethod
    def within(cls, steps: int) -> InverseTime:
        return cls(steps // 10)

    def __post_init__(self) -> None:
        self._check_whole("steps")

    @property
    def span(self) -> str:
        return "half at"

    def at(self, step: int, memory: Any = None) -> float:
        return 1 / (1 + step / self.steps)


@dataclass(eq=False, repr=False)
class Cosine(Schedule):
    """floor + (1 − floor)(1 + cos(πt/T))/2 up to step T = `steps`, `floor` after it.

    Source: Loshchilov & Hutter, ICLR 2017, without restarts; as torch's CosineAnnealingLR up to T.
    """

    kind = "cosine"
    steps: int
    floor: float = 0.0

    @classmethod
    def within(cls, steps: int) -> Cosine:
        return cls(steps)

    def __post_init__(self) -> None:
        self._check_whole("steps")
        self._check_share("floor")

    def at(self, step: int, memory: Any = None) -> float:
        return _half_wave(1.0, self.floor, step / self.steps)


@dataclass(eq=False, repr=False)
class WarmupCosine(Schedule):
    """(t + 1)/W for the first W = `warmup` steps, then the cosine over those that are left of `steps`.

    Source: Goyal et al. 2017 (arXiv 1706.02677) for the warm-up.
    """

    kind = "warmup_cosine"
    steps: int
    warmup: int
    floor: float = 0.0

    @classmethod
    def within(cls, steps: int) -> WarmupCosine:
        return cls(steps, steps // 10)

    def __post_init__(self) -> None:
        self._check_whole("steps", "warmup")
        self._check_share("floor")
        if self.warmup >= self.steps:
            raise RefusalError(f"warmup must be below steps, which is {self.steps}, not {self.warmup}")

    def at(self, step: int, memory: Any = None) -> float:
        if step < self.warmup:
            return (step + 1) / self.warmup
        return _half_wave(1.0, self.floor, (step - self.warmup) / (self.steps - self.warmup))


@dataclass(eq=False, repr=False)
class OneCycle(Schedule):
    """Along half a cosine wave from `start` up to 1 at step rise·T − 1, along another down to `end` at T − 1,
    T = `steps`; `end` after it. The learning rate that it is set at is the highest one.

    Source: Smith & Topin 2018 (arXiv 1708.07120); rates and defaults as torch's OneCycleLR.
    """

    kind = "one_cycle"
    steps: int
    rise: float = 0.3
    start: float = 1 / 25
    end: float = 1 / 25e4

    @classmethod
    def within(cls, steps: int) -> OneCycle:
        return cls(steps)

    def __post_init__(self) -> None:
        self._check_whole("steps", least=3)
        self._check_share("rise", zero=False, one=False)
        self._check_share("start", "end")
        if not self.rise * self.steps > 1:
            raise RefusalError(
                f"rise must be above 1/{self.steps}, so that it takes a step, not {shortened(self.rise)}"
            )

    def at(self, step: int, memory: Any = None) -> float:
        top, last = self.rise * self.steps - 1, self.steps - 1
        if step <= top:
            return _half_wave(self.start, 1.0, step / top)
        return _half_wave(1.0, self.end, (step - top) / (last - top))


@dataclass(eq=False, repr=False)
class Plateau(Schedule):
    """Times `factor`, but not below `floor`, whenever the training loss has not been less than
    (1 − threshold) times its best for more than `patience` epochs.

    As torch's ReduceLROnPlateau. The memory is (reductions so far, best loss, epochs without a better one).
    """

    kind = "plateau"
    varies = False
    watches_loss = True
    factor: float = 0.1
    patience: int = 10
    threshold: float = 1e-4
    floor: float = 0.0

    def __post_init__(self) -> None:
        self._check_share("factor", zero=False, one=False)
        self._check_whole("patience", least=0)
        self._check_share("threshold", one=False)
        self._check_share("floor")

    def at(self, step: int, memory: Any = None) -> float:
        return float(max(self.floor, self.factor ** memory[0])) if memory else 1.0

    def observe(self, memory: Any, loss: float) -> Any:
        reductions, best, waited = memory or (0, math.inf, 0)
        if best == math.inf or loss < best - self.threshold * abs(best):
            return reductions, loss if loss == loss else best, 0
        if waited == self.patience:
            return reductions + 1, best, 0
        return reductions, best, waited + 1


def _half_wave(start: float, end: float, share: float) -> float:
    """The value of half a cosine wave from `start` at share 0 to `end` at share 1, where it stays."""
    return end + (start - end) * (1 + math.cos(math.pi * min(share, 1.0))) / 2


CONSTANT = Constant()
SCHEDULES: dict[str, type[Schedule]] = {
    schedule.kind: schedule
    for schedule in (Constant, StepDecay, Exponential, InverseTime, Cosine, WarmupCosine, OneCycle, Plateau)
}


def forms() -> list[str]:
    """Return each kind as it is written with all its numbers: their defaults, N for those that must be given."""

    def numbers(kind: type[Schedule]) -> str:
        return ",".join(f"{it.name}={'N' if it.default is MISSING else f'{it.default:g}'}" for it in fields(kind))

    return [f"{name}:{numbers(kind)}".removesuffix(":") for name, kind in SCHEDULES.items()]


def parse(text: str) -> Schedule:
    """The schedule written as `kind` or `kind:name=number,name=number`.

    Raises RefusalError in words that go on a sentence beginning with "schedule".
    """
    kind, colon, rest = text.partition(":")
    table: dict[str, Any] = {"kind": kind}
    for part in rest.split(",") if colon else []:
        name, equals, value = (word.strip() for word in part.partition("="))
        if not equals or name in table:
            raise RefusalError(f"{shortened(text)}: numbers are written name=number,name=number, each once")
        table[name] = _number(value)
    try:
        return from_table(table)
    except ValueError as error:
        words = str(error)
        raise RefusalError(words.removeprefix("kind ") if words.startswith("kind ") else f"{kind}: {words}") from None


def from_table(table: Mapping[str, Any]) -> Schedule:
    """The schedule with this `kind` and these numbers. Raises RefusalError that begins with the key at fault."""
    kind = table.get("kind")
    if not isinstance(kind, str) or kind not in SCHEDULES:
        hint = did_you_mean(kind, SCHEDULES) if isinstance(kind, str) else ""
        given = f", not {shortened(kind)}{hint}" if "kind" in table else ""
        raise RefusalError(f"kind must be one of {', '.join(SCHEDULES)}{given}")
    known = {field.name: field for field in fields(SCHEDULES[kind])}
    numbers = {name: value for name, value in table.items() if name != "kind"}
    for name in numbers:
        if name not in known:
            hint = did_you_mean(name, known) or f"; there {'is ' + ', '.join(known) if known else 'is none'}"
            word = name if name.isidentifier() and len(name) <= LONGEST else shortened(name)
            raise RefusalError(f"{word} is none of {kind}'s numbers{hint}")
    for name, field in known.items():
        if field.default is MISSING and name not in numbers:
            raise RefusalError(f"{name} is missing; {kind} needs it")
    return SCHEDULES[kind](**numbers)


def _number(text: str) -> int | float | str:
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            pass
    return text  # to be refused with the words for its place
