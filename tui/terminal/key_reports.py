"""Keys as terminals report them with their modifiers: the kitty keyboard protocol, and what xterm had before it.

https://sw.kovidgoyal.net/kitty/keyboard-protocol/: ESC [ key:shifted:base ; modifiers:event ; text u
"""

from __future__ import annotations

import re
import unicodedata

from textual import events

from tui.terminal.textual_internals import (
    FUNCTIONAL_KEYS,
    MODIFIER_FUNCTIONAL_KEYS,
    SPECIAL_KEY_TO_CHARACTER,
    name_of_character,
)

_REPORT = re.compile(r"\x1b\[([\d:]*)(?:;([\d:]*))?(?:;([\d:]*))?([u~ABCDEFHPQRS])", re.ASCII)
_OTHER_KEYS = (27, "~")  # of xterm: ESC [ 27 ; modifiers ; character ~
_RELEASE = 3
_SHIFT = 1
_MODIFIERS = {2: "alt", 4: "ctrl", 8: "super", 16: "hyper", 32: "meta"}  # the locks are none
_UNTYPED = ("Cc", "Cs")  # controls, halves of pairs
_FUNCTIONAL = range(57344, 63744)  # code points that the protocol names keys with


def key_events(sequence: str) -> list[events.Key] | None:
    """The keys of a report, none where one was let go of or is not known; None where it is no report."""
    found = _REPORT.fullmatch(sequence)
    if found is None:
        return None
    key, shifted, base = (*_numbers(found[1]), None, None, None)[:3]
    modifiers, event = (*_numbers(found[2]), None, None)[:2]
    texts = [_character(code) for code in _numbers(found[3])]
    if event == _RELEASE:
        return []
    bits, code = max(0, (modifiers or 1) - 1), 1 if key is None else key
    name = FUNCTIONAL_KEYS.get(f"{code}{found[4]}")
    if name is not None and (code, found[4]) != _OTHER_KEYS:
        tokens = [] if name in MODIFIER_FUNCTIONAL_KEYS else _held(bits, shift=True)
        character = None if bits else SPECIAL_KEY_TO_CHARACTER.get(name)
        return [events.Key("+".join([*tokens, name]), character)]
    if (code, found[4]) == _OTHER_KEYS:
        return [_typed(text, text, bits) for text in texts if text]
    if found[4] != "u":
        return None  # one of a table may have it
    held = bits & sum(_MODIFIERS)
    plain = _character(code)
    if any(texts):
        return [_typed(_on_key(plain, base) or text, text, bits) for text in texts if text]
    typed = (_character(shifted) if bits & _SHIFT and not held else None) or plain
    if typed is None:
        return []
    if bits & _SHIFT and typed == plain:  # nothing says what it is with shift
        name = "+".join([*_held(bits, shift=True), name_of_character(_on_key(plain, base) or plain)])
        return [events.Key(name, None)]
    return [_typed(_on_key(typed, base) or typed, typed, bits)]


def _numbers(text: str | None) -> list[int | None]:
    return [int(part) if part else None for part in text.split(":")] if text else []


def _character(code: int | None) -> str | None:
    """The character of a code point that is one and can be typed."""
    if code is None or code > 0x10FFFF or code in _FUNCTIONAL:
        return None
    return None if unicodedata.category(chr(code)) in _UNTYPED else chr(code)


def _on_key(character: str | None, base: int | None) -> str | None:
    """The character that the key has on the layout that commands are named after, where it writes another alphabet: й
    is on q."""
    beside = _character(base)
    return beside if character and not character.isascii() and beside and beside.isascii() else None


def _typed(key: str, character: str, bits: int) -> events.Key:
    """A key that types a character, or with other modifiers than shift means a command."""
    tokens = _held(bits, shift=character.isspace())
    name = name_of_character(key)
    return events.Key("+".join([*tokens, name]), None if tokens and not character.isspace() else character)


def _held(bits: int, *, shift: bool) -> list[str]:
    held = [name for bit, name in _MODIFIERS.items() if bits & bit]
    return sorted([*held, "shift"] if shift and bits & _SHIFT else held)
