"""A trained model: its layers, and all that was done to the columns of a table before they came to them.

So it predicts from rows as they stand in a table, in the table's own units.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from engine.model.features import Polynomial
from engine.model.layers import Layers, layers_of
from engine.model.objective import Array, Objective
from engine.plain_text import shortened
from scenarios.data.datasets import make
from scenarios.data.splitting import Offset, Source
from scenarios.scenario_error import ScenarioError

if TYPE_CHECKING:
    from engine.training.trainer import Trainer
    from scenarios.files.schema import ScenarioFile

_BLOCK = 16_384  # rows at a time


@dataclass(frozen=True)
class Predictions:
    """Predictions for N rows. values: (N,) numbers in the target's own units, or names of classes; the name is empty
    where a probability is no number. probabilities: (N, K) of the classes; None where numbers are predicted."""

    values: NDArray[Any]
    probabilities: Array | None = None


@dataclass(frozen=True)
class TrainedModel:
    """A model that predicts.

    title: of its scenario. target: name of what it predicts. classes: K names, () where that is a number. sources: (d,)
    of the features. feature_units: (d,) shift and scale of each. powers: of the one feature, for a polynomial.
    target_units: shift and scale of the target.
    """

    title: str
    target: str
    classes: tuple[str, ...]
    sources: tuple[Source, ...]
    feature_units: tuple[Offset, ...]
    powers: Polynomial | None
    target_units: Offset
    layers: Layers

    @cached_property
    def columns(self) -> dict[str, tuple[str, ...]]:
        """The columns of a table that it needs, each with the categories that it knows; () for a number."""
        found: dict[str, tuple[str, ...]] = {}
        for source in self.sources:
            known = found.get(source.column, (source.first,) if source.category else ())
            found[source.column] = (*known, source.category) if source.category else ()
        return found

    def predict(self, table: Mapping[str, Sequence[Any] | NDArray[Any]]) -> Predictions:
        """Predictions for the rows of a table, given as its columns by name: N numbers, or N categories as texts.

        Raises ScenarioError for a column that is missing, a category that is not known, and what is no number.
        """
        with np.errstate(all="ignore"):  # a model that blew up predicts what is no number
            features = self._features(table)
            begins = range(0, max(1, len(features)), _BLOCK)
            parts = [self._predict(features[begin : begin + _BLOCK]) for begin in begins]
        probabilities = [part.probabilities for part in parts if part.probabilities is not None]
        values = np.concatenate([part.values for part in parts])
        return Predictions(values, np.concatenate(probabilities) if probabilities else None)

    def _predict(self, inputs: Array) -> Predictions:
        if self.powers is not None:
            inputs = self.powers(inputs)
        if not self.classes:
            outputs = self.layers.outputs(inputs)[:, 0]
            return Predictions(outputs * self.target_units.scale + self.target_units.mean)
        probabilities = self.layers.probabilities(inputs)
        names = np.array([*self.classes, ""], dtype=object)
        known = np.isfinite(probabilities).all(axis=1)
        return Predictions(names[np.where(known, probabilities.argmax(axis=1), -1)], probabilities)

    def _features(self, table: Mapping[str, Sequence[Any] | NDArray[Any]]) -> Array:
        """(N, d) the features, shifted and scaled as in the training."""
        for column in self.columns:
            if column not in table:
                raise ScenarioError(f"the column {shortened(column)} is missing")
        counts = {len(table[column]) for column in self.columns}
        if len(counts) != 1:
            raise ScenarioError(f"the columns have different numbers of rows: {', '.join(map(str, sorted(counts)))}")
        features = np.empty((counts.pop(), len(self.sources)))
        read: dict[str, NDArray[Any]] = {}
        for place, (source, units) in enumerate(zip(self.sources, self.feature_units, strict=True)):
            if source.column not in read:
                read[source.column] = self._read(source.column, table[source.column])
            values = read[source.column]
            numbers = values == source.category if source.category else values
            features[:, place] = (numbers - units.mean) / units.scale
        return features

    def _read(self, column: str, values: Sequence[Any] | NDArray[Any]) -> NDArray[Any]:
        """(N,) numbers, or texts that are all known."""
        known = self.columns[column]
        if not known:
            try:
                return np.asarray(values, dtype=np.float64)
            except (TypeError, ValueError) as error:
                raise ScenarioError(f"the column {shortened(column)} is to be of numbers: {error}") from None
        texts = np.array([str(value) for value in values], dtype=object)
        for text in dict.fromkeys(texts.tolist()):
            if text not in known:
                raise ScenarioError(f"{unknown_category(column, text)}; it had {categories_in_words(known)}")
        return texts


def unknown_category(column: str, text: str) -> str:
    """The beginning of a sentence on a text that is none of the categories that a column had in the training."""
    return f"{shortened(text)} in the column {shortened(column)} is no category of the training"


def categories_in_words(known: Sequence[str]) -> str:
    """The categories that a column had, the first ones of many."""
    return ", ".join(map(shortened, known[:10])) + (", …" if len(known) > 10 else "")


def trained_model(file: ScenarioFile, trainer: Trainer) -> TrainedModel:
    """The model of a trainer of the scenario, at its present weights. Raises ScenarioError for a landscape."""
    if file.data is None:
        raise ScenarioError("a landscape has weights, but no model that predicts anything")
    data = make(file.data)
    objective: Objective = trainer.objective
    return TrainedModel(
        title=file.title,
        target=data.target or ("class" if data.classes else "y"),
        classes=data.classes,
        sources=data.sources or tuple(map(Source, data.features)),
        feature_units=data.feature_units or (Offset(),) * len(data.features),
        powers=getattr(objective, "features", None),
        target_units=data.target_units,
        layers=layers_of(objective, trainer.weights),
    )
