"""`descend predict`: predictions of a trained model for the rows of a table."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from engine.plain_text import counted, plain
from scenarios.models.model_file import read_model
from scenarios.models.new_rows import read_rows
from scenarios.models.trained_model import Predictions, TrainedModel
from tui.export.csv_log import as_csv
from tui.home.paths import is_there
from tui.home.whole_files import refused_in_words, whole_files
from tui.terminal.console import write
from tui.words.usage_error import UsageError


def predict(options: Namespace) -> None:
    """Write a line for each row of the table, as CSV: to the file that the options name, else to standard output.

    Raises ScenarioError for a model or a row that cannot be read, UsageError for a file that cannot be written.
    """
    target = options.csv
    for source in (options.model, options.table):
        if target and is_there(target) and is_there(source) and Path(target).samefile(source):
            raise UsageError(f"--csv {target}: is what is read; name another file")
    if target == "-":
        raise UsageError("--csv -: needs a file's name; without --csv the predictions go to standard output")
    model = read_model(Path(options.model))
    found = [model.predict(rows) for rows in read_rows(Path(options.table), model)]
    lines = as_csv(_lines(model, found))
    if target is None:
        write(lines.decode().rstrip("\n"))
        return
    with refused_in_words("--csv"), whole_files(Path(target), replace=options.force) as (file,):
        file.write(lines)
    count = sum(len(part.values) for part in found)
    write(f"wrote {plain(str(target))}: {counted(count, 'prediction')} of {plain(model.target)}")


def _lines(model: TrainedModel, found: list[Predictions]) -> Iterator[list[Any]]:
    """The names of the columns, then a line for each row."""
    yield ["prediction", *(f"probability_{name}" for name in model.classes)]
    for part in found:
        columns = [part.values[:, None]] if part.probabilities is None else [part.values[:, None], part.probabilities]
        yield from np.hstack(columns).tolist()
