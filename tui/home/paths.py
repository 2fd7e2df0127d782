"""Places of the user's files."""

from __future__ import annotations

import os
from pathlib import Path


def keys_file() -> Path:
    """The file that changes keys; it need not be there."""
    from platformdirs import user_config_path

    return user_config_path("descend", appauthor=False) / "keys.toml"


def settings_file() -> Path:
    """The file of the user's settings; it need not be there."""
    from platformdirs import user_config_path

    return user_config_path("descend", appauthor=False) / "settings.toml"


def records_file() -> Path:
    """The store of the records; it need not be there."""
    from platformdirs import user_data_path

    return user_data_path("descend", appauthor=False) / "runs.sqlite"


def sweeps_file() -> Path:
    """The store of what sweeps have trained; it need not be there."""
    return records_file().with_name("sweeps.sqlite")


def is_there(path: Path | str) -> bool:
    """Tell whether there is such a file, as far as can be seen.

    `Path.exists` raises where the folder may not be looked into, or the name is too long.
    """
    return os.path.exists(path)  # noqa: PTH110
