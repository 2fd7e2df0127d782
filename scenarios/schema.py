"""The form of a scenario file. Each table of the TOML is a class here; its fields are the keys.

Unknown keys, wrong types and impossible values are refused. `scenarios.reading` words the refusals.
"""

from __future__ import annotations

import math
from typing import Annotated, Literal

from msgspec import Meta, Struct

Positive = Annotated[float, Meta(gt=0)]
NotNegative = Annotated[float, Meta(ge=0)]
Count = Annotated[int, Meta(ge=1)]
Text = Annotated[str, Meta(min_length=1)]


class _Table(Struct, frozen=True, forbid_unknown_fields=True):
    def __post_init__(self) -> None:
        for name in self.__struct_fields__:
            value = getattr(self, name)
            for number in value if isinstance(value, tuple) else (value,):
                if isinstance(number, float) and not math.isfinite(number):
                    raise ValueError(f"{name}: must be finite")


class LineData(_Table, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="line"):
    """y = slope·x + intercept + noise·ε with x, ε ~ N(0, 1)."""

    examples: Annotated[int, Meta(ge=1, le=10_000_000)] = 256
    slope: float = 3.0
    intercept: float = 2.0
    noise: NotNegative = 1.0
    seed: Annotated[int, Meta(ge=0)] = 0

    @property
    def num_features(self) -> int:
        """One: x."""
        return 1


class BundledData(_Table, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="bundled"):
    """A real data set that comes with the program; `seed` chooses which rows are for validation."""

    name: Literal["auto-mpg"]
    standardise: bool = True
    validation_share: Annotated[float, Meta(ge=0, le=0.9)] = 0.0
    seed: Annotated[int, Meta(ge=0)] = 0

    @property
    def num_features(self) -> int:
        """Columns of the inputs."""
        return {"auto-mpg": 8}[self.name]


class LeastSquaresObjective(_Table, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="least_squares"):
    """Mean squared error of a weighted sum of the features, with or without a bias."""

    bias: bool = True

    def num_weights(self, num_features: int) -> int:
        """How many weights the model has for inputs of so many columns."""
        return num_features + self.bias


class Training(_Table, frozen=True, forbid_unknown_fields=True):
    """The knobs and weights at the start. Without `weights`, zeros. `epochs` is how long `descend train`
    trains unless told otherwise."""

    learning_rate: Positive
    batch_size: Count
    momentum: Annotated[float, Meta(ge=0, lt=1)] = 0.0
    weights: tuple[float, ...] | None = None
    seed: Annotated[int, Meta(ge=0)] = 0
    epochs: Count | None = None


class Screen(_Table, frozen=True, forbid_unknown_fields=True):
    """How the scenario is best watched: steps a second (absent: as fast as the machine can), and the picture
    that is shown beside the loss where there is room for two."""

    steps_per_second: Annotated[float, Meta(gt=0)] | None = None
    view: Literal["weights", "data"] = "weights"


class ScenarioFile(_Table, frozen=True, forbid_unknown_fields=True):
    """A whole file."""

    title: Annotated[str, Meta(min_length=1, max_length=60)]
    summary: Annotated[str, Meta(min_length=1, max_length=200)]
    briefing: Text
    data: LineData | BundledData
    objective: LeastSquaresObjective
    training: Training
    screen: Screen = Screen()

    def __post_init__(self) -> None:
        weights, num_weights = self.training.weights, self.objective.num_weights(self.data.num_features)
        if weights is not None and len(weights) != num_weights:
            raise ValueError(f"training.weights: holds {len(weights)} numbers, but the model has {num_weights} weights")
