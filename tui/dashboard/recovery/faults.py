"""Errors of the program itself: kept in files for a report, and told in words. Bounded, whatever happens how often."""

from __future__ import annotations

import os
import platform
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path

from engine.plain_text import plain, shortened, shown_path
from tui import __version__
from tui.terminal.ending.out_of_memory import OUT_OF_MEMORY, is_out_of_memory

_AGAIN_SECONDS = 1.0  # within which a second fault says that going on does not help
_MOST_FILES = 10
_LONGEST = 50_000  # characters of a traceback, the first half and the last


def default_folder() -> Path:
    """The folder that they are kept in: faults in the user's state folder for descend."""
    from platformdirs import user_state_path  # not needed for the first frame

    return user_state_path("descend", appauthor=False) / "faults"


class Faults:
    """Keeps one fault after the other. about: what is trained, and how far it is, for the report."""

    def __init__(
        self,
        about: Callable[[], str],
        folder: Callable[[], Path] = default_folder,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._about, self._folder, self._clock = about, folder, clock
        self._latest = -_AGAIN_SECONDS

    def again(self) -> bool:
        """Tell whether there was one within the last second; from now on, this one counts as it."""
        before, self._latest = self._latest, self._clock()
        return self._latest - before < _AGAIN_SECONDS

    def keep(self, error: BaseException) -> str:
        """Write the traceback into a file, and say in words what has happened and what to do with it. No file tells
        more where memory ran out."""
        if is_out_of_memory(error):
            return f"{OUT_OF_MEMORY.capitalize()}."
        text = _report(error, self._about)
        try:
            kept = f"Please report it on descend's issue page, with the file {shown_path(_write(self._folder(), text))}"
        except (OSError, RuntimeError) as refused:  # RuntimeError: no home folder
            why = shortened((isinstance(refused, OSError) and refused.strerror) or str(refused)).strip("'\"")
            kept = f"Please report it on descend's issue page; its traceback could not be kept ({why})"
        return f"Something in descend itself went wrong: {in_a_line(error)}. {kept}."


def in_a_line(error: BaseException) -> str:
    """LookupError: the broken thing."""
    words = shortened(str(error)) if str(error) else ""
    while len(words) > 1 and words[0] == words[-1] and words[0] in "'\"":  # as KeyError quotes its key
        words = words[1:-1]
    return f"{type(error).__name__}: {words}" if words else type(error).__name__


def _report(error: BaseException, about: Callable[[], str]) -> str:
    try:
        circumstances = about()
    except Exception as another:  # what is broken may be just that
        circumstances = f"(no more is known: {another!r})"
    versions = f"descend {__version__}, Python {sys.version.split()[0]}, {platform.system()} {platform.machine()}"
    terminal = " ".join(f"{name}={os.environ.get(name, '')}" for name in ("TERM", "COLORTERM", "LANG", "LC_ALL"))
    lines = "".join(traceback.format_exception(error))
    if len(lines) > _LONGEST:
        lines = f"{lines[: _LONGEST // 2]}\n…\n{lines[-_LONGEST // 2 :]}"
    return plain(f"{versions}\n{terminal}\n{circumstances}\n\n{lines}", lines=True)


def _write(folder: Path, text: str) -> Path:
    """Into a new file; the oldest ones go."""
    folder.mkdir(parents=True, exist_ok=True)
    now = time.time_ns()
    path = folder / f"{time.strftime('%Y-%m-%d-%H%M%S', time.localtime(now // 10**9))}-{now % 10**9:09}.txt"
    path.write_text(text, encoding="utf-8", errors="backslashreplace")
    for old in sorted(folder.glob("*.txt"))[:-_MOST_FILES]:
        old.unlink(missing_ok=True)
    return path
