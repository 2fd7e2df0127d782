"""The colours of the dashboard, by what they mean. A canvas holds only their numbers."""

from __future__ import annotations

from enum import IntEnum

LEVELS = 16  # of the contour map


class Ink(IntEnum):
    """Numbers of the colours; those of the contour map follow after the last."""

    PLAIN = 0
    FAINT = 1
    STRONG = 2
    AXIS = 3
    BATCH = 4
    TRAINING = 5
    VALIDATION = 6
    GHOST = 7
    MARK = 8
    POINT = 9
    LIT = 10
    FIT = 11
    PATH = 12
    BALL = 13
    MINIMUM = 14
    GOOD = 15
    CAUTION = 16
    DANGER = 17
    KEY = 18
    SMOOTHED = 19
    SERIES_0 = 20  # ten colours for curves that have no meaning of their own
    SERIES_9 = 29
    LEVEL_0 = 32  # sixteen levels of the loss, lowest first


_FOREGROUNDS: dict[int, str] = {
    Ink.PLAIN: "#c8ccd4",
    Ink.FAINT: "#6b7280",
    Ink.STRONG: "bold #ffffff",
    Ink.AXIS: "#565e6d",
    Ink.BATCH: "#4f6f94",
    Ink.TRAINING: "bold #ffb454",
    Ink.VALIDATION: "bold #7fd962",
    Ink.GHOST: "#7a6a52",
    Ink.MARK: "#d2a6ff",
    Ink.POINT: "#5b7ba6",
    Ink.LIT: "bold #ffe08a",
    Ink.FIT: "bold #ffb454",
    Ink.PATH: "#ffd9a0",
    Ink.BALL: "bold #ffffff",
    Ink.MINIMUM: "bold #7fd962",
    Ink.GOOD: "bold #7fd962",
    Ink.CAUTION: "bold #ffcc66",
    Ink.DANGER: "bold #ff6b6b",
    Ink.KEY: "#59c2ff",
    Ink.SMOOTHED: "bold #59c2ff",
}
_SERIES = (
    "#59c2ff", "#ffb454", "#7fd962", "#f07178", "#d2a6ff", "#2bd9c5", "#fff3a3", "#b5835a", "#ffffff", "#ff79c6",
)  # fmt: skip
# From deep blue in the valley to a muted violet on the heights: monotone in lightness, so that it reads
# without colour vision, and dark enough for the trail to stand out everywhere.
_VALLEY, _MIDDLE, _HEIGHT = (10, 24, 52), (30, 74, 104), (104, 92, 118)


def _mixed(level: int) -> str:
    share = level / (LEVELS - 1) * 2
    low, high, t = (_VALLEY, _MIDDLE, share) if share <= 1 else (_MIDDLE, _HEIGHT, share - 1)
    return "#" + "".join(f"{round(a + (b - a) * t):02x}" for a, b in zip(low, high, strict=True))


STYLES: dict[int, str] = {
    **_FOREGROUNDS,
    **{Ink.SERIES_0 + i: color for i, color in enumerate(_SERIES)},
    **{Ink.LEVEL_0 + i: _mixed(i) for i in range(LEVELS)},
}
# With 256 colours, which is what ssh usually leaves, the nearest ones of the map would be three; the greys are many.
STYLES_256: dict[int, str] = {**STYLES, **{Ink.LEVEL_0 + i: f"color({233 + i})" for i in range(LEVELS)}}
