"""A look as Rich's styles and Textual's themes: what the terminal is told."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, lru_cache

from rich.color import Color, ColorSystem
from rich.segment import Segment
from rich.style import Style
from textual.color import Color as ScreenColor
from textual.filter import LineFilter
from textual.theme import Theme

from tui.painting.look import Depth, Look
from tui.painting.palette import ANSI, PALETTES, Palette

_HUES = {"loss": "orange", "weights": "sky", "data": "teal", "controls": "violet", "runs": "pink"}  # of borders
_SYSTEMS = {Depth.SIXTEEN: ColorSystem.STANDARD, Depth.INDEXED: ColorSystem.EIGHT_BIT}


@cache
def palette(look: Look) -> Palette:
    """The colours of the look's theme, or the terminal's own where it has no others."""
    if look.depth <= Depth.SIXTEEN:
        return ANSI
    return next(palette for palette in PALETTES if palette.name == look.theme)


@cache
def cell_style(look: Look, ink: int, paper: int) -> Style:
    """The style of a cell of a canvas."""
    colors, indexed = palette(look), look.depth == Depth.INDEXED
    style = Style.parse(colors.ink(ink, indexed=indexed))
    ground = colors.ink(paper, indexed=indexed).split()[-1] if paper else colors.background
    return style + Style(bgcolor=ground)


@cache
def plain_style(look: Look, ink: int, paper: int) -> Style:
    """The style of a cell of a canvas that a plain command prints: the terminal keeps its own background, which may be
    dark or light, and so text is in its own colours; but for pictures, which bring theirs."""
    few, indexed = look.depth <= Depth.SIXTEEN, look.depth == Depth.INDEXED
    colors = ANSI if few or not paper else palette(look)
    style = Style.parse(colors.ink(ink, indexed=indexed))
    return _reduced(style + Style(bgcolor=colors.ink(paper).split()[-1] if paper else None), look.depth)


class LookFilter(LineFilter):
    """Brings whatever Textual draws, borders and footer and dialogs too, to the look's characters and colours."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._depth = look.depth
        self._text: Callable[[str], str] = str
        if look.ascii:
            from tui.painting.ascii import ascii_text  # few need it, and its patterns take their time

            self._text = ascii_text

    def apply(self, segments: list[Segment], background: ScreenColor) -> list[Segment]:
        """The segments in this look."""
        text, depth = self._text, self._depth
        return [Segment(text(s.text), _reduced(s.style, depth) if s.style else s.style, s.control) for s in segments]


def line_filters(look: Look) -> list[LineFilter]:
    """The filters that each line passes before it is shown."""
    return [LookFilter(look)] if look.ascii or look.depth < Depth.TRUE else []


@lru_cache(4096)
def _reduced(style: Style, depth: Depth) -> Style:
    """A style with no more colours than the terminal has; without any, what stands out is drawn in reverse."""
    if depth == Depth.TRUE:
        return style
    if depth == Depth.NONE:
        lit = style.bgcolor is not None and not style.bgcolor.is_default
        return style.without_color + Style(reverse=lit or None)
    system = _SYSTEMS[depth]
    return style + Style.from_color(_downgraded(style.color, system), _downgraded(style.bgcolor, system))


def _downgraded(color: Color | None, system: ColorSystem) -> Color | None:
    return None if color is None else color.downgrade(system)


def themes() -> list[Theme]:
    """One for each palette, of the same name."""
    return [_theme(palette) for palette in PALETTES]


def _theme(palette: Palette) -> Theme:
    mark = "ansi_" if palette.ansi else ""  # Textual's prefix for the terminal's own
    colors = {name: mark + color.split()[-1] for name, color in palette.colors.items()}
    background, panel = mark + palette.background, mark + palette.panel
    lit, on_lit = ("ansi_white", "ansi_black") if palette.ansi else (colors["sky"], background)
    return Theme(
        palette.name,
        primary=colors["sky"],
        secondary=colors["teal"],
        accent=colors["orange"],
        warning=colors["yellow"],
        error=colors["red"],
        success=colors["green"],
        foreground=colors["text"],
        background=background,
        surface=mark + palette.surface,
        panel=panel,
        dark=palette.dark,
        ansi=palette.ansi,
        variables={
            "frame": colors["line"],  # this dashboard's own, for borders
            **{f"{panel}-frame": mark + palette.frame(hue) for panel, hue in _HUES.items()},
            "ansi-background": background,
            "ansi-foreground": colors["text"],
            "border": colors["line"],
            "footer-background": panel,
            "footer-key-foreground": colors["sky"],
            "block-cursor-background": lit,
            "block-cursor-foreground": on_lit,
            "scrollbar": colors["line"],
            "scrollbar-hover": colors["faint"],
            "scrollbar-active": colors["faint"],
            "scrollbar-background": panel,
            "scrollbar-background-hover": panel,
            "scrollbar-background-active": panel,
        },
    )
