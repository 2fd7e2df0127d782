"""The upper border of a panel: its number and its title, and words that a key or a click acts on, the key lit."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from textual.content import Content

from tui.dashboard.keys.keymap import Keymap

LEFT = 3  # columns of the corner, the line and the space before the title
_AROUND = 2 * LEFT
_APART = 3  # columns between two words: a space, the line, a space
_SHORT = "picture"
_KEY = "bold $footer-key-foreground"


class Toggle(NamedTuple):
    """A word with the key of a command. on: what it says is in force, else it is faint."""

    command: str
    word: str
    on: bool = True


class Title(NamedTuple):
    """The content of a border. number: 0 for none. picture: the command that changes the picture, whose name is what
    stands behind the dot in `words`; "" where there is no other picture."""

    number: int
    words: str
    toggles: tuple[Toggle, ...] = ()
    picture: str = ""


class TopBorder(NamedTuple):
    """The border as it is drawn. words: of the title, by the column where they begin; places: first column, column
    after the last, and command of all that can be clicked. Columns are those of the panel."""

    content: Content = Content()
    text: str = ""
    places: tuple[tuple[int, int, str], ...] = ()

    def command_at(self, column: int) -> str:
        """The command of the word there; "" for none."""
        return next((command for start, stop, command in self.places if start <= column < stop), "")


def top_border(title: Title, keys: Keymap, width: int, *, faint: str) -> TopBorder:
    """The border of a panel so many columns wide. faint: the style of words that are off. The line between the words is
    in the colour that the style sheet gives to the title.

    Where there is no room for all, the picture's name goes before the toggles do, or what stands behind a comma; then
    the last of the toggles.
    """
    room = width - _AROUND
    right = [_word(toggle, keys, faint) for toggle in title.toggles]
    head, _, name = title.words.partition(" · ")
    if not title.picture or not name:
        shorter = title.words.rpartition(", ")[0] or title.words
        roomy = len(title.words) + (_APART + right[0].columns if right else 0) < room - 1
        head, name = title.words if roomy or not right else shorter, ""
    left = [_Word(head, str(title.number) if title.number else "", f"maximise-{title.number}", "bold $foreground")]
    if name:
        named, short = (_word(Toggle(title.picture, words), keys, faint) for words in (name, _SHORT))
        needed = left[0].columns + _APART + named.columns + (_APART + right[0].columns if right else 0)
        left.append(named if needed <= room else short)
    while right and _columns([*left, *right]) > room:
        right.pop()
    gap = room - _columns(left) - _columns(right) if right else 0
    return _drawn([left, right], gap)


class _Word(NamedTuple):
    """A word with its key, which is a letter of it (`lit` says which) or stands before it."""

    word: str
    key: str
    command: str
    style: str
    lit: int | None = None

    @property
    def columns(self) -> int:
        """The columns of both."""
        return len(self.word) + (len(self.key) + 1 if self.key and self.lit is None else 0)

    def pieces(self) -> list[tuple[str, str]]:
        """Texts with their styles."""
        if self.lit is None:
            return [(self.key, _KEY), (" " if self.key else "", ""), (self.word, self.style)]
        before, after = self.word[: self.lit], self.word[self.lit + 1 :]
        return [(before, self.style), (self.word[self.lit], _KEY), (after, self.style)]


def _word(toggle: Toggle, keys: Keymap, faint: str) -> _Word:
    """The word with its key: the first letter of one of its words where it begins one, else before all."""
    key, style = keys.shown(toggle.command), "$foreground" if toggle.on else faint
    found = re.search(rf"\b{re.escape(key)}(?=\w\w)", toggle.word) if len(key) == 1 else None
    return _Word(toggle.word, key, toggle.command, style, found.start() if found else None)


def _columns(words: Sequence[_Word]) -> int:
    return sum(word.columns + _APART for word in words) - _APART if words else 0


def _drawn(groups: list[list[_Word]], gap: int) -> TopBorder:
    pieces: list[tuple[str, str]] = []
    places = []
    for group in groups:
        for index, word in enumerate(group):
            between = _APART if index else gap if pieces else 0
            if between:
                pieces += [(" ", ""), ("─" * (between - 2), ""), (" ", "")]
            start = LEFT + sum(len(text) for text, _ in pieces)
            pieces += word.pieces()
            stop = start + (len(word.key) if word.command.startswith("maximise") else word.columns)
            if word.key:
                places.append((start, stop, word.command))
    pieces = [piece for piece in pieces if piece[0]]
    return TopBorder(Content.assemble(*pieces), "".join(text for text, _ in pieces), tuple(places))
