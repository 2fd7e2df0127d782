from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import DTypeLike

from engine.model.least_squares import LeastSquares


@pytest.fixture(scope="session")
def make_line() -> Callable[..., LeastSquares]:
    """The classic line fit: y = 3x + 2 + noise·ε with x, ε ~ N(0, 1)."""

    def make(examples: int = 256, *, seed: int = 0, noise: float = 1.0) -> LeastSquares:
        generator = np.random.default_rng(seed)
        x, error = generator.standard_normal((2, examples))
        return LeastSquares(x[:, None], 3 * x + 2 + noise * error)

    return make


@pytest.fixture(scope="session")
def make_plane() -> Callable[..., LeastSquares]:
    """Random least squares with several features and a bias."""

    def make(examples: int, features: int, *, seed: int = 0, dtype: DTypeLike = np.float64) -> LeastSquares:
        generator = np.random.default_rng(seed)
        inputs, targets = generator.standard_normal((examples, features)), generator.standard_normal(examples)
        return LeastSquares(inputs, targets, dtype=dtype)

    return make
