"""Which keys help where the engine refuses something, as the user has set them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.dashboard.keys.keymap import Keymap

if TYPE_CHECKING:
    from engine.serving.snapshot import Refused


def refusal_words(refusal: Refused, keys: Keymap) -> str:
    """Return why something was refused, and the keys that help."""
    match refusal.remedy:
        case "train":
            return f"{refusal.reason}: {keys.shown('pause')} or {keys.shown('step')} trains on"
        case "race":
            return f"{refusal.reason}: {keys.shown('race')} begins a race"
    return refusal.reason
