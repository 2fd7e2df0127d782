"""The status of the run in words, with the keys that help."""

from __future__ import annotations

import math
import textwrap
from typing import TYPE_CHECKING

from tui.dashboard.keys.keymap import Keymap
from tui.dashboard.panels.controls import stability_gauge
from tui.painting.palette import Ink
from tui.words.knob_steps import change_label
from tui.words.standing_words import RUNNING

if TYPE_CHECKING:
    from engine.serving.snapshot import Snapshot

_INKS = {"running": Ink.FAINT, "converged": Ink.GOOD, "diverged": Ink.DANGER}
_BRIEFLY = {
    "oscillating": "Oscillating: the learning rate is too large to come to rest.",
    "plateau": "On a plateau: the loss hardly falls, but it can. Waiting may pay.",
    "diverging": "Diverging: the loss has grown out of all proportion.",
}
_WHERE = {
    "noise floor": " at its noise floor",
    "minimum": " at a minimum",
    "local minimum": " in a local minimum",
    "saddle": " on a saddle",
}


def ink(snapshot: Snapshot) -> int:
    """The ink of the status."""
    return Ink.CAUTION if snapshot.status.detail == "diverging" else _INKS[snapshot.status.kind]


def lines(snapshot: Snapshot, keys: Keymap, width: int, most: int) -> list[str]:
    """The status in full, or briefly, in at most so many lines; a mark ends what has no room. The last line of a run
    that has diverged says how to go back."""
    ways_back = textwrap.wrap(_ways_back(snapshot, keys), width) if snapshot.status.kind == "diverged" else []
    wrapped = textwrap.wrap(_in_full(snapshot, keys), width)
    if len(wrapped) + len(ways_back) > most:
        words = brief(snapshot, keys) or _in_full(snapshot, keys)
        return textwrap.wrap(words, width, max_lines=most, placeholder=" …") if most > 0 else []
    return wrapped + ways_back


def _in_full(snapshot: Snapshot, keys: Keymap) -> str:
    status = snapshot.status
    if status.kind == "converged":
        return f"Converged at step {status.step:,}: {status.reason}."
    if status.kind == "diverged":
        return f"Diverged at step {status.step:,}{_rate(snapshot)}: {status.reason}."
    if snapshot.step < snapshot.latest_step:
        latest = f"{keys.shown('forward')} goes forward, up to step {snapshot.latest_step:,}"
        new = f"{keys.shown('pause')}, {keys.shown('step')} or a knob starts a new run here"
        return f"You are in the past: {latest}; {new}."
    if status.detail:
        return f"{RUNNING[status.detail].capitalize()} since step {status.step:,}: {status.reason}."
    if snapshot.running:
        return "Training."
    hints = (("pause", "trains on"), ("step", "steps"), ("epoch", "ends the epoch"))
    return f"Paused: {', '.join(f'{keys.shown(name)} {words}' for name, words in hints)}."


def brief(snapshot: Snapshot, keys: Keymap) -> str:
    """The status in a line of 78 columns; empty where there is nothing to say."""
    status = snapshot.status
    if status.kind == "diverged":
        return f"Diverged at step {status.step:,}. {_ways_back(snapshot, keys)}"
    if status.kind == "converged":
        return f"Converged at step {status.step:,}{_WHERE.get(status.detail, '')}."
    if snapshot.step < snapshot.latest_step:
        return (
            f"You are in the past: {keys.shown('forward')} goes forward, {keys.shown('pause')} starts a new run here."
        )
    if status.detail:
        return _BRIEFLY[status.detail]
    return "" if snapshot.running else f"Paused: {keys.shown('pause')} trains on."


def _rate(snapshot: Snapshot) -> str:
    share = stability_gauge.limit_share(snapshot)
    return f", the learning rate {stability_gauge.of(share, 'the limit')}" if 1 < share < math.inf else ""


def _ways_back(snapshot: Snapshot, keys: Keymap) -> str:
    ways = []
    if snapshot.changes and (undo := keys.shown("undo")):
        ways.append(f"{undo} takes back {change_label(snapshot.changes[-1])}")
    ways.append(f"{keys.shown('learning-rate-down')} slows down")
    ways.append(f"{keys.shown('again')} trains again")
    return ", ".join(ways) + "."
