"""Names of files to write, as options give them: refused before anything is trained. Standard library only."""

from __future__ import annotations

import os
from collections.abc import Callable

from engine.plain_text import shown_path
from tui.words.usage_error import UsageError

_LONGEST_NAME, _LONGEST_PATH = 255, 4095  # bytes, nearly everywhere


def file_name(option: str, *, suffix: str = "", makes_folders: bool = False) -> Callable[[str], str]:
    """A function that returns a file's name as it is, or raises UsageError for what cannot be one.

    suffix: what will be added to the name, where it does not end so already. makes_folders: whether folders on the way
    to it that are not there will be made.
    """

    def parse(text: str) -> str:
        if wrong := _what_is_wrong(text, suffix, makes_folders):
            shown = shown_path(text) if text else "''"
            raise UsageError(f"{option} {shown}: cannot be written: {wrong}")
        return text

    return parse


def _what_is_wrong(text: str, suffix: str, makes_folders: bool) -> str:
    """Words for what is wrong; empty where nothing is."""
    if not text.strip():
        return "a file needs a name"
    if "\0" in text:
        return "no file can have a zero byte in its name"
    folder, name = os.path.split(text)
    if name in ("", ".", "..") or (not suffix and os.path.isdir(text)):  # noqa: PTH112  # raises nothing
        return "Is a directory; name a file"
    try:
        too_long = len(os.fsencode(name + suffix)) > _LONGEST_NAME or len(os.fsencode(text + suffix)) > _LONGEST_PATH
    except UnicodeEncodeError:
        return "no file can have such a name"
    if too_long:
        return f"File name too long; at most {_LONGEST_NAME} bytes"
    if folder and not makes_folders and not os.path.isdir(folder):  # noqa: PTH112
        return f"No such file or directory: {shown_path(folder)}"
    return ""
