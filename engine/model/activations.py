"""Activation functions φ of a network's layers: value, slope φ′ and curvature φ″, element by element.

Each writes to `out`. A slope is asked for after the value, and is given both the products z that went in and the value
a = φ(z) that came out, because it is often cheaper from the latter. Where it needs only that, `in_place` is true and
the value may overwrite the products: z is then the same memory as a. Value and slope are what training takes, so they
are lists of calls (see `engine.model.calls`).

Constants are arrays without dimensions: NumPy multiplies by one of these in half the time that it takes with
a Python number. They are float64, or float32 where the arrays are.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from engine.model.calls import Call, carry_out
from engine.model.objective import Array


class Activation:
    """One function φ for arrays of one dtype, which is float64 or float32; all arrays have the same shape."""

    in_place = True

    def __init__(self, dtype: Any) -> None:
        self._zero, self._half, self._one, self._two = (np.array(number, dtype) for number in (0.0, 0.5, 1.0, 2.0))

    def value_calls(self, z: Array, out: Array) -> list[Call]:
        """The calls that write φ(z) to `out`."""
        raise NotImplementedError

    def slope_calls(self, z: Array, a: Array, out: Array) -> list[Call]:
        """The calls that write φ′(z) to `out`, where a = φ(z); `out` is neither of them."""
        raise NotImplementedError

    def value(self, z: Array, out: Array) -> None:
        """Write φ(z) to `out`."""
        carry_out(self.value_calls(z, out))

    def slope(self, z: Array, a: Array, out: Array) -> None:
        """Write φ′(z) to `out`, where a = φ(z); `out` is neither of them."""
        carry_out(self.slope_calls(z, a, out))

    def curvature(self, z: Array, a: Array, out: Array) -> None:
        """φ″(z), where a = φ(z); `out` is neither of them. At a kink: 0, as almost everywhere about it."""
        raise NotImplementedError


class Linear(Activation):
    """φ(z) = z."""

    def value_calls(self, z: Array, out: Array) -> list[Call]:
        return [] if z is out else [(np.copyto, (out, z))]

    def slope_calls(self, z: Array, a: Array, out: Array) -> list[Call]:
        return [(out.fill, (1.0,))]

    def curvature(self, z: Array, a: Array, out: Array) -> None:
        out.fill(0.0)


class Tanh(Activation):
    """φ(z) = tanh z;  φ′ = 1 − a²;  φ″ = −2aφ′."""

    def value_calls(self, z: Array, out: Array) -> list[Call]:
        return [(np.tanh, (z, out))]

    def slope_calls(self, z: Array, a: Array, out: Array) -> list[Call]:
        return [(np.multiply, (a, a, out)), (np.subtract, (self._one, out, out))]

    def curvature(self, z: Array, a: Array, out: Array) -> None:
        self.slope(z, a, out)
        np.multiply(out, a, out)
        np.multiply(out, -self._two, out)


class ReLU(Activation):
    """φ(z) = max(z, 0);  φ′ = 1 above 0, otherwise 0, as PyTorch's is;  φ″ = 0."""

    def value_calls(self, z: Array, out: Array) -> list[Call]:
        # NumPy's maximum is fast for arrays of one shape only.
        return [(partial(np.maximum, out=out), (z, np.zeros_like(z)))]

    def slope_calls(self, z: Array, a: Array, out: Array) -> list[Call]:
        return [(np.greater, (a, self._zero, out))]

    def curvature(self, z: Array, a: Array, out: Array) -> None:
        out.fill(0.0)


class Sigmoid(Activation):
    """φ(z) = 1/(1 + e⁻ᶻ);  φ′ = a(1 − a);  φ″ = φ′(1 − 2a)."""

    def value_calls(self, z: Array, out: Array) -> list[Call]:
        return [
            (np.negative, (z, out)),
            (np.exp, (out, out)),  # infinite for z below −709: the value is then 0, as it should be
            (np.add, (out, self._one, out)),
            (np.divide, (self._one, out, out)),
        ]

    def slope_calls(self, z: Array, a: Array, out: Array) -> list[Call]:
        return [(np.subtract, (self._one, a, out)), (np.multiply, (out, a, out))]

    def curvature(self, z: Array, a: Array, out: Array) -> None:
        slope = np.empty_like(a)
        self.slope(z, a, slope)
        np.multiply(a, self._two, out)
        np.subtract(self._one, out, out)
        np.multiply(out, slope, out)


