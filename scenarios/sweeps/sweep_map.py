"""The map of a sweep: what came of its trainings, and of each place over its seeds."""

from __future__ import annotations

import math
from collections.abc import Iterable
from statistics import median
from typing import Literal, NamedTuple

from scenarios.sweeps.sweep_plan import Cell, SweepPlan

Measure = Literal["training_loss", "validation_loss", "steps_to_goal", "examples_to_goal"]


class CellResult(NamedTuple):
    """The outcome of one training. steps, examples: that it took. status: as of a run. training_loss, validation_loss:
    at its end; infinite or NaN where it blew up, validation NaN without such examples. steps_to_goal,
    examples_to_goal: infinite where the goal was not reached, NaN without a goal."""

    cell: Cell
    steps: int
    examples: int
    status: str
    training_loss: float
    validation_loss: float
    steps_to_goal: float
    examples_to_goal: float

    @property
    def blew_up(self) -> bool:
        """True if it diverged."""
        return self.status == "diverged"


class Place(NamedTuple):
    """Knowledge of one place of the map. done: trainings of those wanted. blew_up: how many of them. middle, low,
    high: median, least and greatest of the measure over those that did not; NaN where there are none."""

    done: int
    blew_up: int
    middle: float
    low: float
    high: float

    @property
    def lost(self) -> bool:
        """True if most of its trainings blew up: the median training did."""
        return 2 * self.blew_up > self.done


class SweepMap:
    """The results of a sweep so far. plan: of the sweep. measure: what the map shows; less is better."""

    def __init__(self, plan: SweepPlan, measure: Measure, results: Iterable[CellResult] = ()) -> None:
        self.plan, self.measure = plan, measure
        self.results: dict[Cell, CellResult] = {}
        self.add(results)

    def add(self, results: Iterable[CellResult]) -> None:
        """Take in further results; one of a training that is known replaces it."""
        self.results.update((result.cell, result) for result in results)

    @property
    def missing(self) -> list[Cell]:
        """The trainings that are still to be done, in the order of the plan."""
        return [cell for cell in self.plan.cells if cell not in self.results]

    def at(self, place: tuple[int, ...]) -> Place:
        """Return what is known of a place."""
        done = [it for seed in self.plan.seeds if (it := self.results.get(Cell(place, seed))) is not None]
        figures = [float(getattr(it, self.measure)) for it in done if not it.blew_up]
        known = [figure for figure in figures if not math.isnan(figure)]
        blew_up = sum(it.blew_up for it in done)
        if not known:
            return Place(len(done), blew_up, math.nan, math.nan, math.nan)
        return Place(len(done), blew_up, median(known), min(known), max(known))

    @property
    def best(self) -> tuple[int, ...] | None:
        """The place with the least median of those that are not lost, None where there is none."""
        known = [(self.at(place), place) for place in self.plan.places]
        usable = [(it.middle, place) for it, place in known if not it.lost and it.middle < math.inf]
        return min(usable)[1] if usable else None
