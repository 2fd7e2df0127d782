"""The CSV file of a training: one row a step, written as the steps are taken or all at once.

docs/files.md lists its columns. Floats read back exactly; those that are not finite are written nan,
inf or -inf; where a loss over all examples was not taken, there is nothing.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from engine.serving.views.step_rows import Losses, Steps, capture, losses_of
from tui.home.whole_files import WholeFile, refused_in_words, whole_files
from tui.words.usage_error import UsageError

if TYPE_CHECKING:
    from engine.model.objective import Array
    from engine.runs.run import Run

_MOST_WEIGHTS = 8
_MOST_HELD = 16_384  # steps whose rows wait for a loss that is being worked out
_COLUMNS = (
    *("run", "step", "epoch", "examples", "batch_loss", "batch_gradient_norm", "training_loss", "validation_loss"),
    *("learning_rate", "batch_size", "optimizer", "momentum"),
)


@contextmanager
def csv_log(
    path: str | None, run: Run, *, option: str = "--csv", replace: bool = False
) -> Iterator[Callable[[int], None]]:
    """Yield a function to be called with n after every n ≤ MOST_AT_ONCE steps of a new run, which writes their rows;
    without a path it does nothing.

    A row holds the values before the update of its step. The file is there at the end of the block, with the rows so
    far also where a signal ends that (KeyboardInterrupt, SystemExit). replace: as `whole_files` has it. Raises
    UsageError for a path of - and where the file cannot be written.
    """
    if path is None:
        yield lambda taken: None
        return
    if path == "-":
        raise UsageError("--csv -: needs a file's name; standard output is for the report")
    interruption: BaseException | None = None
    with refused_in_words(option), whole_files(Path(path), replace=replace) as (file,):
        file.write(as_csv([header(run.trainer.history.fields)]))
        log = _Log(run, file)
        try:
            yield log.write
            log.close()
        except (KeyboardInterrupt, SystemExit) as error:
            interruption = error
    if interruption is not None:
        raise interruption


class _Log:
    """Writes the steps of a run as they are taken, each once, when the losses at it are known."""

    def __init__(self, run: Run, file: WholeFile) -> None:
        self._run, self._file = run, file
        self._written = run.trainer.steps
        held = losses_of(run)
        validation = np.empty(0) if held.validation is None else held.validation
        self._losses: list[tuple[Array, Array, Array]] = [(held.steps, held.training, validation)]
        run.evaluations.listeners.append(self._note)

    def _note(self, steps: Array, training: Array, validation: Array) -> None:
        self._losses.append((steps, training, validation))

    def write(self, taken: int) -> None:
        """Write all rows that are complete."""
        awaited = self._run.awaited
        waits = awaited is not None and awaited[1] - awaited[0] <= _MOST_HELD
        self._write_until(awaited[0] if awaited and waits else self._run.trainer.steps)

    def close(self) -> None:
        """Write what is left."""
        self._write_until(self._run.trainer.steps)
        self._run.evaluations.listeners.remove(self._note)

    def _write_until(self, stop: int) -> None:
        if stop <= self._written:
            return
        steps, training, validation = (np.concatenate(part) for part in zip(*self._losses, strict=True))
        losses = Losses(steps, training, validation if self._run.validation else None)
        rows = _rows_of(capture(self._run, start=self._written, losses=losses))
        self._file.write(as_csv(row for row, _ in zip(rows, range(stop - self._written), strict=False)))
        left = steps >= stop
        self._losses = [(steps[left], training[left], validation[left] if self._run.validation else validation[:0])]
        self._written = stop


def as_csv(values: Iterable[Sequence[Any]]) -> bytes:
    """Rows as they stand in a file."""
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows(values)
    return text.getvalue().encode()


def header(fields: Sequence[str]) -> list[str]:
    """The names of the columns for a history's fields."""
    return [*_COLUMNS, *_weights(fields)]


def rows(runs: Iterable[Steps]) -> Iterator[tuple[Any, ...]]:
    """A row for each of the steps, one run after another."""
    for steps in runs:
        yield from _rows_of(steps)


def _rows_of(taken: Steps) -> Iterator[tuple[Any, ...]]:
    values = dict(zip(taken.fields, taken.values, strict=True))
    count = len(taken.numbers)
    losses = taken.losses
    optimizers, momenta = _knobs(taken)
    columns = (
        [taken.number] * count,
        taken.numbers.tolist(),
        (values["examples"] / taken.num_examples).tolist(),
        values["examples"].astype(int).tolist(),
        values["batch_loss"].tolist(),
        values["batch_gradient_norm"].tolist(),
        _at_their_steps(taken.numbers, losses.steps, losses.training),
        _at_their_steps(taken.numbers, losses.steps, losses.validation),
        values["learning_rate"].tolist(),
        values["batch_size"].astype(int).tolist(),
        optimizers,
        momenta,
        *(values[name].tolist() for name in _weights(taken.fields)),
    )
    return zip(*columns, strict=True)


def _at_their_steps(numbers: Array, steps: Array, losses: Array | None) -> list[float | str]:
    """The losses at the rows of their steps, and nothing at the others."""
    cells: list[float | str] = [""] * len(numbers)
    if losses is None:
        return cells
    places = np.searchsorted(numbers, steps)
    known = np.flatnonzero(np.append(numbers, np.nan)[places] == steps)
    for place, loss in zip(places[known].tolist(), losses[known].tolist(), strict=True):
        cells[place] = loss
    return cells


def _knobs(taken: Steps) -> tuple[list[str], list[float]]:
    """Optimizer and momentum of each row."""
    optimizers: list[str] = []
    momenta: list[float] = []
    starts = [int(np.searchsorted(taken.numbers, step)) for step, _, _ in taken.phases]
    ends = [*starts[1:], len(taken.numbers)]
    for (_, optimizer, momentum), start, end in zip(taken.phases, starts, ends, strict=True):
        optimizers += [optimizer] * (end - start)
        momenta += [momentum] * (end - start)
    return optimizers, momenta


def _weights(fields: Sequence[str]) -> list[str]:
    """The weights, all of them where they are few."""
    names = [name for name in fields if name.startswith("w")]
    return names if len(names) <= _MOST_WEIGHTS else []
