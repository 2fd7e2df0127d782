"""A sweep as the panel knows it: its plan, what came of it so far, and in words what a place of its map says."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from engine.plain_text import counted
from engine.training.knobs import KNOBS
from tui.painting.numbers import fixed, short

if TYPE_CHECKING:
    from engine.training.knobs import Knobs
    from scenarios.sweeps.background_sweep import SweepBegun, SweepNews
    from scenarios.sweeps.sweep_map import SweepMap
    from scenarios.sweeps.sweep_plan import SweepPlan


class SweepState:
    """Knowledge of one sweep. begun: its plan and limits, None before they come. map: its results. fault: why it
    ended before its time, "" where it did not. ended: no more results will come."""

    def __init__(self) -> None:
        self.begun: SweepBegun | None = None
        self.map: SweepMap | None = None
        self.fault, self.ended = "", False

    def take(self, news: SweepNews) -> None:
        """Take in what its process tells."""
        from scenarios.sweeps import background_sweep
        from scenarios.sweeps.sweep_map import SweepMap

        match news:
            case background_sweep.SweepBegun(plan):
                self.begun, self.map = news, SweepMap(plan, "training_loss")
            case background_sweep.SweepResults(results) if self.map is not None:
                self.map.add(results)
            case background_sweep.SweepEnded(fault):
                self.fault, self.ended = fault, True

    @property
    def progress(self) -> str:
        """Words for how far it is."""
        if self.map is None:
            return "" if self.ended else "the sweep begins"
        done, whole = len(self.map.results), self.map.plan.num_cells
        if done == whole:
            return f"all {counted(whole, 'training')} done"
        return f"{done:,} of {counted(whole, 'training')}"

    def about(self, num_examples: int) -> str:
        """A sentence on what is swept, from where and for how long."""
        if self.map is None:
            return ""
        plan = self.map.plan
        knobs = [plan.knobs.optimizer]
        if plan.knobs.acts("momentum"):
            knobs.append(f"momentum {plan.knobs.momentum:g}")
        if plan.knobs.schedule.kind != "constant":
            knobs.append(plan.knobs.schedule.kind.replace("_", " "))
        epochs = plan.length / num_examples
        length = counted(plan.length, "example") + (f" ({epochs:.3g} × all of them)" if epochs >= 1 else "")
        return (
            f"Each place: {counted(len(plan.seeds), 'seed')} from the start over {length}, {', '.join(knobs)}; "
            "shown is the median training loss at the end."
        )

    def reading(self, place: tuple[int, ...]) -> str:
        """A sentence on what came of a place."""
        assert self.map is not None
        plan, known = self.map.plan, self.map.at(place)
        values = reversed(plan.values(place).items())
        where = ", ".join(f"{KNOBS[name].title} {value:,.6g}" for name, value in values)
        if not known.done:
            return f"{where}: not trained yet."
        if known.blew_up == known.done:
            return f"{where}: blew up with {_of(known.done, len(plan.seeds))}."
        words = f"{where}: training loss {fixed(known.middle)}"
        if known.done - known.blew_up > 1:
            seeds = counted(known.done - known.blew_up, "seed")
            words += f", from {fixed(known.low)} to {fixed(known.high)} over {seeds}"
        if known.blew_up:
            words += f"; blew up with {known.blew_up} of {counted(known.done, 'seed')}"
        return f"{words}{self._to_goal(place)}."

    def _to_goal(self, place: tuple[int, ...]) -> str:
        """Words for when the goal was reached at a place; nothing where there is none to be reached."""
        assert self.map is not None
        results = [it for cell, it in self.map.results.items() if cell.place == place]
        steps = [it.steps_to_goal for it in results if not math.isnan(it.steps_to_goal)]
        if not steps:
            return ""
        from statistics import median  # not needed for the first frame

        middle = median(steps)
        if math.isinf(middle):
            return f"; the goal is not reached in {counted(self.map.plan.length, 'example')}"
        return f"; goal after {counted(round(middle), 'step')}"

    def limit_words(self) -> str:
        """A sentence on the line of the limit, and on why there is none."""
        if self.begun is None:
            return ""
        if not any(0 < limit < math.inf for limit in self.begun.limits):
            return "No limit is known here: there is one for line fits and small quadratics."
        if len(self.begun.plan.axes) == 1:
            return f"The limit is {short(self.begun.limits[0])}: beyond it the mean distance to the minimum grows."
        return "The line is the limit: above it the mean distance to the minimum grows."

    def differs(self, knobs: Knobs) -> str:
        """A sentence on knobs that are others by now than on the map."""
        if self.map is None:
            return ""
        plan = self.map.plan
        fixed_ones = [name for name in KNOBS if name not in {"batch_size", *(axis.knob for axis in plan.axes)}]
        others = [KNOBS[name].title for name in fixed_ones if getattr(plan.knobs, name) != getattr(knobs, name)]
        return f"The run has another {' and '.join(others)} by now." if others else ""


def plan_values(plan: SweepPlan, place: tuple[int, ...]) -> dict[str, object]:
    """Return the knobs that lead to a place, in the order in which they are to be set: the rate ends a schedule, which
    then begins again."""
    values = plan.values(place)
    found = {"learning_rate": values.pop("learning_rate"), **values}
    return found if plan.knobs.schedule.kind == "constant" else {**found, "schedule": plan.knobs.schedule}


def _of(done: int, whole: int) -> str:
    return f"all {counted(whole, 'seed')}" if done == whole else f"{done} of {counted(done, 'seed')} so far"
