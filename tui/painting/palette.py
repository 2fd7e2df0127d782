"""The colours of the dashboard, by what they mean. A canvas holds only their numbers; a palette has the colours."""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum
from typing import NamedTuple

LEVELS = 16  # of the contour map
CHANCES = 12  # of decision regions of two classes
CERTAINTIES = 4  # of those of more classes
SHARES = 8  # of a confusion table's rows
HUES = 12  # of a gauge
HEATS = 16  # of a heat map


class Ink(IntEnum):
    """Numbers of the colours; those of the contour map follow after the last."""

    PLAIN = 0
    FAINT = 1
    STRONG = 2
    AXIS = 3
    BATCH = 4
    TRAINING = 5
    VALIDATION = 6
    BATCH_CURVE = 7
    MARK = 8
    POINT = 9
    LIT = 10
    FIT = 11
    TRAJECTORY = 12
    BALL = 13
    MINIMUM = 14
    GOOD = 15
    CAUTION = 16
    DANGER = 17
    KEY = 18
    SMOOTHED = 19
    SERIES_0 = 20  # ten colours for curves that have no meaning of their own
    SERIES_9 = 29
    ON_BRIGHT = 30  # text on the bright half of a heat map
    ON_DARK = 31
    LEVEL_0 = 32  # sixteen levels of the loss, lowest first
    TRAJECTORY_1 = 48  # the trajectory, older and older
    TRAJECTORY_2 = 49
    TRAJECTORY_3 = 50
    CLOUD = 51
    SWARM = 52
    CONTOUR = 53  # lines of the map where it has no colours
    RUN_0 = 54  # eight colours for runs beside the one in front
    RUN_7 = 61
    POLYAK = 62  # averages of the weights: their losses, and where they are
    EXPONENTIAL = 63
    CHANCE_0 = 64  # twelve levels from certainly the first of two classes to certainly the second
    REGION_0 = 80  # four levels of certainty for each of ten classes
    CLASS_0 = 120  # points of ten classes
    RIGHT_0 = 132  # eight shares of a class that are recognised, least first
    WRONG_0 = 140  # eight shares that are mistaken
    HEAT_0 = 148  # twelve levels of a gauge from safe to dangerous
    CALM_0 = 160  # twelve levels of a gauge from noisy to calm
    PLACE_0 = 176  # sixteen levels of a heat map from best to worst


AVERAGES = (Ink.POLYAK, Ink.EXPONENTIAL)  # of the weights

# What each ink is: attributes, and the name of one of a palette's colours.
_INKS: dict[int, str] = {
    Ink.PLAIN: "text",
    Ink.FAINT: "faint",
    Ink.STRONG: "bold strong",
    Ink.AXIS: "line",
    Ink.BATCH: "band",
    Ink.BATCH_CURVE: "steel",
    Ink.TRAINING: "bold orange",
    Ink.VALIDATION: "green",
    Ink.MARK: "violet",
    Ink.POINT: "steel",
    Ink.LIT: "bold gold",
    Ink.FIT: "bold orange",
    Ink.TRAJECTORY: "trajectory",
    Ink.BALL: "bold strong",
    Ink.MINIMUM: "bold green",
    Ink.GOOD: "bold green",
    Ink.CAUTION: "bold yellow",
    Ink.DANGER: "bold red",
    Ink.KEY: "sky",
    Ink.CONTOUR: "steel",
    Ink.TRAJECTORY_1: "trajectory_1",
    Ink.TRAJECTORY_2: "trajectory_2",
    Ink.TRAJECTORY_3: "trajectory_3",
    Ink.CLOUD: "cloud",
    Ink.SWARM: "pink",
    Ink.SMOOTHED: "sky",
    Ink.POLYAK: "strong",
    Ink.EXPONENTIAL: "yellow",
}
_SERIES = ("sky", "orange", "green", "red", "violet", "teal", "yellow", "brown", "strong", "pink")
_RUNS = ("pink", "teal", "brown", "coral", "violet", "indigo", "lime", "red")
_INKS |= {Ink.SERIES_0 + i: color for i, color in enumerate(_SERIES)}
_INKS |= {Ink.RUN_0 + i: color for i, color in enumerate(_RUNS)}

Rgb = tuple[int, int, int]

