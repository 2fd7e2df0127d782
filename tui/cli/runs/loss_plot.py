"""Curves for a plain terminal, drawn by plotext: the losses of finished trainings, and what sweeps found.

What plotext 6 needs to be told: its one figure is global; it clamps to the terminal's size unless told not
to; a NaN in a connected line never returns, and zero or infinity on a log axis raise. So only finite
values above 0 go in, as logarithms, with ticks of our own. It has a light background but in its theme "simple".
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping

import numpy as np

from engine.model.objective import Array
from engine.runs.run import Run
from tui.painting.axes import Axis, enclosing_axis
from tui.painting.numbers import tick

_ROWS = 14
_COLORS = (12, 11, 10, 13, 14, 9)  # plotext's numbers of the terminal's own colours


Curve = tuple[Array, Array]


def loss_plot(run: Run, columns: int, *, colors: bool) -> str:
    """The losses over updates, `columns` wide and 14 rows high; empty where nothing can be drawn."""
    batch = run.trainer.history.window("batch_loss", 0, run.trainer.steps, columns)
    evaluations = run.evaluations
    curves = {
        "minibatch loss": (batch.steps, batch.mean),
        "training loss": (evaluations.steps, evaluations.training_loss),
        "validation loss": (evaluations.steps, evaluations.validation_loss),
    }
    return plot(curves, Axis(0.0, float(run.trainer.steps)), columns, colors=colors)


def plot(
    curves: Mapping[str, Curve], x_axis: Axis, columns: int, *, colors: bool, legend: tuple[str, str] = ("right", "top")
) -> str:
    """Named curves of what is above 0, on a log axis; empty where nothing can be drawn. legend: the corner of it."""
    drawable = {}
    for (name, (places, heights)), color in zip(curves.items(), itertools.cycle(_COLORS)):
        share = x_axis.share(places)
        keep = np.isfinite(heights) & (heights > 0) & (share >= 0) & (share <= 1)
        if keep.sum() > 1:
            every = max(1, int(keep.sum()) // columns)
            drawable[name] = (share[keep][::every], heights[keep][::every], color)
    if not drawable:
        return ""
    import plotext  # takes as long to import as all the rest

    plotext.terminal.limit(False, False)
    figure = plotext.figure
    figure.clear.all()
    figure.plot_size(columns, _ROWS)
    figure.theme("simple")
    everything = np.concatenate([heights for _, heights, _ in drawable.values()])
    axis = enclosing_axis(float(everything.min()), float(everything.max()), log=True)
    for ruler, its_axis, at_most in (("y", axis, _ROWS // 3), ("x", x_axis, columns // 12)):
        ticks = its_axis.ticks(at_most)
        labels = [tick(value) for value in ticks]
        figure.ruler(ruler).lim(0.0, 1.0).ticks(its_axis.share(np.array(ticks)).tolist(), labels)
    for name, (share, heights, color) in drawable.items():
        marker = plotext.marker("braille", color)
        line = figure.signal(share.tolist(), axis.share(heights).tolist(), marker=marker)
        figure.draw(line.lines(True).label(name))
    across, up = legend
    figure.legend(x=int(across == "right"), y=int(up == "top"), ha=across, va=up, relative=True)
    return str(figure.build().string(colorless=not colors))
