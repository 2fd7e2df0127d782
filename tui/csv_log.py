"""The CSV file of a training: one row a step, written as the steps are taken."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from engine.trainer import Trainer
from tui.errors import UsageError

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
    weights = trainer.weights.size
    names = [f"w{j}" for j in range(weights)] if weights <= _MOST_WEIGHTS else []
    try:
        with Path(path).open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(
                ["step", "epoch", "examples", "batch_loss", "gradient_norm", "learning_rate", "batch_size", *names]
            )

            def write(taken: int) -> None:
                writer.writerows(_rows(trainer, taken, names))
                file.flush()

            yield write
    except OSError as error:
        raise UsageError(f"{option} {path}: cannot be written: {error.strerror}") from None


def _rows(trainer: Trainer, taken: int, names: list[str]) -> Iterator[tuple[float, ...]]:
    """The last `taken` steps."""
    values = dict(zip(trainer.history.fields, trainer.history.tail(taken), strict=True))
    return zip(
        range(trainer.steps - taken, trainer.steps),
        (values["examples"] / len(trainer.objective.examples)).tolist(),
        values["examples"].astype(int).tolist(),
        values["batch_loss"].tolist(),
        values["gradient_norm"].tolist(),
        values["learning_rate"].tolist(),
        values["batch_size"].astype(int).tolist(),
        *(values[name].tolist() for name in names),
        strict=True,
    )
