"""The colours of the dashboard, by what they mean. A canvas holds only their numbers."""

from __future__ import annotations

from enum import IntEnum

LEVELS = 16  # of the contour map
CHANCES = 12  # of decision regions of two classes
CERTAINTIES = 4  # of those of more classes
SHARES = 8  # of a confusion table's rows


class Ink(IntEnum):
    """Numbers of the colours; those of the contour map follow after the last."""

    PLAIN = 0
    FAINT = 1
    STRONG = 2
    AXIS = 3
    BATCH = 4
    TRAINING = 5
    VALIDATION = 6
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
    PATH_1 = 48  # the way of the weights, older and older
    PATH_2 = 49
    PATH_3 = 50
    CLOUD = 51
    SWARM = 52
    RUN_0 = 54  # six colours for runs beside the one in front
    RUN_5 = 59
    CHANCE_0 = 64  # twelve levels from certainly the first of two classes to certainly the second
    REGION_0 = 80  # four levels of certainty for each of ten classes
    CLASS_0 = 120  # points of ten classes
    RIGHT_0 = 132  # eight shares of a class that are recognised, least first
    WRONG_0 = 140  # eight shares that are mistaken


_FOREGROUNDS: dict[int, str] = {
    Ink.PLAIN: "#c8ccd4",
    Ink.FAINT: "#6b7280",
    Ink.STRONG: "bold #ffffff",
    Ink.AXIS: "#565e6d",
    Ink.BATCH: "#4f6f94",
    Ink.TRAINING: "bold #ffb454",
    Ink.VALIDATION: "bold #7fd962",
    Ink.MARK: "#d2a6ff",
    Ink.POINT: "#5b7ba6",
    Ink.LIT: "bold #ffe08a",
    Ink.FIT: "bold #ffb454",
    Ink.PATH: "#ffd9a0",
    Ink.PATH_1: "#d9b27c",
    Ink.PATH_2: "#a98d6c",
    Ink.PATH_3: "#83745f",
    Ink.CLOUD: "#8fc7d9",
    Ink.SWARM: "#ff79c6",
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
_RUNS = ("#ff79c6", "#2bd9c5", "#c9a26d", "#b48cff", "#f5f5f5", "#ff7a6b")

# How a curve in an ink is broken, (dots drawn, dots left out) along x, so that curves are told apart without
# colour as well. Two dots are a cell. The others are whole.
DASHES: dict[int, tuple[int, int]] = {
    Ink.RUN_0: (4, 2),
    Ink.RUN_0 + 1: (2, 2),
    Ink.RUN_0 + 2: (6, 3),
    Ink.RUN_0 + 3: (1, 1),
    Ink.RUN_5: (2, 4),
}

# From deep blue in the valley to a muted violet on the heights: monotone in lightness, so that it reads
# without colour vision, and dark enough for the trail to stand out everywhere.
_VALLEY, _MIDDLE, _HEIGHT = (10, 24, 52), (30, 74, 104), (104, 92, 118)


def _mixed(level: int) -> str:
    share = level / (LEVELS - 1) * 2
    low, high, t = (_VALLEY, _MIDDLE, share) if share <= 1 else (_MIDDLE, _HEIGHT, share - 1)
    return "#" + "".join(f"{round(a + (b - a) * t):02x}" for a, b in zip(low, high, strict=True))


def _between(low: tuple[int, int, int], high: tuple[int, int, int], share: float) -> str:
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in zip(low, high, strict=True))


_NEUTRAL = (50, 50, 58)
_FIRST, _SECOND = (16, 42, 92), (142, 88, 36)
_REGIONS = (
    (24, 58, 110), (134, 84, 30), (34, 104, 70), (112, 50, 116), (28, 110, 118),
    (130, 46, 50), (100, 104, 36), (70, 76, 150), (150, 90, 110), (92, 92, 92),
)  # fmt: skip
_CLASSES = (
    "#8ecbff", "#ffc46b", "#7fe08f", "#e59cff", "#4de0d0", "#ff9a94", "#dfe27a", "#b4b8ff", "#ffb3d1", "#e4e4e4",
)  # fmt: skip


def _chance(level: int) -> str:
    share = 2 * level / (CHANCES - 1) - 1
    return _between(_NEUTRAL, _SECOND if share > 0 else _FIRST, abs(share))


_PICTURES: dict[int, str] = {
    **{Ink.CHANCE_0 + i: _chance(i) for i in range(CHANCES)},
    **{
        Ink.REGION_0 + k * CERTAINTIES + i: _between(_NEUTRAL, color, (i + 0.5) / (CERTAINTIES - 0.5))
        for k, color in enumerate(_REGIONS)
        for i in range(CERTAINTIES)
    },
    **{Ink.CLASS_0 + k: color for k, color in enumerate(_CLASSES)},
    **{Ink.RIGHT_0 + i: _between((20, 34, 40), (22, 104, 84), (i + 1) / SHARES) for i in range(SHARES)},
    **{Ink.WRONG_0 + i: _between((44, 30, 34), (170, 50, 50), (i + 1) / SHARES) for i in range(SHARES)},
}

STYLES: dict[int, str] = {
    **_FOREGROUNDS,
    **{Ink.RUN_0 + i: color for i, color in enumerate(_RUNS)},
    **{Ink.SERIES_0 + i: color for i, color in enumerate(_SERIES)},
    **{Ink.LEVEL_0 + i: _mixed(i) for i in range(LEVELS)},
    **_PICTURES,
}
# With 256 colours, which is what ssh usually leaves, the nearest ones of the map would be three; the greys are many.
STYLES_256: dict[int, str] = {**STYLES, **{Ink.LEVEL_0 + i: f"color({233 + i})" for i in range(LEVELS)}}
