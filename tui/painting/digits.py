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


def draw(canvas: Canvas, column: int, row: int, width: int, text: str, ink: int) -> None:
    """Write the number large within `width` columns; in letters of one row, halfway, where it does not fit or is
    not of digits alone."""
    glyphs = [_GLYPHS.get(char) for char in text]
    if None in glyphs or sum(len(glyph[0]) for glyph in glyphs if glyph) > width:
        canvas.text(column, row + 1, text, ink)
        return
    for line in range(HEIGHT):
        canvas.text(column, row + line, "".join(glyph[line] for glyph in glyphs if glyph), ink)
