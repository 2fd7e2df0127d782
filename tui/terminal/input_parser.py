"""The parser of what a terminal sends, into keys, mouse events and answers: every sequence is either understood or
ignored.

Textual's own parser raises on the kitty keyboard protocol's sub-parameters, and hands on as typed keys what it does
not know: the answer to a question that somebody else asked would train again, or quit. A report of the window's size
is not believed: the kernel tells it, and a wrong one would be drawn at.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Generator, Iterator

from textual import constants, events, messages
from textual.keys import Keys
from textual.message import Message

from tui.terminal.key_reports import key_events
from tui.terminal.textual_internals import ANSI_SEQUENCES_KEYS, OpenParser

_ESCAPE = "\x1b"
_PASTE_BEGINS, _PASTE_ENDS = "\x1b[200~", "\x1b[201~"
_LONGEST = 64  # characters of a sequence; none that is understood has half of them
_LONGEST_PASTE = 100_000  # characters; of more nothing is kept
_FARTHEST = 65_535  # column or row of a mouse
_HALF_SENT = 1.0  # seconds to wait for the rest of what nobody types
_PASTE_STALLED = 5.0  # seconds of silence after which a paste that nobody ended is over

# ECMA-48: all until a final character is one sequence. Linux has keys ESC [ [ A, an old mouse report three bytes more.
_CONTROL = re.compile(r"\x1b\[(?:\[[A-E]|M[^\x1b]{3}|(?![M\[])[^\x00-\x1f@-\x7f]*[@-~])", re.DOTALL)
_SINGLE_SHIFT = re.compile(r"\x1bO[0-9;]*[@-~ ]")
_STRING = re.compile(r"\x1b[\]PX^_][^\x07\x18\x1a\x1b\x9c]*(?:[\x07\x18\x1a\x9c]|\x1b\\)")
# What may become one of these.
_BEGUN = re.compile(
    r"\x1b(?:\[(?:\[|M[^\x1b]{0,2}|(?![M\[])[^\x00-\x1f@-\x7f]*)|O[0-9;]*|[\]PX^_][^\x07\x18\x1a\x1b\x9c]*\x1b?)?",
    re.DOTALL,
)
_TYPED = 2  # characters that a key held with alt sends as well: ESC [
_MOUSE = re.compile(r"\x1b\[<\d+;(-?\d+);(-?\d+)[Mm]", re.ASCII)
_CURSOR = re.compile(r"\x1b\[(\d+);(\d+)R", re.ASCII)
_SYNCHRONISES = re.compile(r"\x1b\[\?2026;[1-9]\$y", re.ASCII)


class InputParser(OpenParser):
    """Takes the place of Textual's parser, whose tables of keys it uses."""

    def __init__(self, debug: bool = False, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._clock = clock
        self._begun = ""  # a sequence whose rest has not come yet
        self._since = 0.0  # when something came last
        self._escaped = -_HALF_SENT  # when an escape was taken for the key
        self._paste: str | None = None  # what was pasted so far

    def feed(self, data: str) -> Iterator[Message]:
        """The messages in what has come; half a sequence waits for the rest."""
        now = self._clock()
        # The rest of a sequence may come late, on a thin line or a busy machine; nobody types two keys at once.
        if self._paste is None and now - self._escaped < _HALF_SENT and _CONTROL.match(_ESCAPE + data):
            data = _ESCAPE + data
        text, self._begun, self._since, self._escaped = self._begun + data, "", now, -_HALF_SENT
        while text:
            if self._paste is not None:
                text = yield from self._pasted(text)
            elif text[0] != _ESCAPE:
                yield from self._character(text[0])
                text = text[1:]
            else:
                text = yield from self._sequence(text)

    def tick(self) -> Iterator[Message]:
        """Events that are known once the rest of a sequence has not come for a while."""
        silent = self._clock() - self._since
        if self._paste is not None:
            if silent > _PASTE_STALLED:
                text, self._begun = self._begun, ""
                yield from self._paste_over(text)
        elif self._begun and silent > (constants.ESCAPE_DELAY if self._begun == _ESCAPE else _HALF_SENT):
            text, self._begun = self._begun, ""
            if text == _ESCAPE:
                self._escaped = self._clock()
            yield from self._typed(text)

    def _pasted(self, text: str) -> Generator[Message, None, str]:
        """Take in what is pasted; returns what comes after it."""
        paste, ended, rest = text.partition(_PASTE_ENDS)
        if ended:
            yield from self._paste_over(paste)
            return rest
        kept = next(n for n in range(len(_PASTE_ENDS) - 1, -1, -1) if text.endswith(_PASTE_ENDS[:n]))
        self._begun = _PASTE_ENDS[:kept]
        self._paste = ((self._paste or "") + text[: len(text) - kept])[:_LONGEST_PASTE]
        return ""

    def _paste_over(self, text: str) -> Iterator[Message]:
        pasted, self._paste = ((self._paste or "") + text)[:_LONGEST_PASTE], None
        # Textual shows what was pasted as it is: an escape in it would reach the terminal again.
        yield events.Paste("".join(c for c in pasted.replace("\t", " ") if c.isprintable() or c == "\n"))

    def _sequence(self, text: str) -> Generator[Message, None, str]:
        """Events of the sequence that text begins with; returns what comes after it."""
        for kind, understood in ((_CONTROL, self._control), (_SINGLE_SHIFT, self._key), (_STRING, None)):
            if found := kind.match(text):
                if understood is not None and found.end() <= _LONGEST:
                    yield from understood(found[0])
                return text[found.end() :]
        begun = _BEGUN.match(text)
        assert begun is not None  # an escape alone is one
        end = begun.end()
        if end == len(text):
            # Of one that is too long only so much is kept that its end is known.
            self._begun = text if len(text) <= _LONGEST else text[:_LONGEST] + text[-1] * (text[-1] == _ESCAPE)
            return ""
        if end > _TYPED:  # broken off: what broke it off begins anew
            return text[end - 1 if text[end - 1] == _ESCAPE else end :]
        if end == 1 and text[1] != _ESCAPE:
            end = _TYPED
        yield from self._typed(text[:end])
        return text[end:]

    def _typed(self, text: str) -> Iterator[Message]:
        """The key escape, or a key with alt. Of a longer sequence, which nobody types, only what is a key as it stands:
        those of rxvt end where others go on."""
        if text == _ESCAPE:
            yield events.Key("escape", _ESCAPE)
        elif len(text) == _TYPED:
            known = list(self._key(text))
            yield from known or self.keys_of(text[1], alt=True)
        else:
            yield from self._key(text)

    def _control(self, sequence: str) -> Iterator[Message]:
        if sequence == _PASTE_BEGINS:
            self._paste = ""
        elif sequence == "\x1b[I":
            yield events.AppFocus()
        elif sequence == "\x1b[O":
            yield events.AppBlur()
        elif mouse := _MOUSE.fullmatch(sequence):
            near = all(abs(int(place)) <= _FARTHEST for place in mouse.groups())
            if near and (event := self.parse_mouse_code(sequence)) is not None:
                yield event
        elif cursor := _CURSOR.fullmatch(sequence):
            row, column = map(int, cursor.groups())
            yield events.CursorPosition(column - 1, row - 1)
        elif _SYNCHRONISES.fullmatch(sequence):
            yield messages.TerminalSupportsSynchronizedOutput()
        elif (keys := key_events(sequence)) is not None:
            yield from keys
        else:
            yield from self._key(sequence)

    def _key(self, sequence: str) -> Iterator[Message]:
        """Events of a key whose sequence is known as a whole."""
        if sequence in ANSI_SEQUENCES_KEYS:
            yield from self._known(sequence)

    def _character(self, character: str) -> Iterator[Message]:
        if not "\x80" <= character <= "\x9f":  # controls of eight bits, which no key sends
            yield from self._known(character)

    def _known(self, sequence: str) -> Iterator[Message]:
        for event in self.keys_of(sequence):
            if event.key != Keys.Ignore:
                yield event
