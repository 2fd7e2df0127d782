"""Marks that tell runs apart on every panel: by number, by colour, and without colour by how their lines are broken.

The run in front, whose knobs the keys change, has the inks of what is drawn (training loss, trajectory);
every other one has those of its number, wherever it appears.
"""

from __future__ import annotations

from tui.painting.palette import Ink
from tui.painting.strokes import stroke

_INKS = Ink.RUN_7 - Ink.RUN_0 + 1


def ink(number: int) -> int:
    """The ink of the curve, trajectory and number of the run with that number, from 1 on."""
    return Ink.RUN_0 + (number - 1) % _INKS


def marker(number: int) -> str:
    """The look of a run's line, and its number."""
    return f"{stroke(ink(number)).sample}{number}"
