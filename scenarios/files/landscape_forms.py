"""The form of [objective] where a function is trained on without data: a landscape. The fields of a class are the keys
of its kind; each says how the engine has it. The engine's classes need NumPy, and are imported when they are needed.
"""

import math
from typing import TYPE_CHECKING, Annotated, Literal

from msgspec import Meta

from scenarios.files.forms import NotNegative, Positive, Seed, Table

if TYPE_CHECKING:
    from engine.model import landscape_objective
    from engine.model.landscape_shapes import Surface


class AnyLandscape(Table, frozen=True, forbid_unknown_fields=True, kw_only=True, tag_field="kind"):
    """A function of two weights x and y, unless the kind says otherwise, that is trained on without data.

    It is the mean of its examples, each the function plus t·x + u·y with random tilts t and u of its own.
    noise: their standard deviation, and so that of the gradient of one example, in every direction.
    seed: of the tilts.
    """

    examples: Annotated[int, Meta(ge=1, le=1_000_000)] = 256
    seed: Seed = 0

    def num_weights(self, num_features: int) -> int:
        """The number of weights of the function."""
        return 2

    def landscape(self) -> "landscape_objective.Landscape":
        """Return it as the engine trains on it; the same description gives the same bits."""
        raise NotImplementedError


class _Tilted(AnyLandscape, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A landscape whose examples are tilted at random."""

    noise: Annotated[float, Meta(ge=0, le=1e6)] = 0.1

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.noise and self.examples < 3:
            raise ValueError("examples: must be at least 3, unless noise = 0")

    def surface(self) -> "Surface":
        """Return its shape, of two weights."""
        raise NotImplementedError

    def landscape(self) -> "landscape_objective.Landscape":
        from engine.model.landscape_objective import tilted
        from engine.model.landscape_shapes import Slice

        shape = self.surface() if self.num_weights(0) == 2 else Slice(self.surface())
        return tilted(shape, noise=self.noise, examples=self.examples, seed=self.seed)


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

    def surface(self) -> "Surface":
        from engine.model.landscape_shapes import Quadratic

        first, second = (*self.eigenvalues, *self.eigenvalues)[:2]
        return Quadratic((first, second), self.rotation)


class RavineLandscape(_Tilted, frozen=True, forbid_unknown_fields=True, kw_only=True, tag="ravine"):
    """The function scale · ((1 − x)² + steepness · (y − x²)²), Rosenbrock's, with its minimum at (1, 1)."""

    steepness: Positive = 100.0
    scale: Positive = 1.0

    def surface(self) -> "Surface":
        from engine.model.landscape_shapes import Ravine

        return Ravine(self.steepness, self.scale)


class SaddleLandscape(_Tilted, frozen=True, forbid_unknown_fields=True, kw_only=True, tag="saddle"):
    """½ curvature · x² + ¼ (y² − 1)²: a saddle at the origin, between two minima at (0, ±1)."""

    curvature: Positive = 1.0

    def surface(self) -> "Surface":
        from engine.model.landscape_shapes import Saddle

        return Saddle(self.curvature)


class PlateauLandscape(_Tilted, frozen=True, forbid_unknown_fields=True, kw_only=True, tag="plateau"):
    """q/(1 + q) with q = (x² + y²)/width²: a funnel in a plain. dimensions: 1 is without y."""

    width: Annotated[float, Meta(ge=1e-3)] = 1.0
    dimensions: Literal[1, 2] = 2

    def num_weights(self, num_features: int) -> int:
        return self.dimensions

    def surface(self) -> "Surface":
        from engine.model.landscape_shapes import Plateau

        return Plateau(self.width)


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

    def surface(self) -> "Surface":
        from engine.model.landscape_shapes import Potholes

        return Potholes(self.depth, self.spacing)


class HimmelblauLandscape(_Tilted, frozen=True, forbid_unknown_fields=True, kw_only=True, tag="himmelblau"):
    """The function scale · ((x² + y − 11)² + (x + y² − 7)²): four minima of equal depth."""

    scale: Positive = 1.0

    def surface(self) -> "Surface":
        from engine.model.landscape_shapes import Himmelblau

        return Himmelblau(self.scale)


class HyperbolaLandscape(_Tilted, frozen=True, forbid_unknown_fields=True, kw_only=True, tag="hyperbola"):
    """½ (xy − 1)²: every point of the hyperbola xy = 1 is a minimum, flattest at (1, 1) and (−1, −1). An
    example is ½ (xy − 1 − t)² less ½ t²: the noise is that of its target 1 + t."""

    def surface(self) -> "Surface":
        from engine.model.landscape_shapes import Hyperbola

        return Hyperbola()


class TwoMinimaLandscape(AnyLandscape, frozen=True, forbid_unknown_fields=True, kw_only=True, tag="two_minima"):
    """One weight. Half of the examples are min(w², 0.1 (w − 1)²), half min(w², 1.9 (w − 1)²): the mean has
    minima of the same depth and curvature at 0, where the examples agree, and at 1, where they do not."""

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.examples % 2:
            raise ValueError("examples: must be an even number")

    def num_weights(self, num_features: int) -> int:
        return 1

    def landscape(self) -> "landscape_objective.Landscape":
        from engine.model.landscape_objective import two_minima

        return two_minima(self.examples)


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
