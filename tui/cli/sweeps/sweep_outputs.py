"""Files and streams that the results of a sweep go to."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tui.home.whole_files import WholeFile, refused_in_words, whole_files
from tui.terminal.console import write


@contextmanager
def outputs(options: Namespace) -> Iterator[dict[str, WholeFile]]:
    """The files that the options name, to be written at the end, also of what a signal has left."""
    with ExitStack() as stack:
        files = {}
        for option in ("csv", "json", "html"):
            name = getattr(options, option)
            if name not in (None, "-"):
                stack.enter_context(refused_in_words(f"--{option}"))
                files[option] = stack.enter_context(whole_files(Path(name), replace=options.force))[0]
        yield files


def write_out(options: Namespace, files: Mapping[str, WholeFile], texts: Mapping[str, Callable[[], str]]) -> None:
    """Write the texts to their files, and to standard output where it is asked for, or nobody looks."""
    for option, file in files.items():
        file.write(texts[option]().encode() + b"\n")
    for option in ("csv", "json"):
        if getattr(options, option) == "-":
            write(texts[option]())
    if options.csv is None and options.json is None and not sys.stdout.isatty():
        write(texts["csv"]())