# Pictures of classes, for dark themes; the light ones are derived.
_NEUTRAL = (50, 50, 58)
_FIRST, _SECOND = (16, 42, 92), (142, 88, 36)
_REGIONS: tuple[Rgb, ...] = (
    (24, 58, 110), (134, 84, 30), (34, 104, 70), (112, 50, 116), (28, 110, 118),
    (130, 46, 50), (100, 104, 36), (70, 76, 150), (150, 90, 110), (92, 92, 92),
)  # fmt: skip
_CLASSES: tuple[Rgb, ...] = (
    (142, 203, 255), (255, 196, 107), (127, 224, 143), (229, 156, 255), (77, 224, 208),
    (255, 154, 148), (223, 226, 122), (180, 184, 255), (255, 179, 209), (228, 228, 228),
)  # fmt: skip
_RIGHT, _WRONG = ((20, 34, 40), (22, 104, 84)), ((44, 30, 34), (170, 50, 50))
_GAUGES = (("green", "yellow", "red"), ("indigo", "sky", "teal"))
# Of heat maps, in every theme: viridis (van der Walt & Smith, 2015) from its bright end, monotone in lightness, so that
# it reads without colour vision. With few colours a level is a shade of hatching too, so that these need no order.
_PLACES: tuple[Rgb, ...] = ((253, 231, 37), (94, 201, 98), (33, 145, 140), (59, 82, 139), (68, 1, 84))
_FEW_PLACES = ("green", "green", "cyan", "cyan", "magenta", "magenta")
_ON_PLACES = {Ink.ON_BRIGHT: "#000000", Ink.ON_DARK: "#ffffff"}
_FRAME_SHARE = 0.5  # of its hue in a border
_CLASS_NAMES = ("cyan", "yellow", "green", "magenta", "red", "default")  # of the terminal's own, for classes


class Palette(NamedTuple):
    """A theme's colours, as hexadecimal numbers or, in `ansi`, as the names of the terminal's own.

    colors: what the names in `_INKS` stand for. background: of the screen; surface: of dialogs; panel: of bars.
    ramp: the map's colours at its lowest, middle and highest level, monotone in lightness so that it reads
    without colour vision, and far enough from the trajectory's; empty where the map is drawn as contour lines.
    greys: the same for 256 colours, where the ramp's nearest would be three: numbers of the lowest and highest.
    """

    name: str
    dark: bool
    background: str
    surface: str
    panel: str
    colors: dict[str, str]
    ramp: tuple[tuple[int, int, int], ...] = ()
    greys: tuple[int, int] = (0, 0)

    @property
    def ansi(self) -> bool:
        """True if it has but the terminal's own sixteen colours."""
        return not self.ramp

    def ink(self, ink: int, *, indexed: bool = False) -> str:
        """A colour with its attributes, as Rich reads it; `indexed`: for a terminal of 256 colours."""
        if Ink.LEVEL_0 <= ink < Ink.LEVEL_0 + LEVELS:
            return self._level((ink - Ink.LEVEL_0) / (LEVELS - 1), indexed)
        if ink in _ON_PLACES:
            return self.colors["text"] if self.ansi else _ON_PLACES[Ink(ink)]
        if ink >= Ink.PLACE_0:
            return self._place((ink - Ink.PLACE_0) / (HEATS - 1))
        if ink >= Ink.HEAT_0:
            return self._gauge(ink)
        if ink >= Ink.CHANCE_0:
            return _CLASS_NAMES[(ink - Ink.CLASS_0) % len(_CLASS_NAMES)] if self.ansi else shade(ink, dark=self.dark)
        *attributes, color = _INKS[ink].split()
        return " ".join([*attributes, self.colors[color]])

    def _gauge(self, ink: int) -> str:
        """A colour of a gauge, between two of the three that it goes through; with few colours one of them."""
        gauge, level = divmod(ink - Ink.HEAT_0, HUES)
        colors = [self.colors[name] for name in _GAUGES[gauge]]
        place = 2 * level / (HUES - 1)
        if self.ansi:
            return colors[round(place)]
        low = min(int(place), 1)
        return between(_rgb(colors[low]), _rgb(colors[low + 1]), place - low)

    def _place(self, share: float) -> str:
        """A colour of a heat map, so far from best to worst."""
        if self.ansi:
            return _FEW_PLACES[round(share * (len(_FEW_PLACES) - 1))]
        sections = len(_PLACES) - 1
        section = min(int(share * sections), sections - 1)
        return between(_PLACES[section], _PLACES[section + 1], share * sections - section)

    def frame(self, hue: str) -> str:
        """The colour of the border of a panel with this hue: between the hue and the background."""
        if self.ansi:
            return self.colors["line"].split()[-1]
        return between(_rgb(self.background), _rgb(self.colors[hue]), _FRAME_SHARE)

    def _level(self, share: float, indexed: bool) -> str:
        if self.ansi:
            return self.colors["text"]
        if indexed:
            low, high = self.greys
            return f"color({round(low + (high - low) * share)})"
        first, second = self.ramp[:2] if share <= 0.5 else self.ramp[1:]
        part = 2 * share if share <= 0.5 else 2 * share - 1
        return between(first, second, part)


