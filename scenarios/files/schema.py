"""The form of a scenario file. Each table of the TOML is a class here; its fields are the keys.

Unknown keys, wrong types and impossible values are refused. `scenarios.reading` words the refusals.
"""

from __future__ import annotations

import math
from typing import Annotated, Literal

from msgspec import Meta

from engine.bounds import FASTEST, SLOWEST, batch_in_effect, check_units
from scenarios.files.data_sources import CsvData, Data, Size
from scenarios.files.forms import Count, NotNegative, Positive, Seed, Table
from scenarios.files.goal_forms import GoalTable, Reference
from scenarios.files.knob_keys import StartingKnobs
from scenarios.files.objective_forms import Model

Text = Annotated[str, Meta(min_length=1)]


class _Landscape(Table, frozen=True, forbid_unknown_fields=True, kw_only=True, tag_field="kind"):
    """A function of two weights x and y, unless the kind says otherwise, that is trained on without data.

    It is the mean of its examples, each the function plus t·x + u·y with random tilts t and u of its own.
    noise: their standard deviation, and so that of the gradient of one example, in every direction.
    seed: of the tilts.
    """

    examples: Annotated[int, Meta(ge=1, le=1_000_000)] = 256
    seed: Seed = 0

    def num_weights(self, num_features: int) -> int:
        """How many weights the function has."""
        return 2


