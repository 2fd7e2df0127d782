"""Places of the user's files."""

from __future__ import annotations

from pathlib import Path


def keys_file() -> Path:
    """The file that changes keys; it need not be there."""
    from platformdirs import user_config_path

    return user_config_path("descend", appauthor=False) / "keys.toml"
