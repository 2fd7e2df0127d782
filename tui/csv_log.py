"""The CSV file of a training: one row a step, written as the steps are taken or all at once."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from engine.views import steps
from engine.views.steps import Steps
from tui.errors import UsageError

if TYPE_CHECKING:
    from engine.trainer import Trainer

MOST_STEPS = 1024  # between two writes; the history keeps more than that exactly
_MOST_WEIGHTS = 8


@contextmanager
def csv_log(path: str | None, trainer: Trainer, option: str = "--csv") -> Iterator[Callable[[int], None]]:
    """A function to be called with n after every n ≤ MOST_STEPS steps, which writes their rows; without a path
    it does nothing.

    A row holds the values before the update of its step. Floats read back exactly; those that are not
    finite are written nan, inf or -inf. Raises UsageError for a path of - and where the file cannot be written.
    """
    if path is None:
        yield lambda taken: None
        return
    if path == "-":
        raise UsageError("--csv -: needs a file's name; standard output is for the report")
    try:
        with Path(path).open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(header(trainer.history.fields))

            def write(taken: int) -> None:
                writer.writerows(rows(steps.take(trainer, taken)))
                file.flush()

            yield write
    except OSError as error:
        raise UsageError(f"{option} {path}: cannot be written: {error.strerror}") from None


def header(fields: Sequence[str]) -> list[str]:
    """The names of the columns for a history's fields."""
    return [
        "step",
        "epoch",
        "examples",
        "batch_loss",
        "gradient_norm",
        "learning_rate",
        "batch_size",
        *_weights(fields),
    ]


def rows(taken: Steps) -> Iterator[tuple[float, ...]]:
    """A row for each of the steps."""
    values = dict(zip(taken.fields, taken.values, strict=True))
    return zip(
        taken.numbers.tolist(),
        (values["examples"] / taken.num_examples).tolist(),
        values["examples"].astype(int).tolist(),
        values["batch_loss"].tolist(),
        values["gradient_norm"].tolist(),
        values["learning_rate"].tolist(),
        values["batch_size"].astype(int).tolist(),
        *(values[name].tolist() for name in _weights(taken.fields)),
        strict=True,
    )


def _weights(fields: Sequence[str]) -> list[str]:
    """All of them where they are few."""
    names = [name for name in fields if name.startswith("w")]
    return names if len(names) <= _MOST_WEIGHTS else []
