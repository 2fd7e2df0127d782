"""The look of the dashboard on this terminal: its theme, how many colours there are, and whether plain letters are
all that it can show."""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from argparse import Namespace

THEMES = ("dark", "light", "contrast", "ansi")
# By what is sent over ssh, which COLORTERM is not; all of them have true colours.
_TRUE_COLOR_TERMS = ("direct", "kitty", "ghostty", "alacritty", "foot", "wezterm", "iterm")
_COLORLESS_TERMS = ("dumb", "unknown", "vt100", "vt102", "vt220")
_COERCED = ("C.UTF-8", "C.utf8", "UTF-8")  # to which Python sets LC_CTYPE by itself where LANG is C (PEP 538)


class Depth(IntEnum):
    """The number of colours of a terminal. The command line's names for them are in `DEPTHS`."""

    NONE = 0
    SIXTEEN = 16
    INDEXED = 256
    TRUE = 1 << 24


DEPTHS = {"truecolor": Depth.TRUE, "256": Depth.INDEXED, "16": Depth.SIXTEEN, "none": Depth.NONE}


class Look(NamedTuple):
    """The look of the screen. theme: one of `THEMES`. With sixteen colours or none the screen is in `ansi`, whatever
    was asked for."""

    theme: str = THEMES[0]
    depth: Depth = Depth.TRUE
    ascii: bool = False

    def other_characters(self) -> Look:
        """The look with ASCII instead of Unicode, or with Unicode again."""
        return self._replace(ascii=not self.ascii)

    def next_theme(self) -> Look:
        """The same in the next theme; the same itself where colours are too few for another."""
        if self.depth <= Depth.SIXTEEN:
            return self
        return self._replace(theme=THEMES[(THEMES.index(self.theme) + 1) % len(THEMES)])


PLAIN = Look()


def color_depth(environment: Mapping[str, str]) -> Depth:
    """The colours that the environment promises: NO_COLOR (no-color.org), COLORTERM, and the name of the terminal."""
    term = environment.get("TERM", "").lower()
    if environment.get("NO_COLOR") or not term or term in _COLORLESS_TERMS or term.endswith(("-m", "-mono")):
        return Depth.NONE
    indexed = Depth.INDEXED if "256color" in term else Depth.SIXTEEN
    if term.startswith("screen") and "STY" in environment:  # GNU screen has none, whatever it inherited
        return indexed
    if environment.get("COLORTERM", "").lower() in ("truecolor", "24bit"):
        return Depth.TRUE
    return Depth.TRUE if any(name in term for name in _TRUE_COLOR_TERMS) else indexed


def needs_ascii(environment: Mapping[str, str]) -> bool:
    """Tell whether the locale is one without Unicode, or the terminal is the Linux console, whose font has no Braille.

    Where no locale is set at all, as in most containers, nearly every terminal has Unicode nevertheless.
    """
    term = environment.get("TERM", "").lower()
    if term == "linux" or term in _COLORLESS_TERMS:
        return True
    language, kind = environment.get("LANG", ""), environment.get("LC_CTYPE", "")
    if language in ("C", "POSIX") and kind in _COERCED:
        kind = ""
    locale = environment.get("LC_ALL") or kind or language
    return bool(locale) and not locale.upper().replace("-", "").partition("@")[0].endswith("UTF8")


def look_for(options: Namespace, environment: Mapping[str, str]) -> Look:
    """The look that the command line asks for, and where it leaves that open, what the terminal can do."""
    depth = color_depth(environment) if options.colors == "auto" else DEPTHS[options.colors]
    return Look(options.theme, depth, options.ascii or needs_ascii(environment))
