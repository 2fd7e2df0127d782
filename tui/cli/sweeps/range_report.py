"""The learning-rate range test of one setting: loss against rate, and the true limit beside what the test suggests."""

from __future__ import annotations

import math
import textwrap
from typing import TYPE_CHECKING

import numpy as np

from engine.probes.rate_limit import rate_limit
from engine.probes.rate_range import RateRange, learning_rate_range
from tui.cli.runs.loss_plot import plot
from tui.painting.axes import Axis
from tui.painting.numbers import short

if TYPE_CHECKING:
    from engine.measurement import RateLimit
    from engine.runs.run import Run

LOW, HIGH = 1e-3, 30.0  # times the smaller and the larger of the setting's rate and the limit


def range_report(run: Run, columns: int, *, colors: bool) -> str:
    """Return the picture of the test and sentences on it. run: of a setting, at its start; it is left alone."""
    trainer = run.trainer
    with np.errstate(all="ignore"):
        limit = rate_limit(trainer, run.theory)
    known = [value for value in (trainer.learning_rate, limit.value) if 0 < value < math.inf]
    low, high = max(LOW * min(known), 1e-300), min(HIGH * max(known), 1e300)
    found = learning_rate_range(trainer, low=low, high=high)
    axis = Axis(low, float(found.rates[-1]) if math.isfinite(found.blew_up) else high, log=True)
    curves = {
        "minibatch loss, by learning rate": (found.rates, found.losses),
        "smoothed": (found.rates, found.smoothed),
        **_upright("limit", limit.value, found),
        **_upright("suggested", found.suggestion, found),
    }
    picture = plot(curves, axis, columns, colors=colors, legend=("left", "bottom"))
    words = [textwrap.fill(sentence, columns) for sentence in range_in_words(found, limit)]
    return "\n\n".join(part for part in (picture, "\n".join(words)) if part)


def range_in_words(found: RateRange, limit: RateLimit) -> list[str]:
    """Return sentences on what the test suggests, where it blew up, and the limit."""
    words = ["The loss hardly fell, so the test suggests no learning rate."]
    if not math.isnan(found.suggestion):
        tenth = "a tenth of the rate where the smoothed loss was smallest"
        words = [f"The test suggests a learning rate of {short(found.suggestion)}: {tenth}."]
    if math.isfinite(found.blew_up):
        words.append(f"From {short(found.blew_up)} on the loss was hopeless: above four times its smallest.")
    else:
        words.append(f"The loss was never hopeless up to a learning rate of {short(float(found.rates[-1]))}.")
    if math.isnan(limit.value):
        words.append(f"The largest stable learning rate is not known here: {limit.binding.note}.")
    elif math.isinf(limit.value):
        words.append("No learning rate is too large here.")
    else:
        minibatches = f"for minibatches of {limit.batch_size}, in the mean square"
        which = minibatches if limit.minibatch_binds else "of full batches"
        words.append(f"The largest stable learning rate here is {short(limit.value)}, {which}.")
    return words


def _upright(name: str, rate: float, found: RateRange) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """A line that stands at a rate, as high as the losses; none where there is no such rate."""
    losses = found.losses[np.isfinite(found.losses) & (found.losses > 0)]
    if not 0 < rate < math.inf or not len(losses):
        return {}
    return {f"{name} {short(rate)}": (np.array([rate, rate]), np.array([losses.min(), losses.max()]))}
