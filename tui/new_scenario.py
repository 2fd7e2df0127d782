"""`descend scenarios --new NAME`: a commented scenario file to begin with."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

from tui.errors import UsageError
from tui.output import write


def write_new(name: str) -> None:
    """Write NAME.toml, never over an existing file, and say where it is. Raises UsageError."""
    path = Path(name if name.lower().endswith(".toml") else f"{name}.toml")
    content = (resources.files("scenarios") / "template.toml").read_bytes()
    try:
        with path.open("xb") as file:
            file.write(content)
    except FileExistsError:
        raise UsageError(f"--new {name}: {path} exists already; name another file") from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise UsageError(f"--new {name}: {path} cannot be written: {reason}") from None
    write(f"{path.absolute()} is written; to train it: descend {path}")
