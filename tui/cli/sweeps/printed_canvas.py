"""Pictures and tables as Rich prints them, for plain commands."""

from __future__ import annotations

import numpy as np
from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.segment import Segment
from rich.text import Text

from tui.painting.ascii import ascii_text
from tui.painting.canvas import Canvas
from tui.painting.look import Depth, Look
from tui.painting.styles import plain_style

_SYSTEMS = {Depth.TRUE: "truecolor", Depth.INDEXED: "256", Depth.SIXTEEN: "standard", Depth.NONE: None}


def console_for(look: Look, *, stderr: bool = False) -> Console:
    """Return Rich's console for standard output, or standard error, in the look's colours."""
    system = _SYSTEMS[look.depth]
    return Console(stderr=stderr, color_system=system, no_color=system is None, highlight=False)  # type: ignore[arg-type]


def printed(canvas: Canvas, look: Look) -> Text:
    """Return the canvas as lines of text in the look's colours, without blank lines at its end."""
    canvas.settle()
    painted = np.flatnonzero(((canvas.chars != " ") | (canvas.paper != 0)).any(axis=1))
    height = int(painted[-1]) + 1 if len(painted) else 0
    text = Text(no_wrap=True, overflow="crop")
    for row in range(height):
        for chars, ink, paper in canvas.runs(row, 0, canvas.width):
            text.append(chars, plain_style(look, ink, paper))
        text.append("\n" if row < height - 1 else "")
    return text


class InLook:
    """Something that Rich prints, in the look's characters."""

    def __init__(self, renderable: RenderableType, look: Look) -> None:
        self._renderable, self._look = renderable, look

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for segment in console.render(self._renderable, options):
            plain = self._look.ascii and not segment.control
            yield Segment(ascii_text(segment.text), segment.style) if plain else segment
