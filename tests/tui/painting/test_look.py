"""What a terminal can show, and what every theme makes of it."""

from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.color import Color

import tui
from tui.painting.ascii import ascii_text
from tui.painting.look import THEMES, Depth, Look, color_depth, look_for, needs_ascii
from tui.painting.palette import LEVELS, PALETTES, Ink
from tui.painting.styles import cell_style, themes


@pytest.mark.parametrize(
    ("environment", "depth"),
    [
        ({"TERM": "xterm-256color", "COLORTERM": "truecolor"}, Depth.TRUE),
        ({"TERM": "xterm-256color"}, Depth.INDEXED),  # over ssh
        ({"TERM": "xterm-kitty"}, Depth.TRUE),
        ({"TERM": "xterm-direct"}, Depth.TRUE),
        ({"TERM": "tmux-256color", "COLORTERM": "truecolor", "TMUX": "x"}, Depth.TRUE),
        ({"TERM": "screen.xterm-256color", "COLORTERM": "truecolor", "STY": "1.a"}, Depth.INDEXED),
        ({"TERM": "screen", "COLORTERM": "truecolor", "STY": "1.a"}, Depth.SIXTEEN),
        ({"TERM": "xterm"}, Depth.SIXTEEN),
        ({"TERM": "linux"}, Depth.SIXTEEN),
        ({"TERM": "vt100"}, Depth.NONE),
        ({"TERM": "xterm-mono"}, Depth.NONE),
        ({"TERM": "dumb", "COLORTERM": "truecolor"}, Depth.NONE),
        ({}, Depth.NONE),
        ({"TERM": "xterm-256color", "COLORTERM": "truecolor", "NO_COLOR": "1"}, Depth.NONE),
        ({"TERM": "xterm-256color", "NO_COLOR": ""}, Depth.INDEXED),  # no-color.org: "not an empty string"
    ],
)
def test_how_many_colours_a_terminal_has(environment, depth):
    assert color_depth(environment) is depth


@pytest.mark.parametrize(
    ("environment", "ascii_only"),
    [
        ({"LANG": "en_US.UTF-8"}, False),
        ({"LANG": "de_DE.utf8@euro"}, False),
        ({"LANG": "C"}, True),
        ({"LANG": "C", "LC_CTYPE": "C.UTF-8"}, True),  # Python's own coercion
        ({"LANG": "C", "LC_CTYPE": "en_US.UTF-8"}, False),
        ({"LANG": "de_DE.ISO-8859-1"}, True),
        ({"LC_ALL": "POSIX", "LANG": "en_US.UTF-8"}, True),
        ({}, False),
        ({"TERM": "linux", "LANG": "en_US.UTF-8"}, True),
    ],
)
def test_which_locales_need_ascii(environment, ascii_only):
    assert needs_ascii(environment) is ascii_only


def test_the_command_line_wins_over_the_environment():
    asked = SimpleNamespace(theme="light", colors="256", ascii=True)
    assert look_for(asked, {"TERM": "xterm", "NO_COLOR": "1"}) == Look("light", Depth.INDEXED, ascii=True)
    left_open = SimpleNamespace(theme="dark", colors="auto", ascii=False)
    assert look_for(left_open, {"TERM": "xterm", "LANG": "C"}) == Look("dark", Depth.SIXTEEN, ascii=True)
    assert look_for(SimpleNamespace(theme="dark", colors="none", ascii=False), {}).depth is Depth.NONE


def test_every_theme_has_a_palette_a_screen_theme_and_every_ink():
    assert THEMES == tuple(palette.name for palette in PALETTES) == tuple(theme.name for theme in themes())
    for theme in THEMES:
        for depth in Depth:
            for ink in [*Ink, *range(Ink.SERIES_0, Ink.SERIES_9 + 1), *range(Ink.LEVEL_0, Ink.LEVEL_0 + LEVELS)]:
                assert cell_style(Look(theme, depth), int(ink), 0) is not None