def _rgb(color: str) -> Rgb:
    """The parts of a colour that is written in hexadecimal numbers."""
    red, green, blue = bytes.fromhex(color.removeprefix("#"))
    return red, green, blue


def between(low: Rgb, high: Rgb, share: float) -> str:
    """The colour that lies so far from the one to the other, in hexadecimal numbers."""
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in zip(low, high, strict=True))


def shade(ink: int, *, dark: bool) -> str:
    """The colour of a shade in a picture of classes: a decision region by certainty, a class's points, a share of a
    confusion table's row."""
    low, high, share = _shade(ink)
    if dark:
        return between(low, high, share)
    if Ink.CLASS_0 <= ink < Ink.RIGHT_0:  # points are dark on light regions
        return between(high, (0, 0, 0), 0.55)
    red, green, blue = (round(255 - (255 - part) * 0.45) for part in high)
    return between((238, 238, 236), (red, green, blue), share)


def _shade(ink: int) -> tuple[Rgb, Rgb, float]:
    """The two colours that a shade lies between, and how far along."""
    if ink >= Ink.WRONG_0:
        return *_WRONG, (ink - Ink.WRONG_0 + 1) / SHARES
    if ink >= Ink.RIGHT_0:
        return *_RIGHT, (ink - Ink.RIGHT_0 + 1) / SHARES
    if ink >= Ink.CLASS_0:
        return _NEUTRAL, _CLASSES[ink - Ink.CLASS_0], 1.0
    if ink >= Ink.REGION_0:
        number, level = divmod(ink - Ink.REGION_0, CERTAINTIES)
        return _NEUTRAL, _REGIONS[number], (level + 0.5) / (CERTAINTIES - 0.5)
    share = 2 * (ink - Ink.CHANCE_0) / (CHANCES - 1) - 1
    return _NEUTRAL, _SECOND if share > 0 else _FIRST, abs(share)


def area(ink: int) -> int | None:
    """The area of a map that a colour belongs to, for maps that are drawn as lines around them; None for what is none.

    A level of the loss is one of its own, a decision region goes by its class alone.
    """
    if Ink.LEVEL_0 <= ink < Ink.LEVEL_0 + LEVELS:
        return ink - Ink.LEVEL_0
    if Ink.CHANCE_0 <= ink < Ink.CHANCE_0 + CHANCES:
        return (ink - Ink.CHANCE_0) * 2 // CHANCES
    if Ink.REGION_0 <= ink < Ink.CLASS_0:
        return (ink - Ink.REGION_0) // CERTAINTIES
    return None


