"""The verdict in words: the outcome, what it is compared with, and what each knob change did."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from tui.knobs import change_label
from tui.painting.numbers import short

if TYPE_CHECKING:
    from engine.effects import Effect


def effect_in_words(effect: Effect) -> str:
    """At step 210 batch ↓2: the training loss went from hovering at 1.04 to hovering at 1.98, 1.9 times as high above
    the lowest there is."""
    before, after = effect.before, effect.after
    labels = " ".join(change_label(change) for change in effect.changes if change.before != change.after)
    beginning = f"Step {effect.changes[-1].step:,}, {labels or 'there and back'}: "
    if not (math.isfinite(before.mean) and math.isfinite(after.mean)):
        return beginning + "the training loss was not finite."
    if not effect.is_sure:
        return beginning + f"no effect on the training loss beyond chance ({short(before.mean)}, {short(after.mean)})."
    was = "hovered at" if before.settled else "was passing"
    now = "hovers at" if after.settled else "is passing"
    words = f"the training loss {was} {short(before.mean, 4)}, and {now} {short(after.mean, 4)}"
    if before.settled and after.settled and not math.isnan(effect.ratio):
        above = "above the lowest possible" if effect.lowest else ""
        times = f"{effect.ratio:,.0f}" if effect.ratio >= 10 else f"{effect.ratio:.2g}"
        words += f": {times} times as high {above}".rstrip()
    return f"{beginning}{words}."
