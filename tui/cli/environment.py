"""The environment: what a user has no reason to set is not heeded, what is heeded is checked.

Heeded are TERM, COLORTERM, NO_COLOR and the locale (`tui.painting.look`), ESCDELAY (Textual), DESCEND_RECORD
(`tui.cli.runs.record_wish`), and where the user's files are (HOME and XDG_*).
"""

from __future__ import annotations

from collections.abc import MutableMapping

from tui.words.usage_error import UsageError

# Textual's are for those who develop with it: they write files, press keys, import modules, end the program.
_PREFIXES = ("TEXTUAL",)
# The terminal itself says how large it is, and whether it is one; the others are for those who develop Rich, asyncio
# and OpenBLAS.
_NAMES = (
    "COLUMNS", "LINES", "JUPYTER_COLUMNS", "JUPYTER_LINES", "TTY_COMPATIBLE", "TTY_INTERACTIVE", "UNICODE_VERSION",
    "PYTHONASYNCIODEBUG", "OPENBLAS_VERBOSE",
)  # fmt: skip
_LONGEST_ESCAPE = 5000  # milliseconds


def heed(environment: MutableMapping[str, str]) -> None:
    """Take out what is not heeded, before any library reads it."""
    for name in [name for name in environment if name in _NAMES or name.startswith(_PREFIXES)]:
        del environment[name]


def check_escape_delay(environment: MutableMapping[str, str]) -> None:
    """Raises UsageError where ESCDELAY, after which an escape key is no longer part of a sequence, is no such time."""
    given = environment.get("ESCDELAY", "1")
    if not (given.isascii() and given.isdigit() and 1 <= int(given[:6]) <= _LONGEST_ESCAPE):
        from engine.plain_text import shortened

        raise UsageError(f"ESCDELAY={shortened(given)}: must be a number of milliseconds from 1 to {_LONGEST_ESCAPE:,}")
