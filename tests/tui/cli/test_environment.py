import re
from pathlib import Path

import pytest
import textual

from tui.cli.environment import check_escape_delay, heed
from tui.words.usage_error import UsageError

TEXTUALS = Path(textual.__file__).parent


def test_no_variable_that_textual_reads_for_its_developers_is_left():
    words = " ".join(path.read_text(encoding="utf-8") for path in TEXTUALS.rglob("*.py"))
    names = set(re.findall(r'"(TEXTUAL(?:_[A-Z_]+)?)"', words))
    assert {"TEXTUAL", "TEXTUAL_LOG", "TEXTUAL_PRESS", "TEXTUAL_DRIVER", "TEXTUAL_SPEEDUPS"} <= names
    environment = {**dict.fromkeys(names, "x"), "TERM": "xterm", "COLUMNS": "1000000000", "LINES": "1"}
    heed(environment)
    assert environment == {"TERM": "xterm"}


@pytest.mark.parametrize("value", ["", "x", "-1", "0", "1.5", "5001", "9" * 5000, "٣", "1\x1b[2J"])
def test_an_impossible_escape_delay_is_refused(value):
    with pytest.raises(
        UsageError, match=r"^ESCDELAY='[^\x1b]{0,80}: must be a number of milliseconds from 1 to 5,000$"
    ):
        check_escape_delay({"ESCDELAY": value})


@pytest.mark.parametrize("environment", [{}, {"ESCDELAY": "1"}, {"ESCDELAY": "5000"}])
def test_a_possible_one_is_not(environment):
    check_escape_delay(environment)


def test_the_dashboard_heeds_none_of_them(terminal, tmp_path):
    hostile = {
        "TEXTUAL": "devtools,debug,headless",
        "TEXTUAL_LOG": "log.txt",
        "TEXTUAL_SCREENSHOT": "0",
        "TEXTUAL_PRESS": "q,ctrl+q",
        "TEXTUAL_COLOR_SYSTEM": "x",
        "TEXTUAL_DRIVER": "os:system",
        "TEXTUAL_FPS": "1",
        "COLUMNS": "1000000000",
        "LINES": "1",
        "TTY_COMPATIBLE": "0",
        "UNICODE_VERSION": "x",
    }
    dashboard = terminal(environment=hostile, folder=tmp_path).begin(pause=True)
    dashboard.press(b"q")
    assert dashboard.wait() == 0
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert not [path for path in files if path.parent.name != "descend"]  # which holds what was tried


def test_a_bad_escape_delay_is_refused_in_words(terminal):
    dashboard = terminal(environment={"ESCDELAY": "soon"})
    assert dashboard.wait() == 2
    assert "ESCDELAY='soon': must be a number" in dashboard.text
    assert 1049 not in dashboard.private_modes()
