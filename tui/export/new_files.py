"""Files under names that nothing had in the current directory, and scripts under the name that was asked for."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from engine.runs.plan import MOST_AT_ONCE
from tui.export import csv_log
from tui.home.whole_files import WholeFile, whole_files

if TYPE_CHECKING:
    from engine.serving.views.step_rows import StepRows
    from tui.export.script import Script


def file_stem(name: str) -> str:
    """Return a name for files that needs no quoting anywhere, and hides none of them."""
    return re.sub(r"[^\w.-]+", "-", name).lstrip("-.") or "training"


def write_new(name: str, writes: Mapping[str, Callable[[WholeFile], None]]) -> list[Path]:
    """Return the paths of new files, one for each suffix: all called `name`, or that and -2, -3, … where anything has
    one of the names already.

    writes: what writes the content, by suffix. Raises OSError where one cannot be written; then none is left.
    """
    stem = file_stem(name)
    for number in itertools.count(1):
        numbered = stem if number == 1 else f"{stem}-{number}"
        paths = [Path.cwd() / f"{numbered}{suffix}" for suffix in writes]
        try:
            with whole_files(*paths) as files:
                for file, write in zip(files, writes.values(), strict=True):
                    write(file)
        except FileExistsError:
            continue
        return paths
    raise AssertionError("there is always a higher number")


def write_steps(name: str, steps: StepRows) -> Path:
    """A row a step, as `descend train --csv` writes them, of one run after another. Raises OSError."""

    def write(file: WholeFile) -> None:
        file.write(csv_log.as_csv([csv_log.header(steps.runs[0].fields)]))
        rows = csv_log.rows(steps.runs)
        while some := list(itertools.islice(rows, MOST_AT_ONCE)):
            file.write(csv_log.as_csv(some))

    return write_new(name, {".csv": write})[0]


def write_script(made: Script, path: Path, *, replace: bool) -> None:
    """Write a script, and its arrays beside it where it needs them. Raises OSError."""
    contents = contents_by_suffix(made, "")
    with whole_files(*(Path(f"{path}{suffix}") for suffix in contents), replace=replace) as files:
        for file, content in zip(files, contents.values(), strict=True):
            file.write(content)


def contents_by_suffix(made: Script, suffix: str) -> dict[str, bytes]:
    """Return what the files of a script hold, by the end of their names; the script itself comes last."""
    arrays = {} if made.arrays is None else {f"{suffix}.npz": made.arrays}
    return arrays | {suffix: made.text.encode()}


def steps_in_words(rows: StepRows) -> str:
    """The steps in words: which ones they are, and how every one can be had."""
    if len(rows.runs) > 1:
        held, taken = (sum(counts) for counts in zip(*((len(it.numbers), it.taken) for it in rows.runs), strict=True))
        share = f"all {held:,}" if held == taken else f"the latest {held:,} of {taken:,}"
        return f"{share} steps of {len(rows.runs)} runs"
    (steps,) = rows.runs
    held = len(steps.numbers)
    if held == steps.taken:
        return f"all {held:,} steps" if held != 1 else "the one step"
    first, last = (f"{int(steps.numbers[end]):,}" for end in (0, -1))
    return f"{held:,} of {steps.taken:,} steps, {first} to {last} (descend train --csv writes every step)"
