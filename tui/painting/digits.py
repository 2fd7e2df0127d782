"""Large numbers, three rows high."""

from __future__ import annotations

from tui.painting.canvas import Canvas

HEIGHT = 3
_GLYPHS = {
    "0": ("┏━┓", "┃ ┃", "┗━┛"),
    "1": ("╺┓ ", " ┃ ", "╺┻╸"),
    "2": ("╺━┓", "┏━┛", "┗━╸"),
    "3": ("╺━┓", " ━┫", "╺━┛"),
    "4": ("┃ ┃", "┗━┫", "  ┃"),
    "5": ("┏━╸", "┗━┓", "╺━┛"),
    "6": ("┏━╸", "┣━┓", "┗━┛"),
    "7": ("╺━┓", "  ┃", "  ┃"),
    "8": ("┏━┓", "┣━┫", "┗━┛"),
    "9": ("┏━┓", "┗━┫", "╺━┛"),
    ".": (" ", " ", "."),
    ",": (" ", " ", ","),
}
_IN_ASCII = {
    "0": (" _ ", "| |", "|_|"),
    "1": ("   ", " | ", " | "),
    "2": (" _ ", " _|", "|_ "),
    "3": (" _ ", " _|", " _|"),
    "4": ("   ", "|_|", "  |"),
    "5": (" _ ", "|_ ", " _|"),
    "6": (" _ ", "|_ ", "|_|"),
    "7": (" _ ", "  |", "  |"),
    "8": (" _ ", "|_|", "|_|"),
    "9": (" _ ", "|_|", " _|"),
    ".": (" ", " ", "."),
    ",": (" ", " ", ","),
}


def draw(canvas: Canvas, column: int, row: int, width: int, text: str, ink: int, *, in_ascii: bool = False) -> None:
    """Write the number large within `width` columns; in letters of one row, halfway, where it does not fit or is
    not of digits alone. in_ascii: of strokes that ASCII has."""
    glyphs = [(_IN_ASCII if in_ascii else _GLYPHS).get(char) for char in text]
    if None in glyphs or sum(len(glyph[0]) for glyph in glyphs if glyph) > width:
        canvas.text(column, row + 1, text, ink)
        return
    for line in range(HEIGHT):
        canvas.text(column, row + line, "".join(glyph[line] for glyph in glyphs if glyph), ink)
