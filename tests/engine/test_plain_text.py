import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.plain_text import LONGEST, first_unshown, plain, shortened


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Prix €", "Prix €"),
        ("a\x1b]52;c;aGk=\x07b", r"a\x1b]52;c;aGk=\x07b"),
        ("\x9b31m", r"\x9b31m"),
        ("two\nlines", r"two\nlines"),
        ("Prix\xa0€", "Prix €"),
        ("\u202eevil", r"\u202eevil"),
        ("\ud800", r"\ud800"),
    ],
)
def test_what_steers_a_terminal_is_written_as_an_escape(text: str, shown: str) -> None:
    assert plain(text) == shown


def test_lines_are_kept_where_wanted() -> None:
    assert plain("one\ntwo\r\n", lines=True) == "one\ntwo\\r\n"


@given(st.text())
def test_what_comes_out_is_printable_and_does_not_change_again(text: str) -> None:
    assert plain(text).isprintable()
    assert plain(plain(text)) == plain(text)


@given(st.text())
def test_the_first_character_that_is_escaped_is_found(text: str) -> None:
    place = first_unshown(text)
    spaces = "".join(" " if char.isspace() and plain(char) == " " else char for char in text)
    assert (place is None) == (plain(text) == spaces)
    assert place is None or plain(text[:place]) == spaces[:place]
    assert first_unshown(text, allowed=text) is None


@pytest.mark.parametrize(
    "value",
    ["x" * 10_000, 10**5000, list(range(1000)), "\x1b" * 300, {"a": "b" * 500}],
    ids=["text", "number", "list", "escapes", "table"],
)
def test_a_long_value_is_cut(value: object) -> None:
    assert len(shortened(value)) <= LONGEST
    assert shortened(value).isprintable()


def test_a_short_value_is_what_python_writes() -> None:
    assert shortened("it's") == '"it\'s"'
    assert shortened(0.5) == "0.5"
