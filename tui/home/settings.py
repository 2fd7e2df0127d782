"""The user's settings: a small TOML file, settings.toml in the user's configuration folder for descend."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from engine.plain_text import shortened, shown_path
from scenarios.files import toml_text
from tui.words.usage_error import UsageError

_MOST_BYTES = 100_000
_MOST_MEGABYTES = 1_000_000


class Settings(NamedTuple):
    """Choices of the user for all sessions. record: whether trainings are recorded. record_megabytes: of the store
    at most. earlier_ghost: whether the best earlier training of a scenario is shown as a ghost."""

    record: bool = True
    record_megabytes: int = 256
    earlier_ghost: bool = True


def read_settings(path: Path) -> Settings:
    """Read the settings in `path`, the usual ones where there is no such file. Raises UsageError in words."""
    try:
        with path.open("rb") as file:
            text = file.read(_MOST_BYTES + 1)
    except FileNotFoundError:
        return Settings()
    except (OSError, ValueError) as error:
        raise UsageError(f"{shown_path(path)}: cannot be read: {error}") from None
    if len(text) > _MOST_BYTES:
        raise UsageError(f"{shown_path(path)}: it is larger than any settings")
    try:
        given = toml_text.parse(toml_text.decode(text))
    except ValueError as error:
        raise UsageError(f"{shown_path(path)}: {error}") from None
    for key, value in given.items():
        if key not in Settings._fields:
            known = ", ".join(sorted(Settings._fields))
            raise UsageError(f"{shown_path(path)}: unknown key {shortened(key)}; known are: {known}")
        if key == "record_megabytes":
            right, words = (
                type(value) is int and 1 <= value <= _MOST_MEGABYTES,
                f"a whole number up to {_MOST_MEGABYTES:,}",
            )
        else:
            right, words = isinstance(value, bool), "true or false"
        if not right:
            raise UsageError(f"{shown_path(path)}: `{key}` = {shortened(value)}: must be {words}")
    return Settings(**given)
