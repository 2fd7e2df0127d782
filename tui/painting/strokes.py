"""The strokes of curves: how thick, and how broken. Curves of one picture are told apart by them without colour too."""

from __future__ import annotations

from typing import NamedTuple

from tui.painting.palette import Ink


class Stroke(NamedTuple):
    """A way to draw a line. sample: a piece of it, for a legend. pattern: numbers of dots that are drawn and left out
    in turns, empty for a whole line; two dots are a cell. thick: two dots high instead of one."""

    sample: str
    pattern: tuple[int, ...] = ()
    thick: bool = False


THICK, WHOLE, LONG = Stroke("━", thick=True), Stroke("─"), Stroke("┅", (8, 4))
# Of runs beside the one in front: neighbours are far from alike.
_BROKEN = (
    Stroke("╍", (4, 4)),
    Stroke("╌", (8, 2, 2, 2)),
    Stroke("┄", (1, 2)),
    Stroke("┉", (2, 2)),
    Stroke("╼", (14, 6)),
    Stroke("╴", (2, 6)),
    Stroke("┈", (6, 2, 2, 2, 2, 2)),
    Stroke("∙", (1, 1)),
)

_SERIES = (WHOLE, LONG, *_BROKEN)
_FAR = 3  # places in these, so that curves that share a colour are broken otherwise
_STROKES: dict[int, Stroke] = {Ink.TRAINING: THICK, Ink.VALIDATION: LONG, Ink.BATCH_CURVE: _BROKEN[3]}
# Of averages of the weights, whose signs stand on the map as well.
_STROKES |= {Ink.POLYAK: Stroke("◆", (6, 2)), Ink.EXPONENTIAL: Stroke("◇", (3, 3))}
_STROKES |= {Ink.RUN_0 + i: stroke for i, stroke in enumerate(_BROKEN)}
_STROKES |= {Ink.SERIES_0 + i: stroke for i, stroke in enumerate(_SERIES)}


def stroke(ink: int) -> Stroke:
    """The stroke of curves in this ink."""
    return _STROKES.get(ink, WHOLE)


def series(index: int) -> tuple[int, Stroke]:
    """The ink and the stroke of one of many curves, from 0 on. After ten of them the inks come again, in thick strokes:
    no two of twenty look alike, with and without colour."""
    turn, place = divmod(index, len(_SERIES))
    drawn = _SERIES[(place + _FAR * turn) % len(_SERIES)]
    return Ink.SERIES_0 + place, drawn._replace(thick=turn > 0)
