"""A canvas as Rich prints it, for plain commands."""

from __future__ import annotations

from rich.text import Text

from tui.painting.ascii import ascii_text
from tui.painting.canvas import Canvas
from tui.painting.look import Look
from tui.painting.styles import plain_style


def printed(canvas: Canvas, look: Look) -> Text:
    """Return the canvas as lines of styled text, in the look's characters and colours."""
    canvas.settle()
    text = Text(no_wrap=True, overflow="crop")
    for row in range(canvas.height):
        for chars, ink, paper in canvas.runs(row, 0, canvas.width):
            text.append(ascii_text(chars) if look.ascii else chars, plain_style(look, ink, paper))
        text.append("\n" if row < canvas.height - 1 else "")
    return text
