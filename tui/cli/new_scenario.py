"""`descend scenarios --new NAME`: a commented scenario file to begin with."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

from tui.home.whole_files import refused_in_words, whole_files
from tui.terminal.console import write


def write_new(name: str, *, replace: bool) -> None:
    """Write NAME.toml and say where it is. Raises UsageError, also for an existing file that is not to be replaced."""
    path = Path(name if name.lower().endswith(".toml") else f"{name}.toml")
    content = (resources.files("scenarios") / "files" / "template.toml").read_bytes()
    with refused_in_words("--new"), whole_files(path, replace=replace) as (file,):
        file.write(content)
    write(f"{path.absolute()} is written; to train it: descend {path}")