def spared(ink: int, detail: int) -> int:
    """The colour of a map that stands for this one where fewer of them are sent: of the loss's levels and of the
    certainties of decision regions half as many for a detail of 1, a third or a quarter for 0. The darkest and the
    brightest stay, and so does every class; colours that are of no map as well.
    """
    if detail > 1:
        return ink
    if Ink.LEVEL_0 <= ink < Ink.LEVEL_0 + LEVELS:
        levels = LEVELS // (4, 2)[detail]
        return Ink.LEVEL_0 + round((ink - Ink.LEVEL_0) * levels // LEVELS * (LEVELS - 1) / (levels - 1))
    if Ink.CHANCE_0 <= ink < Ink.CHANCE_0 + CHANCES:
        chance, merged = ink - Ink.CHANCE_0, (3, 2)[detail]
        return ink - chance % merged + (merged - 1 if chance >= CHANCES // 2 else 0)
    if Ink.REGION_0 <= ink < Ink.CLASS_0:
        merged = (CERTAINTIES, 2)[detail]
        return ink - (ink - Ink.REGION_0) % merged + merged - 1
    return ink


DARK = Palette(
    "dark",
    dark=True,
    background="#121317",
    surface="#1b1d23",
    panel="#24272f",
    colors={
        "text": "#c8ccd4", "faint": "#7d8594", "strong": "#ffffff", "line": "#565e6d", "steel": "#5b7ba6",
        "orange": "#ffb454", "green": "#7fd962", "brown": "#b8a27a", "violet": "#d2a6ff", "gold": "#ffe08a",
        "yellow": "#ffcc66", "red": "#ff6b6b", "sky": "#59c2ff", "teal": "#2bd9c5", "pink": "#ff79c6",
        "trajectory": "#ffd9a0", "trajectory_1": "#d9b27c", "trajectory_2": "#b0946e", "trajectory_3": "#94835f",
        "cloud": "#8fc7d9",
        "coral": "#ff9678", "indigo": "#8fa3ff", "lime": "#d3ee78", "band": "#4b6080",
    },
    ramp=((10, 24, 52), (30, 74, 104), (104, 92, 118)),
    greys=(232, 241),
)  # fmt: skip

LIGHT = Palette(
    "light",
    dark=False,
    background="#fafafa",
    surface="#ffffff",
    panel="#e9e9e7",
    colors={
        "text": "#33363d", "faint": "#6b6f78", "strong": "#000000", "line": "#a3a6ad", "steel": "#6f8fb8",
        "orange": "#b85500", "green": "#2b7a0b", "brown": "#6e5a3c", "violet": "#7b3fb5", "gold": "#8c0050",
        "yellow": "#946200", "red": "#c4121a", "sky": "#0068a8", "teal": "#00757a", "pink": "#b3146e",
        "trajectory": "#8c0050", "trajectory_1": "#9c2f6c", "trajectory_2": "#a85a86", "trajectory_3": "#ad7c9a",
        "cloud": "#2f7f99",
        "coral": "#b4472a", "indigo": "#4a4fc4", "lime": "#5a7000", "band": "#8ea6c8",
    },
    ramp=((250, 247, 228), (196, 219, 222), (136, 158, 190)),
    greys=(255, 247),
)  # fmt: skip

# Okabe & Ito's colours, which stay apart in every kind of colour vision (jfly.uni-koeln.de/color, 2008), on black.
CONTRAST = Palette(
    "contrast",
    dark=True,
    background="#000000",
    surface="#000000",
    panel="#1c1c1c",
    colors={
        "text": "#ffffff", "faint": "#b8b8b8", "strong": "#ffffff", "line": "#8a8a8a", "steel": "#56b4e9",
        "orange": "#e69f00", "green": "#00c795", "brown": "#b0b0b0", "violet": "#cc79a7", "gold": "#f0e442",
        "yellow": "#f0e442", "red": "#ff7a2a", "sky": "#56b4e9", "teal": "#009e73", "pink": "#e59ec4",
        "trajectory": "#f0e442", "trajectory_1": "#cdc34a", "trajectory_2": "#aba354", "trajectory_3": "#928c5c",
        "cloud": "#9fd3f0",
        "coral": "#ff9b6b", "indigo": "#9db4ff", "lime": "#dff58a", "band": "#3f7fa5",
    },
    ramp=((0, 12, 40), (52, 58, 74), (104, 100, 82)),
    greys=(232, 241),
)  # fmt: skip

# For 16 colours, for none, and for who wants the terminal's own. It may be dark or light, so what matters most is
# in its own foreground, and no ink is white, black or blue. Of the runs the first six differ in hue, not only in how
# bright they are.
ANSI = Palette(
    "ansi",
    dark=True,
    background="default",
    surface="default",
    panel="default",
    colors={
        "text": "default", "faint": "dim default", "strong": "default", "line": "dim default", "steel": "dim cyan",
        "orange": "default", "green": "green", "brown": "yellow", "violet": "magenta", "gold": "default",
        "yellow": "yellow", "red": "red", "sky": "cyan", "teal": "bright_green", "pink": "bright_blue",
        "trajectory": "default", "trajectory_1": "default",
        "trajectory_2": "dim default", "trajectory_3": "dim default", "cloud": "cyan",
        "coral": "bright_red", "indigo": "bright_cyan", "lime": "bright_magenta", "band": "dim cyan",
    },
)  # fmt: skip

PALETTES: Sequence[Palette] = (DARK, LIGHT, CONTRAST, ANSI)
