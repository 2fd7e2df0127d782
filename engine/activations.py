"""Activation functions φ of a network's layers: value, slope φ′ and curvature φ″, element by element.

Each function writes to `out`. A slope is asked for after the value, and is given both the products z that
went in and the value a = φ(z) that came out, because it is often cheaper from the latter. Where it needs only
that, `in_place` is true and the value may overwrite the products: z is then the same memory as a.

Constants are arrays without dimensions: NumPy multiplies by one of these in half the time that it takes with
a Python number. They are float64, or float32 where the arrays are.
"""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np

from engine.objective import Array


class Activation(Protocol):
    """One function φ for arrays of one dtype, which is float64 or float32; all arrays have the same shape."""

    in_place: bool

    def value(self, z: Array, out: Array) -> None:
        """φ(z)."""

    def slope(self, z: Array, a: Array, out: Array) -> None:
        """φ′(z), where a = φ(z); `out` is neither of them."""

    def curvature(self, z: Array, a: Array, out: Array) -> None:
        """φ″(z), where a = φ(z); `out` is neither of them. At a kink: 0, as almost everywhere about it."""


class Linear:
    """φ(z) = z."""

    in_place = True

    def __init__(self, dtype: Any) -> None:
        pass

    def value(self, z: Array, out: Array) -> None:
        if z is not out:
            np.copyto(out, z)

    def slope(self, z: Array, a: Array, out: Array) -> None:
        out.fill(1.0)

    def curvature(self, z: Array, a: Array, out: Array) -> None:
        out.fill(0.0)


class Tanh:
    """φ(z) = tanh z;  φ′ = 1 − a²;  φ″ = −2aφ′."""

    in_place = True

    def __init__(self, dtype: Any) -> None:
        self._one, self._minus_two = (np.array(number, dtype) for number in (1.0, -2.0))

    def value(self, z: Array, out: Array) -> None:
        np.tanh(z, out)

    def slope(self, z: Array, a: Array, out: Array) -> None:
        np.multiply(a, a, out)
        np.subtract(self._one, out, out)

    def curvature(self, z: Array, a: Array, out: Array) -> None:
        self.slope(z, a, out)
        np.multiply(out, a, out)
        np.multiply(out, self._minus_two, out)


class ReLU:
    """φ(z) = max(z, 0);  φ′ = 1 above 0, otherwise 0, as PyTorch's is;  φ″ = 0."""

    in_place = True

    def __init__(self, dtype: Any) -> None:
        self._zero = np.array(0.0, dtype)

    def value(self, z: Array, out: Array) -> None:
        np.maximum(z, self._zero, out=out)

    def slope(self, z: Array, a: Array, out: Array) -> None:
        np.greater(a, self._zero, out)

    def curvature(self, z: Array, a: Array, out: Array) -> None:
        out.fill(0.0)


class Sigmoid:
    """φ(z) = 1/(1 + e⁻ᶻ);  φ′ = a(1 − a);  φ″ = φ′(1 − 2a)."""

    in_place = True

    def __init__(self, dtype: Any) -> None:
        self._one, self._two = (np.array(number, dtype) for number in (1.0, 2.0))

    def value(self, z: Array, out: Array) -> None:
        np.negative(z, out)
        np.exp(out, out)  # infinite for z below −709: the value is then 0, as it should be
        np.add(out, self._one, out)
        np.divide(self._one, out, out)

    def slope(self, z: Array, a: Array, out: Array) -> None:
        np.subtract(self._one, a, out)
        np.multiply(out, a, out)

    def curvature(self, z: Array, a: Array, out: Array) -> None:
        slope = np.empty_like(a)
        self.slope(z, a, slope)
        np.multiply(a, self._two, out)
        np.subtract(self._one, out, out)
        np.multiply(out, slope, out)


class SiLU:
    """φ(z) = zσ(z), σ the sigmoid;  φ′ = σ + a(1 − σ);  φ″ = σ(1 − σ)(2 + z(1 − 2σ)). Also called swish.

    Source: Hendrycks & Gimpel 2016, arXiv 1606.08415; as torch.nn.SiLU.
    """

    in_place = False

    def __init__(self, dtype: Any) -> None:
        self._one = np.array(1.0, dtype)
        self._sigmoid = Sigmoid(dtype)

    def value(self, z: Array, out: Array) -> None:
        self._sigmoid.value(z, out)
        np.multiply(out, z, out)

    def slope(self, z: Array, a: Array, out: Array) -> None:
        self._sigmoid.value(z, out)
        # σ + a(1 − σ) = σ(1 − a) + a
        rest = self._one - a
        np.multiply(out, rest, out)
        np.add(out, a, out)

    def curvature(self, z: Array, a: Array, out: Array) -> None:
        sigmoid = np.empty_like(z)
        self._sigmoid.value(z, sigmoid)
        np.copyto(out, sigmoid * (1 - sigmoid) * (2 + z * (1 - 2 * sigmoid)))


class GELU:
    """φ(z) = ½z(1 + t) with t = tanh(√(2/π)(z + 0.044715z³)): the tanh form, as NumPy has no error function.

    φ′ = ½(1 + t) + ½z(1 − t²)u′ and φ″ = (1 − t²)(u′ + ½zu″ − ztu′²), u being what t is the tanh of.
    Source: Hendrycks & Gimpel 2016, arXiv 1606.08415; as torch.nn.GELU(approximate="tanh").
    """

    in_place = False

    def __init__(self, dtype: Any) -> None:
        root = np.sqrt(2 / np.pi)
        self._half, self._one = np.array(0.5, dtype), np.array(1.0, dtype)
        self._linear, self._cubic = np.array(root, dtype), np.array(0.044715 * root, dtype)
        self._three_cubic = np.array(3 * 0.044715 * root, dtype)

    def _tanh(self, z: Array, out: Array) -> None:
        np.multiply(z, z, out)
        np.multiply(out, self._cubic, out)
        np.add(out, self._linear, out)
        np.multiply(out, z, out)
        np.tanh(out, out)

    def value(self, z: Array, out: Array) -> None:
        self._tanh(z, out)
        np.add(out, self._one, out)
        np.multiply(out, z, out)
        np.multiply(out, self._half, out)

    def slope(self, z: Array, a: Array, out: Array) -> None:
        self._tanh(z, out)
        # ½(1 + t)(1 + z(1 − t)u′)
        inner = z * z
        np.multiply(inner, self._three_cubic, inner)
        np.add(inner, self._linear, inner)
        np.multiply(inner, z, inner)
        np.multiply(inner, self._one - out, inner)
        np.add(inner, self._one, inner)
        np.add(out, self._one, out)
        np.multiply(out, self._half, out)
        np.multiply(out, inner, out)

    def curvature(self, z: Array, a: Array, out: Array) -> None:
        t = np.empty_like(z)
        self._tanh(z, t)
        first, second = self._linear + self._three_cubic * z * z, 2 * self._three_cubic * z
        np.copyto(out, (1 - t * t) * (first + 0.5 * z * second - z * t * first * first))


ACTIVATIONS: dict[str, type[Linear | Tanh | ReLU | Sigmoid | SiLU | GELU]] = {
    "linear": Linear,
    "tanh": Tanh,
    "relu": ReLU,
    "sigmoid": Sigmoid,
    "silu": SiLU,
    "gelu": GELU,
}
