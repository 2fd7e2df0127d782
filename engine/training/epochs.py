"""Epochs in steps: how many minibatches see so many examples. Without NumPy: a command line is read with it."""

from __future__ import annotations


def steps_to_see(wanted: int, left: int, examples: int, size: int) -> int:
    """Steps of minibatches of `size` until `wanted` more examples are seen, where `left` are left of the epoch, 1 …
    examples. A minibatch never reaches over the end of an epoch; the last one of it may be short."""
    if wanted <= left:
        return _batches(wanted, size)
    whole_epochs, rest = divmod(wanted - left, examples)
    return _batches(left, size) + whole_epochs * _batches(examples, size) + _batches(rest, size)


def seen_after(steps: int, left: int, examples: int, size: int) -> int:
    """The number of examples that so many steps see, where `left` are left of the epoch."""
    beyond = steps - _batches(left, size)
    if beyond < 0:
        return steps * size
    whole_epochs, rest = divmod(beyond, _batches(examples, size))
    return left + whole_epochs * examples + rest * size


def _batches(examples: int, size: int) -> int:
    return -(-examples // size)
