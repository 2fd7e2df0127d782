"""Captions of a solution and of a replay, from the snapshots that a quick training leaves."""

from dataclasses import dataclass

from engine.runs.past.knob_change import KnobChange
from tui.dashboard.course.captions import Captions


@dataclass
class Seen:
    """What captions read of a snapshot."""

    changes: tuple[KnobChange, ...]
    solution: str = "replayed"
    number: int = 1


def test_every_change_is_told_with_its_own_step_however_many_come_with_a_snapshot():
    captions = Captions()
    faster, smaller = KnobChange(20, "learning_rate", 0.1, 0.2), KnobChange(40, "batch_size", 32, 8)
    calmer = KnobChange(40, "momentum", 0.9, 0.0, joined=True)
    begun = Seen(())
    assert captions.next(begun, None) == "It begins with the knobs as they are. Change a knob to take over."
    passed = Seen((faster, smaller, calmer))
    told = "Step 20: learning rate 0.1 → 0.2. Step 40: batch size 32 → 8, momentum 0.9 → 0."
    assert captions.next(passed, begun) == told
    assert captions.next(passed, passed) == ""