class SiLU(Activation):
    """φ(z) = zσ(z), σ the sigmoid;  φ′ = σ + a(1 − σ);  φ″ = σ(1 − σ)(2 + z(1 − 2σ)). Also called swish.

    Source: Hendrycks & Gimpel 2016, arXiv 1606.08415; as torch.nn.SiLU.
    """

    in_place = False

    def __init__(self, dtype: Any) -> None:
        super().__init__(dtype)
        self._sigmoid = Sigmoid(dtype)

    def value_calls(self, z: Array, out: Array) -> list[Call]:
        return [*self._sigmoid.value_calls(z, out), (np.multiply, (out, z, out))]

    def slope_calls(self, z: Array, a: Array, out: Array) -> list[Call]:
        rest = np.empty_like(a)  # σ + a(1 − σ) = σ(1 − a) + a
        return [
            *self._sigmoid.value_calls(z, out),
            (np.subtract, (self._one, a, rest)),
            (np.multiply, (out, rest, out)),
            (np.add, (out, a, out)),
        ]

    def curvature(self, z: Array, a: Array, out: Array) -> None:
        sigmoid = np.empty_like(z)
        self._sigmoid.value(z, sigmoid)
        np.copyto(out, sigmoid * (1 - sigmoid) * (2 + z * (1 - 2 * sigmoid)))


class GELU(Activation):
    """φ(z) = ½z(1 + t) with t = tanh(√(2/π)(z + 0.044715z³)): the tanh form, as NumPy has no error function.

    φ′ = ½(1 + t) + ½z(1 − t²)u′ and φ″ = (1 − t²)(u′ + ½zu″ − ztu′²), u being what t is the tanh of.
    Source: Hendrycks & Gimpel 2016, arXiv 1606.08415; as torch.nn.GELU(approximate="tanh").
    """

    in_place = False

    def __init__(self, dtype: Any) -> None:
        super().__init__(dtype)
        root = np.sqrt(2 / np.pi)
        self._linear, self._cubic = np.array(root, dtype), np.array(0.044715 * root, dtype)
        self._three_cubic = np.array(3 * 0.044715 * root, dtype)

    def _tanh_calls(self, z: Array, out: Array) -> list[Call]:
        return [
            (np.multiply, (z, z, out)),
            (np.multiply, (out, self._cubic, out)),
            (np.add, (out, self._linear, out)),
            (np.multiply, (out, z, out)),
            (np.tanh, (out, out)),
        ]

    def value_calls(self, z: Array, out: Array) -> list[Call]:
        return [
            *self._tanh_calls(z, out),
            (np.add, (out, self._one, out)),
            (np.multiply, (out, z, out)),
            (np.multiply, (out, self._half, out)),
        ]

    def slope_calls(self, z: Array, a: Array, out: Array) -> list[Call]:
        inner, rest = np.empty_like(z), np.empty_like(z)  # ½(1 + t)(1 + z(1 − t)u′)
        return [
            *self._tanh_calls(z, out),
            (np.multiply, (z, z, inner)),
            (np.multiply, (inner, self._three_cubic, inner)),
            (np.add, (inner, self._linear, inner)),
            (np.multiply, (inner, z, inner)),
            (np.subtract, (self._one, out, rest)),
            (np.multiply, (inner, rest, inner)),
            (np.add, (inner, self._one, inner)),
            (np.add, (out, self._one, out)),
            (np.multiply, (out, self._half, out)),
            (np.multiply, (out, inner, out)),
        ]

    def curvature(self, z: Array, a: Array, out: Array) -> None:
        t = np.empty_like(z)
        carry_out(self._tanh_calls(z, t))
        first, second = self._linear + self._three_cubic * z * z, 2 * self._three_cubic * z
        np.copyto(out, (1 - t * t) * (first + 0.5 * z * second - z * t * first * first))


ACTIVATIONS: dict[str, type[Activation]] = {
    "linear": Linear,
    "tanh": Tanh,
    "relu": ReLU,
    "sigmoid": Sigmoid,
    "silu": SiLU,
    "gelu": GELU,
}
