"""TensorBoard's event files: scalars at steps. TensorBoard itself and tensorboardX bring protobuf and more with them, a
hundred megabytes for what fits this page.

The format: records of length, checksum of that, content, checksum of that (both masked CRC-32C); the content is an
`Event` in protocol buffers' wire format (tensorboard/compat/proto/event.proto and summary.proto).
"""

from __future__ import annotations

import struct
from collections.abc import Iterable
from typing import NamedTuple

_POLYNOMIAL = 0x82F63B78  # of CRC-32C, reversed


class Scalar(NamedTuple):
    """A value of the curve `tag` before the update number `step`, at so many seconds since 1970."""

    tag: str
    step: int
    value: float
    seconds: float


def event_file(scalars: Iterable[Scalar], begun: float) -> bytes:
    """Return the content of a file with these scalars, in the order given. begun: seconds since 1970."""
    version = _double(1, begun) + _text(3, b"brain.Event:2")
    return b"".join([_record(version), *(_record(_event(scalar)) for scalar in scalars)])


def _event(scalar: Scalar) -> bytes:
    value = _text(1, scalar.tag.encode()) + _key(2, 5) + struct.pack("<f", _single(scalar.value))
    return _double(1, scalar.seconds) + _key(2, 0) + _whole(scalar.step) + _text(5, _text(1, value))


def _single(value: float) -> float:
    """The number as a float32 can hold it; infinite where it cannot."""
    try:
        return struct.unpack("<f", struct.pack("<f", value))[0]  # type: ignore[no-any-return]
    except OverflowError:
        return float("inf") if value > 0 else float("-inf")


def _key(field: int, kind: int) -> bytes:
    return _whole(field << 3 | kind)


def _double(field: int, value: float) -> bytes:
    return _key(field, 1) + struct.pack("<d", value)


def _text(field: int, content: bytes) -> bytes:
    return _key(field, 2) + _whole(len(content)) + content


def _whole(number: int) -> bytes:
    """A number of at least 0, seven bits a byte, the lowest first."""
    parts = bytearray()
    while number > 0x7F:
        parts.append(number & 0x7F | 0x80)
        number >>= 7
    parts.append(number)
    return bytes(parts)


def _record(content: bytes) -> bytes:
    length = struct.pack("<Q", len(content))
    return length + _checksum(length) + content + _checksum(content)


def _table() -> tuple[int, ...]:
    table = []
    for byte in range(256):
        remainder = byte
        for _ in range(8):
            remainder = remainder >> 1 ^ _POLYNOMIAL * (remainder & 1)
        table.append(remainder)
    return tuple(table)


_TABLE = _table()


def _checksum(content: bytes) -> bytes:
    remainder = 0xFFFFFFFF
    for byte in content:
        remainder = remainder >> 8 ^ _TABLE[(remainder ^ byte) & 0xFF]
    remainder ^= 0xFFFFFFFF
    masked = (remainder >> 15 | remainder << 17) + 0xA282EAD8
    return struct.pack("<I", masked & 0xFFFFFFFF)
