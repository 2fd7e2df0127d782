"""The plan of a sweep: which values of which knobs, which seeds, and how long each training is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import product
from math import ceil, prod
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from engine.runs.plan import steps_of_epochs

if TYPE_CHECKING:
    from engine.training.knobs import Knobs

Unit = Literal["steps", "examples", "epochs"]


class Axis(NamedTuple):
    """A knob, and the values that it takes, each once, in the order of the map."""

    knob: str
    values: tuple[Any, ...]


class Cell(NamedTuple):
    """One training of a sweep. place: of its value on each axis. seed: of the shuffling and of drawn weights."""

    place: tuple[int, ...]
    seed: int


@dataclass(frozen=True)
class SweepPlan:
    """All that determines a sweep but its scenario.

    axes: at least one; the first two are the map's, across and up, and further ones make maps of their own. knobs: of
    every training, but for those on the axes. seeds: of each place of the grid. length: of each training, in `unit`.
    """

    axes: tuple[Axis, ...]
    knobs: Knobs
    seeds: tuple[int, ...]
    length: int
    unit: Unit = "steps"

    @property
    def places(self) -> Iterator[tuple[int, ...]]:
        """All places of the grid; the last axis changes fastest."""
        return product(*(range(len(axis.values)) for axis in self.axes))

    @property
    def cells(self) -> Iterator[Cell]:
        """All trainings: every place with every seed."""
        return (Cell(place, seed) for place in self.places for seed in self.seeds)

    def cell(self, number: int) -> Cell:
        """Return the cell with that number, from 0 on, in their order."""
        number, seed = divmod(number, len(self.seeds))
        place: list[int] = []
        for axis in reversed(self.axes):
            number, at = divmod(number, len(axis.values))
            place.insert(0, at)
        return Cell(tuple(place), self.seeds[seed])

    @property
    def num_cells(self) -> int:
        """The number of trainings."""
        return prod(len(axis.values) for axis in self.axes) * len(self.seeds)

    def values(self, place: tuple[int, ...]) -> dict[str, Any]:
        """Return the values of the knobs on the axes at a place."""
        return {axis.knob: axis.values[index] for axis, index in zip(self.axes, place, strict=True)}

    def knobs_at(self, place: tuple[int, ...]) -> Knobs:
        """Return all knobs of the trainings at a place. Raises RefusalError for a value out of range."""
        return replace(self.knobs, **self.values(place))

    def steps_at(self, place: tuple[int, ...], num_examples: int) -> int:
        """Return how many steps the trainings at a place take on so many examples: as many as see the examples or the
        epochs that `length` says, or just more."""
        if self.unit == "steps":
            return self.length
        knobs = self.knobs_at(place)
        if self.unit == "epochs":
            size, sampling = knobs.batch_size, knobs.sampling
            return steps_of_epochs(self.length, examples=num_examples, batch_size=size, sampling=sampling, changes=())
        epochs, left = divmod(self.length, num_examples)
        per_epoch = knobs.steps_per_epoch(num_examples)
        return epochs * per_epoch + ceil(left / knobs.batch_in_effect(num_examples))