@pytest.mark.parametrize("palette", PALETTES, ids=lambda palette: palette.name)
def test_every_run_has_a_colour_of_its_own_and_none_that_is_a_curves_of_the_one_in_front(palette):
    runs = [palette.ink(ink) for ink in range(Ink.RUN_0, Ink.RUN_7 + 1)]
    curves = [palette.ink(ink).split()[-1] for ink in (Ink.TRAINING, Ink.VALIDATION, Ink.SMOOTHED)]
    assert len({*runs, *curves}) == 8 + 3


def luminance(name):
    """WCAG 2's relative luminance of a colour as Rich writes it."""
    parts = [part / 255 for part in Color.parse(name).get_truecolor()]
    red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, other):
    low, high = sorted((one, other))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("palette", [palette for palette in PALETTES if not palette.ansi], ids=lambda p: p.name)
@pytest.mark.parametrize("indexed", [False, True])
def test_the_map_reads_without_colour_vision_and_the_trajectory_stands_out_on_it(palette, indexed):
    ramp = [luminance(palette.ink(Ink.LEVEL_0 + i, indexed=indexed)) for i in range(LEVELS)]
    steps = [b - a for a, b in pairwise(ramp)]
    assert all(step >= 0 for step in steps) or all(step <= 0 for step in steps)
    assert len(set(ramp)) >= 9
    assert contrast(ramp[0], ramp[-1]) > 2
    limits = {
        Ink.TRAJECTORY: (3, ramp),
        Ink.BALL: (4, ramp),
        Ink.RUN_0: (1.9, ramp),
        Ink.MINIMUM: (2.4, ramp[: LEVELS // 2]),
    }
    for ink, (least, levels) in limits.items():
        assert all(contrast(luminance(palette.ink(ink).split()[-1]), level) > least for level in levels), ink.name


@pytest.mark.parametrize("palette", [palette for palette in PALETTES if not palette.ansi], ids=lambda p: p.name)
def test_words_are_legible_on_the_background(palette):
    ground = luminance(palette.background)
    words = [
        Ink.PLAIN,
        Ink.FAINT,
        Ink.STRONG,
        Ink.TRAINING,
        Ink.VALIDATION,
        Ink.MARK,
        Ink.GOOD,
        Ink.CAUTION,
        Ink.DANGER,
    ]
    for ink in [*words, Ink.KEY]:
        assert contrast(luminance(palette.ink(ink).split()[-1]), ground) >= 4.5, (palette.name, ink.name)


@given(st.text())
def test_any_text_becomes_ascii_of_the_same_width(text):
    plain = ascii_text(text)
    assert plain.isascii()
    assert cell_len(plain) == cell_len(text) or not text.isprintable()


def test_whatever_the_dashboard_draws_has_a_likeness_in_ascii():
    sources = [path.read_text(encoding="utf-8") for path in Path(tui.__file__).parent.rglob("*.py")]
    drawn = sorted({char for source in sources for char in source if not char.isascii() and char not in "日本"})
    assert len(drawn) > 50
    assert [char for char in drawn if "?" in ascii_text(char)] == []


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("╭─ Loss · log ─╮", "+- Loss | log -+"),
        ("loss ≤ 1.02, ≥ 3", "loss <=1.02, >=3"),
        ("0.2 → 0.5 · −8 → 1", "0.2 ->0.5 | -8 ->1"),
        (" → gradient  → batch", " > gradient  > batch"),
        ("loss ∞         sgd", "loss inf       sgd"),
        ("━ training  ─ mean  ┅ validation", "= training  - mean  ~ validation"),
        ("↑↓ lr ←→ batch 1.0e−9", "^v lr <> batch 1.0e-9"),
        ("ση² — é", "se2 - e"),
        ("⠑⢄⡀⠉⠒⠤⣀⣿⡇⠈⢀⡠⠊⠄", "'..\"--_#|'..'."),
        ("▕███░░▏", "|###..|"),
        ("⠛⠶⣤", "==="),  # a thick curve
        ("日本", "????"),
    ],
)
def test_ascii_keeps_the_shape(text, plain):
    assert ascii_text(text) == plain


def test_an_error_in_ascii_is_no_sum():
    assert ascii_text("to 12 ± 2 times") == "to 12+/-2 times"
