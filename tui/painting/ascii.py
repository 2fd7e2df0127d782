"""Texts as ASCII of the same width, for terminals whose locale or font has no other characters."""

from __future__ import annotations

import re
import unicodedata

_SYMBOLS = {
    "╭╮╰╯┌┐└┘├┤┬┴┼╔╗╚╝┏┓┗┛┣┫┳┻╋": "+",
    "─╶╾–—−‐‑": "-",
    "━═╺╸▅▆▇": "=",
    "┅": "~",
    "╍": ":",
    "╌": ";",
    "┄·": ".",
    "┉": '"',
    "╼": "_",
    "╴": "`",
    "┈": ",",
    "∙": "'",
    "│┃║┊┋┆╎╏╵╷╹╻▕▏▎▍▌▐": "|",
    "█⣿▉▊▋": "#",
    "▓": "%",
    "▒": "+",
    "░": ".",
    "▀▔": '"',
    "▄▁▂▃": "_",
    "●": "@",
    "○◯": "O",
    "•◦": "o",
    "✛✚⊕": "+",
    "✕✗×": "x",
    "★✦": "*",
    "☆": "o",
    "↑△⇡": "^",
    "▲": "A",
    "□": "U",
    "■": "H",
    "◇": "V",
    "◆": "M",
    "↓▼▽⇣": "v",
    "←◀◂⇠⌫": "<",
    "→►▶▸⟶⇢": ">",
    "↗↙": "/",
    "↖↘": "\\",
    "▪": "#",
    "‖": "=",
    "≈∼": "~",
    "±": "+",
    "≤": "<",
    "≥": ">",
    "…": ".",
    "°": "d",
    "“”": '"',
    "‘’": "'",
    "∇": "D",
    "∂": "d",
    "√": "V",
    "∞": "&",
    "⏎": "<",
}


# Where one character alone would say something else: a minus, less, greater, a key.
_TOGETHER = (
    (re.compile(r"(?<!\S)·(?!\S)"), "|"),
    (re.compile("≤ "), "<="),
    (re.compile("≥ "), ">="),
    (re.compile(r"(?<=\S) → (?=\S)"), " ->"),
    (re.compile(r"(?<=\S) ± (?=\S)"), "+/-"),  # a plus alone would be a sum
    (re.compile("∞  "), "inf"),
)


class _Table(dict[int, str]):
    """A table for `str.translate`, filled as characters are met."""

    def __missing__(self, code: int) -> str:
        self[code] = _nearest(chr(code)) if code > 126 else chr(code)
        return self[code]


_TABLE = _Table({ord(char): plain for chars, plain in _SYMBOLS.items() for char in chars})


def ascii_text(text: str) -> str:
    """The text in ASCII, as many columns wide."""
    if text.isascii():
        return text
    for pattern, plain in _TOGETHER:
        text = pattern.sub(plain, text)
    return text.translate(_TABLE)


def _nearest(char: str) -> str:
    if 0x2800 <= ord(char) <= 0x28FF:
        return _of_dots(ord(char) - 0x2800)
    if unicodedata.east_asian_width(char) in "WF":
        return "??"
    if unicodedata.combining(char):
        return ""
    plain = unicodedata.normalize("NFKD", char)[0]
    if plain.isascii() and plain.isprintable():
        return plain
    words = unicodedata.name(char, "?").split()  # GREEK SMALL LETTER ETA: e
    if "LETTER" in words:
        letter = words[words.index("LETTER") + 1][0]
        return letter.lower() if "SMALL" in words else letter
    return "?"


# The dots of a Braille character as (column, row), by bit.
_DOTS = ((0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2), (0, 3), (1, 3))


def _of_dots(bits: int) -> str:
    """The character whose strokes lie nearest: dense, steep, flat at a height, or a single dot at a height."""
    dots = [dot for bit, dot in enumerate(_DOTS) if bits >> bit & 1]
    if not dots:
        return " "
    if len(dots) >= 6:
        return "#"
    left, right = ([row for column, row in dots if column == side] for side in (0, 1))
    rows = sorted({row for _, row in dots})
    height, span = sum(row for _, row in dots) / len(dots), rows[-1] - rows[0]
    if len(dots) >= 5:
        return "%"
    if span >= 2:
        return _steep(left, right, span)
    if len(left) == len(right) == 2 and span == 1:
        return "="
    if left and right and span == 0:
        return '"--_'[rows[0]]
    return "'" if height < 1 else "-" if height < 2 and left and right else ":" if height == 1.5 else "."


def _steep(left: list[int], right: list[int], span: int) -> str:
    if not left or not right:
        return "|" if span == 3 or len(left + right) == 3 else ":"
    slope = sum(right) / len(right) - sum(left) / len(left)
    return "|" if abs(slope) < 0.75 else "\\" if slope > 0 else "/"
