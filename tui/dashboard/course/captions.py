"""Captions of the solution, or of the replay, that is shown: what it does with the knobs, when it does it."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from tui.words.knob_steps import change_words

if TYPE_CHECKING:
    from engine.serving.snapshot import Snapshot


_FOLLOWED = ("shown", "replayed")


class Captions:
    """Follows the snapshots of a solution or of a replay, and has a caption for each of its changes, once."""

    def __init__(self) -> None:
        self._run = 0  # the number of the solution's run
        self._told = 0  # its changes

    def next(self, snapshot: Snapshot, before: Snapshot | None) -> str:
        """The caption of what is new in this snapshot, or ""."""
        if snapshot.solution not in _FOLLOWED:
            was_shown = before is not None and before.solution in _FOLLOWED and before.number == self._run
            self._run = 0
            goes_on = was_shown and snapshot.latest_step > 0  # and is not another one, begun anew
            return "You have taken over: this run is your own." if goes_on else ""
        begins = snapshot.number != self._run
        if begins:
            self._run, self._told = snapshot.number, 0
        new, self._told = snapshot.changes[self._told :], len(snapshot.changes)
        steps = groupby(new, key=lambda change: change.step)
        words = [f"Step {step:,}: {', '.join(map(change_words, changes))}." for step, changes in steps]
        if begins:
            words = words or ["It begins with the knobs as they are."]
            words.append("Change a knob to take over.")
        return " ".join(words)
