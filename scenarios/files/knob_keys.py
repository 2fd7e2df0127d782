"""Keys of the knobs in a scenario file, made from the engine's table of knobs: whoever has the keys has all of them."""

import math
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeAlias

from msgspec import Meta, defstruct

from engine.bounds import MOST_STEPS
from engine.training.knob_kinds import Choice, Knob, Number, Scheduled, Whole
from engine.training.knobs import KNOBS, Knobs
from engine.training.schedules import from_table
from scenarios.files.forms import CountFromZero, Table


class _WithKnobs(Table, frozen=True, forbid_unknown_fields=True):
    """A table with knobs among its keys. A schedule is a table of its own; what is None is not set."""

    def __post_init__(self) -> None:
        super().__post_init__()
        schedule = getattr(self, "schedule", None)
        if schedule is None:
            return
        try:
            from_table(schedule)
        except ValueError as error:
            words = re.sub(", not [^;]*", "", str(error))  # `scenarios.reading` shows the value
            key = re.match(r"(\w+) ", words)
            where, words = (f"schedule.{key[1]}", words[key.end() :]) if key else ("schedule", words)
            raise ValueError(f"{where}: {words}") from None

    def knobs(self) -> dict[str, Any]:
        """Return the knobs that are set, in the order of the engine's table; a schedule as the engine has it."""
        values = {name: getattr(self, name) for name in KNOBS}
        given = {name: value for name, value in values.items() if value is not None}
        return given | ({"schedule": from_table(given["schedule"])} if "schedule" in given else {})

    def starting_knobs(self) -> Knobs:
        """Return all knobs, those that are not set as the engine has them by default."""
        return Knobs(**self.knobs())


class _AtStep(_WithKnobs, frozen=True, forbid_unknown_fields=True):
    """Knobs that are set before the update number `step`."""

    step: CountFromZero


def _type(knob: Knob) -> Any:
    """The type of the knob's key, with the range that it has."""
    match knob.kind:
        case Number(least, above, below):
            least_or_above = Meta(ge=least, lt=below) if above is None else Meta(gt=above, lt=below)
            return Annotated[float, least_or_above]
        case Whole(least):
            return Annotated[int, Meta(ge=least, le=MOST_STEPS)]
        case Choice(names):
            return Literal[names]
        case Scheduled():
            return dict[str, Any]


def _default(knob: Knob) -> Any:
    """The default as a file writes it: absent for what TOML here has no word for."""
    return None if isinstance(knob.kind, Scheduled) or knob.default == math.inf else knob.default


def _optional(knobs: Iterable[Knob]) -> list[tuple[str, Any, Any]]:
    return [(knob.name, _type(knob) | None, None) for knob in knobs]


def _starting(required: tuple[str, ...]) -> list[Any]:
    fields: list[Any] = [(name, _type(KNOBS[name])) for name in required]
    for name, knob in KNOBS.items():
        if name not in required:
            default = _default(knob)
            fields.append((name, _type(knob) | None, None) if default is None else (name, _type(knob), default))
    return fields


if TYPE_CHECKING:
    StartingKnobs: TypeAlias = _WithKnobs
    ChangedKnobs: TypeAlias = _AtStep
else:
    # The scenario's own knobs: the defaults are the engine's.
    StartingKnobs = defstruct(
        "StartingKnobs",
        _starting(required=("learning_rate", "batch_size")),
        bases=(_WithKnobs,),
        frozen=True,
        forbid_unknown_fields=True,
    )
    # A step and the knobs that change there: the others stay.
    ChangedKnobs = defstruct(
        "ChangedKnobs", _optional(KNOBS.values()), bases=(_AtStep,), frozen=True, forbid_unknown_fields=True
    )
