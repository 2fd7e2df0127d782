"""TOML from outside: text to a table, with every refusal in a few words."""

from __future__ import annotations

import re
import tomllib
from typing import Any

from engine.plain_text import LONGEST, plain, shortened

# The parts of a key with dots. No part is looked at twice, however long it is.
_PART = r"""(?:[A-Za-z0-9_-]++|"[^"\n]*+"|'[^'\n]*+')"""
_MOST_PARTS = 50
_DEEP_KEY = re.compile(rf"(?<![A-Za-z0-9_-]){_PART}(?:[ \t]*+\.[ \t]*+{_PART}){{{_MOST_PARTS}}}")
# What Python says of a text that does not end, and the mark with which that begins.
_UNCLOSED = {
    r"Illegal character '\n'": '"',
    r"Found invalid character '\n'": "'",
    "Unterminated string": '"""',
    """Expected "'\"""": "'",
    """Expected "'''\"""": "'''",
}


def decode(content: bytes) -> str:
    """The text that UTF-8 says, with or without a byte order mark.

    Raises ValueError, in words to follow the name of the file.
    """
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise ValueError(f"line {line} is not UTF-8 text (byte 0x{content[error.start]:02x})") from None


def parse(text: str) -> dict[str, Any]:
    """The table that the text writes. Raises ValueError, in words to follow the name of the file."""
    # What is nested by brackets, Python gives up by itself; this it would puzzle over for minutes.
    if deep := _DEEP_KEY.search(text):
        line = text.count("\n", 0, deep.start()) + 1
        raise ValueError(f"not valid TOML: nested too deeply: a key of more than {_MOST_PARTS} parts (at line {line})")
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise ValueError("not valid TOML: nested too deeply") from None
    except ValueError as error:  # tomllib's own error, or Python's about integers of thousands of digits
        words, at, place = str(error).partition(";")[0].rpartition(" (at ")
        words = plain(words or place)
        begun = _begun(text, words)
        words = words if begun is None else "a text has no closing quotation mark"
        shown = words if len(words) <= LONGEST else f"{words[: LONGEST - 1]}…"
        raise ValueError(
            f"not valid TOML: {shown}{at + place if at else ''}{_line_in_words(text, place, begun)}"
        ) from None


def _begun(text: str, words: str) -> int | None:
    """The place where a text begins that does not end; None where that is not what the words say."""
    mark = _UNCLOSED.get(words)
    if mark is None:
        return None
    several_lines = mark != '"""' or text.count(mark) % 2
    return text.rfind(mark) if several_lines else len(text)  # a text of one line, in the last one


def _line_in_words(text: str, place: str, begun: int | None) -> str:
    """The line at which TOML's reader gave up; at the end of the document, the one where the text begins that does not
    end; nothing where there is none."""
    named = re.match(r"line (\d+)", place)
    number = int(named[1]) if named else 0 if begun is None else text.count("\n", 0, begun) + 1
    if not number:
        return ""
    line = text.split("\n")[number - 1].strip()
    hint = "; a number has a decimal point" if re.fullmatch(r"[^#\"']*=\s*[-+]?\d+,\d+\s*(#.*)?", line) else ""
    table = re.fullmatch(r"\[+\s*([^\[\]]+?)\s*\]+", line)
    if table and f"\n[{table[1]}]" in text and f"\n[[{table[1]}]]" in text:
        hint = f"; write [[{table[1]}]] above each of them"
    return f"{'' if named else f', begun at line {number}'}: {shortened(line, 60)}{hint}"
