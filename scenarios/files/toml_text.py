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
        shown = words if len(words) <= LONGEST else f"{words[: LONGEST - 1]}…"
        raise ValueError(f"not valid TOML: {shown}{at + place if at else ''}{_line_in_words(text, place)}") from None


def _line_in_words(text: str, place: str) -> str:
    """The line at which TOML's reader gave up; at the end of the document, the one where its last text of several
    lines begins; nothing where there is none."""
    begun = max(text.rfind('"""'), text.rfind("'''"))
    named = re.match(r"line (\d+)", place)
    number = int(named[1]) if named else text.count("\n", 0, begun) + 1 if begun >= 0 else 0
    if not number:
        return ""
    line = text.split("\n")[number - 1].strip()
    hint = "; a number has a decimal point" if re.fullmatch(r"[^#\"']*=\s*[-+]?\d+,\d+\s*(#.*)?", line) else ""
    table = re.fullmatch(r"\[+\s*([^\[\]]+?)\s*\]+", line)
    if table and f"\n[{table[1]}]" in text and f"\n[[{table[1]}]]" in text:
        hint = f"; write [[{table[1]}]] above each of them"
    return f"{'' if named else f', begun at line {number}'}: {shortened(line, 60)}{hint}"
