"""Whatever bytes come from a terminal: keys, mouse and answers are understood, all else is ignored."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from textual import events
from textual.message import Message
from textual.messages import TerminalSupportsSynchronizedOutput

from tests.tui import storm
from tui.terminal.input_parser import InputParser


class Terminal:
    """A parser with a clock that tests turn."""

    def __init__(self):
        self.now = 0.0
        self.parser = InputParser(clock=lambda: self.now)

    def sends(self, text):
        return list(self.parser.feed(text))

    def is_silent(self, seconds=10.0):
        self.now += seconds
        return list(self.parser.tick())


def messages(text):
    terminal = Terminal()
    return terminal.sends(text) + terminal.is_silent()


def keys(text):
    found = messages(text)
    assert all(isinstance(message, events.Key) for message in found)
    return [(key.key, key.character) for key in found]


@pytest.mark.parametrize(
    ("sequence", "key", "character"),
    [
        ("a", "a", "a"),
        ("é", "é", "é"),
        ("\x1b", "escape", "\x1b"),
        ("\x1b[A", "up", None),
        ("\x1bOA", "up", None),
        ("\x1b[1;2A", "shift+up", None),
        ("\x1b[1;1:1A", "up", None),
        ("\x1b[1;1:2A", "up", None),
        ("\x1b[5~", "pageup", None),
        ("\x1b[[A", "f1", None),
        ("\x1ba", "alt+a", "a"),
        ("\x1b[", "left_square_bracket", "["),
        ("\x1b]", "right_square_bracket", "]"),
        ("\x1b[97u", "a", "a"),
        ("\x1b[97;5u", "ctrl+a", None),
        ("\x1b[97;1:1u", "a", "a"),
        ("\x1b[97:65;2u", "A", "A"),
        ("\x1b[97:65:97;2:2u", "A", "A"),
        ("\x1b[1081::113u", "q", "й"),  # a key is named after where it lies, and types what it says
        ("\x1b[1081:1049:113;2u", "q", "Й"),
        ("\x1b[1081::113;5u", "ctrl+q", None),
        ("\x1b[1081u", "й", "й"),
        ("\x1b[97;;229u", "å", "å"),
        ("\x1b[13;2u", "shift+enter", None),
        ("\x1b[13u", "enter", "\r"),
        ("\x1b[27u", "escape", None),
        ("\x1b[27;5;97~", "ctrl+a", None),
        ("\x1b[Z", "shift+tab", None),
    ],
)  # fmt: skip
def test_keys_are_understood_in_every_form(sequence, key, character):
    assert keys(sequence) == [(key, character)]
    assert keys(f"{sequence}\x1b[Ax")[-2:] == [("up", None), ("x", "x")]


IGNORED = [
    "\x1b[113;1:3u", "\x1b[1;1:3A", "\x1b[5;5:3~", "\x1b[57441;1:3u",  # let go of
    "\x1b[0u", "\x1b[1114112u", "\x1b[55296u", "\x1b[::::u", "\x1b[;;u", "\x1b[99999999999999999999u", "\x1b[60000u",
    "\x1b[99~", "\x1b[;;;;;;R", "\x1b[1;2;3;4;5A", "\x1b[٣;٣R", "\x1b[²;1R", "\x1b[-5u", "\x1b[99;99Q", "\x1b[1$",
    "\x1b[?1;2c", "\x1b[>0;276;0c", "\x1b[0n", "\x1b[?2031;1n", "\x1b[?997;1n", "\x1b[8;40;120t", "\x1b[4;800;600t",
    "\x1b[48;0;0;0;0t", "\x1b[48;40;120;800;1200t", "\x1b[48;99999;99999;1;1t", "\x1b[48;:;:;:;:t",
    "\x1b[?2048;1$y", "\x1b[?2026;0$y", "\x1b[?99999999999;1$y", "\x1b[2026;2$y",
    "\x1b[<0;0;0M", "\x1b[<0;-5;3M", "\x1b[<;;M", "\x1b[<0;1M", "\x1b[<0;99999999;1M", "\x1b[M !!",
    "\x1b[32;10;10M", "\x1b]11;rgb:0000/0000/0000\x1b\\", "\x1b]52;c;cSByCg==\x07", "\x1b]0;q\x9c",
    "\x1bP1$r0m\x1b\\", "\x1bP>|XTerm(390)\x1b\\", "\x1b_Gi=31;OK\x1b\\", "\x1b^q\x1b\\", "\x1bXq\x1b\\",
    "\x1b]52;c;" + "q" * 5000 + "\x07", "\x1b[" + "1;" * 500 + "u", "\x1bO1;2;3Q", "\x9b", "\x90", "\x1b[1;2\x18",
]  # fmt: skip


@pytest.mark.parametrize("sequence", IGNORED, ids=lambda sequence: repr(sequence[:24]))
def test_what_is_no_key_is_ignored_and_what_follows_is_not(sequence):
    if not sequence.endswith(("$", "\x18")):
        assert keys(sequence + "x") == [("x", "x")]
    assert keys(sequence + "\x1b[A")[-1:] == [("up", None)]
    assert all(key not in storm.TYPED for key, _ in keys(sequence))


def test_mouse_paste_focus_and_answers_arrive():
    assert [type(message) for message in messages("\x1b[<0;3;4M\x1b[<0;3;4m\x1b[<64;3;4M\x1b[<35;3;4M")] == [
        events.MouseDown, events.MouseUp, events.MouseScrollUp, events.MouseMove,
    ]  # fmt: skip
    (cursor,) = messages("\x1b[3;4R")
    assert (cursor.x, cursor.y) == (3, 2)
    assert [type(message) for message in messages("\x1b[I\x1b[O\x1b[?2026;2$y")] == [
        events.AppFocus, events.AppBlur, TerminalSupportsSynchronizedOutput,
    ]  # fmt: skip
    (paste,) = messages("\x1b[200~a\x1b[Ab\x00\ufffd\tc\x9b\u202ed\ne\x1b[48;9;9;9;9t\x1b[201~")
    assert paste.text == "a[Ab\ufffd cd\ne[48;9;9;9;9t"  # nothing that could steer the terminal


def test_a_mouse_that_was_told_about_pixels_is_still_in_cells():
    *_, down = messages("\x1b[48;40;120;0;0t\x1b[?2048;1$y\x1b[<0;3;4M")
    assert (down.x, down.y) == (2, 3)


def test_half_a_sequence_waits_for_its_rest():
    terminal = Terminal()
    assert terminal.sends("\x1b[1;2") == []
    assert terminal.is_silent(0.3) == []
    assert [key.key for key in terminal.sends("A")] == ["shift+up"]
    assert terminal.sends("\x1b[1;2") == []
    assert terminal.is_silent() == []
    assert [key.key for key in terminal.sends("A")] == ["A"]  # given up by then


def test_a_paste_that_never_ends_gives_the_keys_back():
    terminal = Terminal()
    assert terminal.sends("\x1b[200~abc\x1b[20") == []
    assert terminal.is_silent(1.0) == []
    assert terminal.sends("def") == []
    (paste,) = terminal.is_silent()
    assert paste.text == "abc[20def"
    assert [key.key for key in terminal.sends("q")] == ["q"]


def test_of_an_endless_paste_no_more_is_kept_than_anybody_needs():
    terminal = Terminal()
    terminal.sends("\x1b[200~")
    for _ in range(100):
        terminal.sends("x" * 4096)
    (paste,) = terminal.sends("\x1b[201~")
    assert len(paste.text) == 100_000


PIECES = st.one_of(
    st.sampled_from(["\x1b", "\x1b[", "\x1b]", "\x1bP", "\x1bO", "\x1b\\", "\x07", "\x1b[200~", "\x1b[201~", "\x1b[<"]),
    st.text("0123456789;:<>?$ mMuA~Rtyc\x1b\x18\x9b", max_size=6),
    st.text(max_size=4),
)


@given(st.lists(PIECES, max_size=12).map("".join), st.integers(1, 7))
@example("\x1b]a\x1b\\", 3)
@example("\x1b]a\x1bx", 1)
def test_any_text_in_any_pieces_gives_messages_and_the_same_ones(text, size):
    whole, pieces = Terminal(), Terminal()
    found = whole.sends(text) + whole.is_silent()
    others = [message for i in range(0, len(text), size) for message in pieces.sends(text[i : i + size])]
    others += pieces.is_silent()
    assert all(isinstance(message, Message) for message in found)
    assert [repr(message) for message in found] == [repr(message) for message in others]
    for message in found:
        if isinstance(message, events.Key):
            message.key.encode()  # no half of a pair


def test_an_arrow_whose_rest_comes_late_is_no_typed_keys():
    now = [0.0]
    parser = InputParser(clock=lambda: now[0])
    for parts in (["\x1b", "[A"], ["\x1b[", "A"]):
        keys = []
        for part in parts:
            keys += [event.key for event in parser.feed(part)]
            now[0] += 0.5  # longer than a key that is pressed waits, shorter than nobody types
            keys += [event.key for event in parser.tick()]
        assert keys[-1] == "up"
        assert "A" not in keys
        now[0] += 9
