"""What is written to terminals that can do less, by the real program on a pty: all of it is looked through."""

import re

import pytest

TRUE, INDEXED, SIXTEEN = rb"[34]8;2;", rb"[34]8;5;", rb"(?:^|;)(?:3[0-7]|4[0-7]|9[0-7]|10[0-7])(?:;|$)"


def styles_written(dashboard):
    """Every style that was asked for, until the help is there."""
    dashboard.until(lambda: "steps/s" in dashboard.text and "batch size" in dashboard.text)
    dashboard.press(b"?")
    dashboard.until(lambda: "Raise the learning rate" in dashboard.text)
    return set(re.findall(rb"\x1b\[([0-9;]*)m", bytes(dashboard.written)))


@pytest.mark.parametrize(
    ("environment", "used", "unused"),
    [
        ({"COLORTERM": "truecolor"}, [TRUE], []),
        pytest.param({"COLORTERM": ""}, [INDEXED], [TRUE], marks=pytest.mark.thorough),
        ({"COLORTERM": "", "TERM": "xterm"}, [SIXTEEN], [TRUE, INDEXED]),
        ({"COLORTERM": "truecolor", "NO_COLOR": "1"}, [], [TRUE, INDEXED, SIXTEEN]),
    ],
    ids=["truecolor", "256", "16", "none"],
)
def test_a_terminal_is_asked_for_no_more_colours_than_it_has(terminal, environment, used, unused):
    written = styles_written(terminal(columns=120, rows=40, environment=environment))
    assert all(any(re.search(pattern, style) for style in written) for pattern in used)
    assert not [style for style in written if any(re.search(pattern, style) for pattern in unused)]


def test_a_locale_without_unicode_gets_ascii_alone(terminal):
    dashboard = terminal(columns=120, rows=40, environment={"LC_ALL": "C"})
    styles_written(dashboard)
    assert bytes(dashboard.written).isascii()


def test_the_options_say_otherwise(terminal):
    dashboard = terminal("line-fit", "--colors", "none", "--ascii", columns=120, rows=40)
    assert not [style for style in styles_written(dashboard) if re.search(SIXTEEN, style) or b"8;" in style]
    assert bytes(dashboard.written).isascii()
