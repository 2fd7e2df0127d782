"""Text that is shown: from outside (file names, titles, columns, values) made safe and short enough; and what is
counted."""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Iterable

LONGEST = 80  # characters of a value that a message repeats
_LONGEST_PATH = 250


def plain(text: str, *, lines: bool = False) -> str:
    r"""Return `text` without any character that could steer a terminal.

    Spaces of every width become a space. Every other character that Python calls unprintable (C0, C1, DEL,
    direction marks, lone surrogates, private use) is written as its escape: ESC as `\x1b`. A line break is
    kept where `lines` is true, and escaped where it is not.
    """
    if text.isprintable():
        return text
    return "".join(_shown(char, lines) for char in text)


def counted(number: float, noun: str, plural: str = "") -> str:
    """Return a number with the noun that it counts, such as `1 step`, `1,200 steps`; plural: where it takes no s."""
    return f"{number:,} {noun if number == 1 else plural or f'{noun}s'}"


def first_unshown(text: str, allowed: str = "") -> int | None:
    """Return the place of the first character that `plain` would write as an escape and that is none of `allowed`;
    None where there is none."""
    if text.isprintable():
        return None
    odd = ((place, char) for place, char in enumerate(text) if not char.isprintable() and char not in allowed)
    return next((place for place, char in odd if _shown(char, lines=False) != " "), None)


def _shown(char: str, lines: bool) -> str:
    if char.isprintable() or (lines and char == "\n"):
        return char
    if unicodedata.category(char) == "Zs":
        return " "
    return char.encode("unicode_escape").decode("ascii")


def shortened(value: object, longest: int = LONGEST) -> str:
    """Return `value` as Python writes it, plain, and cut to `longest` characters with `…` at its end.

    A text keeps its quotes. A number of too many digits for Python to write is said to be one.
    """
    if isinstance(value, str):
        value = value[: longest + 1]  # a text of megabytes is not written first and cut afterwards
    try:
        text = plain(repr(value))
    except ValueError:  # Python writes no integer of more than 4,300 digits
        return "a number of thousands of digits"
    except RecursionError:
        return "a deeply nested value"
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def shown_path(path: object) -> str:
    """Return the path of a file as it is, but plain; cut like a value where no file would be called so."""
    text = str(path)
    longest = max(map(len, text.split("/")))
    return plain(text) if len(text) <= _LONGEST_PATH and longest <= LONGEST else shortened(text)


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A question to end a refusal with, or nothing where no word is near."""
    near = difflib.get_close_matches(word, known, n=1)
    return f"; did you mean {near[0]}?" if near else ""
