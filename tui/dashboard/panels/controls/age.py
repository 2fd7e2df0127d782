"""The age of the gauges and of the losses: how many steps ago they were read, said where it matters."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.painting.numbers import short
from tui.painting.palette import Ink

if TYPE_CHECKING:
    from engine.serving.snapshot import Snapshot

_OLD = 1 / 20  # of the steps: what is older is said to be


def is_old(snapshot: Snapshot) -> bool:
    """Tell whether the readings are older than a twentieth of the steps, or will be before the next ones come: so the
    words do not come and go between two readings."""
    readings = snapshot.readings
    return max(snapshot.step - readings.step, 2 * readings.took) > _OLD * snapshot.step


def words(snapshot: Snapshot) -> str:
    """Words such as `170 steps ago`; empty where the readings are not old."""
    return _ago(snapshot.step - snapshot.readings.step) if is_old(snapshot) else ""


def of_losses(snapshot: Snapshot) -> str:
    """The same words on the losses over all examples; empty where they are not older than a twentieth of the steps."""
    age = snapshot.step - snapshot.losses_step
    return _ago(age) if age > _OLD * snapshot.step else ""


def _ago(age: int) -> str:
    rounded = f"{float(f'{age:.2g}'):,.0f}" if age < 1_000_000 else short(age, 2)
    return f"{rounded} step{'' if age == 1 else 's'} ago"


def ink(snapshot: Snapshot, otherwise: int) -> int:
    """The ink of what was read: faint where it is old."""
    return Ink.FAINT if is_old(snapshot) else otherwise
