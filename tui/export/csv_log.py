"""The CSV file of a training: one row a step, written as the steps are taken or all at once."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from engine.serving.views import step_rows
from engine.serving.views.step_rows import Steps
from tui.home.whole_files import refused_in_words, whole_files
from tui.words.usage_error import UsageError

if TYPE_CHECKING:
    from engine.training.trainer import Trainer

_MOST_WEIGHTS = 8


@contextmanager
def csv_log(
    path: str | None, trainer: Trainer, *, option: str = "--csv", replace: bool = False
) -> Iterator[Callable[[int], None]]:
    """Yield a function to be called with n after every n ≤ MOST_AT_ONCE steps, which writes their rows; without a path
    it does nothing.

    A row holds the values before the update of its step. Floats read back exactly; those that are not finite are
    written nan, inf or -inf. The file is there at the end of the block, with the rows so far also where a signal ends
    that (KeyboardInterrupt, SystemExit). replace: as `whole_files` has it. Raises UsageError for a path of - and where
    the file cannot be written.
    """
    if path is None:
        yield lambda taken: None
        return
    if path == "-":
        raise UsageError("--csv -: needs a file's name; standard output is for the report")
    interruption: BaseException | None = None
    with refused_in_words(option), whole_files(Path(path), replace=replace) as (file,):
        file.write(as_csv([header(trainer.history.fields)]))
        try:
            yield lambda taken: file.write(as_csv(rows(step_rows.capture(trainer, taken))))
        except (KeyboardInterrupt, SystemExit) as error:
            interruption = error
    if interruption is not None:
        raise interruption


def as_csv(values: Iterable[Sequence[float | str]]) -> bytes:
    """Rows as they stand in a file."""
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows(values)
    return text.getvalue().encode()


def header(fields: Sequence[str]) -> list[str]:
    """The names of the columns for a history's fields."""
    return [
        "step",
        "epoch",
        "examples",
        "batch_loss",
        "batch_gradient_norm",
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
        values["batch_gradient_norm"].tolist(),
        values["learning_rate"].tolist(),
        values["batch_size"].astype(int).tolist(),
        *(values[name].tolist() for name in _weights(taken.fields)),
        strict=True,
    )


def _weights(fields: Sequence[str]) -> list[str]:
    """The weights, all of them where they are few."""
    names = [name for name in fields if name.startswith("w")]
    return names if len(names) <= _MOST_WEIGHTS else []
