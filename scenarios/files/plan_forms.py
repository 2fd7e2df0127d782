"""The form of a plan file: a training that can be done again, and what came of it."""

import re
from typing import Annotated, Literal

from msgspec import Meta, field

from engine.plain_text import counted
from engine.training.knobs import KNOBS
from scenarios.files.forms import CountFromZero, Seed, Table
from scenarios.files.knob_keys import StartingKnobs
from scenarios.files.schema import ScenarioFile

VERSION = 1
MOST_CHANGES = 100_000
_MARK = re.compile(r"(\d{1,13}) ([0-9a-f]{12}) (\S{1,30})")

Sha256 = Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]


class PlannedChange(Table, frozen=True, forbid_unknown_fields=True):
    """A knob that becomes `value` before the update number `step`, counted from 0; a schedule is written as on the
    command line, no clipping as "inf". joined: to the change before it, and undone with that."""

    step: CountFromZero
    knob: str
    value: str | int | float
    joined: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.knob not in KNOBS:
            raise ValueError(f"knob: is not one of: {', '.join(KNOBS)}")


class PlannedOutcome(Table, frozen=True, forbid_unknown_fields=True):
    """The outcome of it. marks: of the weights after so many steps the first 12 digits of their SHA-256, and their
    length, as "4096 0123456789ab 3.6". by: the versions of what trained it."""

    weights_sha256: Sha256
    training_loss: float | None = None
    marks: tuple[str, ...] = ()
    by: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        super().__post_init__()
        for place, mark in enumerate(self.marks):
            if not _MARK.fullmatch(mark):
                raise ValueError(f'marks: entry {place} is not written as in "4096 0123456789ab 3.6"')


class PlanFile(Table, frozen=True, forbid_unknown_fields=True):
    """A whole file. plan: the version of this form. scenario: a preset's id, or all that a scenario file says.

    content: the fingerprint of what the scenario says. data_sha256: of its table. name: that its trainer has given it.
    """

    plan: Literal[1]
    scenario: str | ScenarioFile
    seed: Seed
    steps: CountFromZero
    knobs: StartingKnobs
    content: Annotated[str, Meta(pattern="^[0-9a-f]{16}$")] = ""
    data_sha256: Sha256 | None = None
    name: Annotated[str, Meta(max_length=60, pattern=r"^[^\x00-\x1f\x7f-\x9f\u2028\u2029]*$")] = ""
    changes: Annotated[tuple[PlannedChange, ...], Meta(max_length=MOST_CHANGES)] = ()
    outcome: PlannedOutcome | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        late = next((one for one in self.changes if one.step > self.steps), None)
        if late is not None:
            raise ValueError(
                f"changes: one is at step {late.step:,}, but the training is {counted(self.steps, 'step')} long"
            )


def parsed_mark(mark: str) -> tuple[int, str, float]:
    """Return the three parts of a mark; NaN for a length that is no number."""
    steps, digest, length = mark.split(" ")
    try:
        return int(steps), digest, float(length)
    except ValueError:
        return int(steps), digest, float("nan")