class _Tilted(_Landscape, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A landscape whose examples are tilted at random."""

    noise: Annotated[float, Meta(ge=0, le=1e6)] = 0.1

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.noise and self.examples < 3:
            raise ValueError("examples: must be at least 3, unless noise = 0")


class QuadraticLandscape(_Tilted, frozen=True, forbid_unknown_fields=True, kw_only=True, tag="quadratic"):
    """Half the sum of eigenvalue · (distance along its axis)². One eigenvalue: of a single weight. With two,
    the first axis is turned by `rotation` degrees from x towards y. A negative one makes a saddle or a hill."""

    eigenvalues: tuple[float, ...] = (1.0, 10.0)
    rotation: float = 0.0

    def __post_init__(self) -> None:
        super().__post_init__()
        if len(self.eigenvalues) not in (1, 2):
            raise ValueError("eigenvalues: must be one or two numbers")
        if self.rotation and len(self.eigenvalues) == 1:
            raise ValueError("rotation: must be left out, for there is a single eigenvalue")

    def num_weights(self, num_features: int) -> int:
        return len(self.eigenvalues)


class RavineLandscape(_Tilted, frozen=True, forbid_unknown_fields=True, kw_only=True, tag="ravine"):
    """The function scale · ((1 − x)² + steepness · (y − x²)²), Rosenbrock's, with its minimum at (1, 1)."""

    steepness: Positive = 100.0
    scale: Positive = 1.0


class SaddleLandscape(_Tilted, frozen=True, forbid_unknown_fields=True, kw_only=True, tag="saddle"):
    """½ curvature · x² + ¼ (y² − 1)²: a saddle at the origin, between two minima at (0, ±1)."""

    curvature: Positive = 1.0


class PlateauLandscape(_Tilted, frozen=True, forbid_unknown_fields=True, kw_only=True, tag="plateau"):
    """q/(1 + q) with q = (x² + y²)/width²: a funnel in a plain. dimensions: 1 is without y."""

    width: Annotated[float, Meta(ge=1e-3)] = 1.0
    dimensions: Literal[1, 2] = 2

    def num_weights(self, num_features: int) -> int:
        return self.dimensions


class PotholesLandscape(_Tilted, frozen=True, forbid_unknown_fields=True, kw_only=True, tag="potholes"):
    """½ (x² + y²) + depth · (2 − cos kx − cos ky) with k = 2π/spacing: a bowl full of local minima, the
    best one at the origin. dimensions: 1 is without y."""

    depth: NotNegative = 0.25
    spacing: Positive = 1.0
    dimensions: Literal[1, 2] = 2

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 2 * math.pi * self.depth / self.spacing / self.spacing <= 50:
            raise ValueError("depth: must be at most 50 spacing²/2π, or there are too many potholes")

    def num_weights(self, num_features: int) -> int:
        return self.dimensions


class HimmelblauLandscape(_Tilted, frozen=True, forbid_unknown_fields=True, kw_only=True, tag="himmelblau"):
    """The function scale · ((x² + y − 11)² + (x + y² − 7)²): four minima of equal depth."""

    scale: Positive = 1.0


class HyperbolaLandscape(_Tilted, frozen=True, forbid_unknown_fields=True, kw_only=True, tag="hyperbola"):
    """½ (xy − 1)²: every point of the hyperbola xy = 1 is a minimum, flattest at (1, 1) and (−1, −1). An
    example is ½ (xy − 1 − t)² less ½ t²: the noise is that of its target 1 + t."""


class TwoMinimaLandscape(_Landscape, frozen=True, forbid_unknown_fields=True, kw_only=True, tag="two_minima"):
    """One weight. Half of the examples are min(w², 0.1 (w − 1)²), half min(w², 1.9 (w − 1)²): the mean has
    minima of the same depth and curvature at 0, where the examples agree, and at 1, where they do not."""

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.examples % 2:
            raise ValueError("examples: must be an even number")

    def num_weights(self, num_features: int) -> int:
        return 1


TiltedLandscape = (
    QuadraticLandscape
    | RavineLandscape
    | SaddleLandscape
    | PlateauLandscape
    | PotholesLandscape
    | HimmelblauLandscape
    | HyperbolaLandscape
)
Landscape = TiltedLandscape | TwoMinimaLandscape


class Training(StartingKnobs, frozen=True, forbid_unknown_fields=True):
    """The knobs and weights at the start. Without `weights`, zeros. `epochs` is how long `descend train`
    trains unless told otherwise.

    The keys of the knobs are those of `engine.training.knobs`, with its ranges and defaults; learning_rate and
    batch_size must be given. schedule: a table such as { kind = "cosine", steps = 500 }; `engine.training.schedules`
    has the kinds and their numbers. gradient_clip: absent, gradients of any length act unshortened.
    """

    weights: tuple[float, ...] | None = None
    seed: Seed = 0
    epochs: Count | None = None


class Screen(Table, frozen=True, forbid_unknown_fields=True):
    """How the scenario is best watched: steps a second (absent: as fast as the machine can), and the picture
    that is shown beside the loss where there is room for two."""

    steps_per_second: Annotated[float, Meta(ge=SLOWEST, le=FASTEST)] | None = None
    view: Literal["weights", "data"] = "weights"


class ScenarioFile(Table, frozen=True, forbid_unknown_fields=True):
    """A whole file."""

    title: Annotated[str, Meta(min_length=1, max_length=60)]
    summary: Annotated[str, Meta(min_length=1, max_length=200)]
    briefing: Text
    objective: Model | Landscape
    training: Training
    data: Data | None = None
    screen: Screen = Screen()
    goal: GoalTable | None = None
    reference: Reference | None = None

    def __post_init__(self) -> None:
        self.check_sizes()
        is_landscape = isinstance(self.objective, _Landscape)
        if is_landscape and self.data is not None:
            raise ValueError("data: must be left out, for a landscape has no data")
        if not is_landscape and self.data is None:
            raise ValueError("data: the table is missing, for only a landscape has no data")
        if is_landscape and self.screen.view == "data":
            raise ValueError("screen.view: must be weights, for a landscape has no data")
        if is_landscape and self.training.weights is None:
            raise ValueError("training.weights: must be given, for a landscape says nothing about where to start")
        self._check_goal()
        if isinstance(self.objective, _Landscape):
            self._check_weights(self.objective.num_weights(0))
        elif self.data is not None and not isinstance(self.data, CsvData):
            self.check_model(self.data)

    def check_model(self, size: Size) -> None:
        """Raise ValueError, beginning with the key, where objective, weights or goal are not for data of such a size.

        Done already, unless the data has to be read for its size to be known.
        """
        assert not isinstance(self.objective, _Landscape)  # which has no data
        try:
            self.objective.check(size.num_features, size.num_classes)
        except ValueError as error:
            raise ValueError(f"objective.{error}") from None
        try:
            self.objective.check_work(size.num_examples, size.num_features, size.num_classes)
        except ValueError as error:
            raise ValueError(f"objective.{error}") from None
        self._check_batches(size.num_examples, self.objective.units(size.num_features, size.num_classes))
        self._check_weights(self.objective.num_weights(size.num_features, size.num_classes))

    def _check_batches(self, num_examples: int, units: int) -> None:
        knobs = self.training.knobs()
        for change in (None, *(self.reference.changes if self.reference else ())):
            knobs |= change.knobs() if change else {}
            try:
                check_units(batch_in_effect(knobs["sampling"], knobs["batch_size"], num_examples), units)
            except ValueError as error:
                raise ValueError(f"{'reference' if change else 'training'}: {error}") from None

    def _check_weights(self, num_weights: int) -> None:
        weights, near = self.training.weights, self.goal.target.near if self.goal else ()
        if weights is not None and len(weights) != num_weights:
            raise ValueError(f"training.weights: holds {len(weights)} numbers, but the model has {num_weights} weights")
        if near and len(near) != num_weights:
            raise ValueError(f"goal.target.near: holds {len(near)} numbers, but the model has {num_weights} weights")

    def _check_goal(self) -> None:
        if self.goal is None:
            if self.reference is not None:
                raise ValueError("reference: must be left out, for there is no [goal] for it to reach")
            return
        target = self.goal.target
        validated = self.data is not None and self.data.validation_share > 0
        if not validated and (self.goal.measure == "validation_loss" or target.validation_loss is not None):
            raise ValueError("goal: is about the validation loss, but data.validation_share holds nothing out")
