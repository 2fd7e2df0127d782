"""`descend scenarios`: the presets, for people and for programs."""

from __future__ import annotations

import json
import sys

from scenarios import load, preset_names
from tui.output import write


def list_scenarios(*, as_json: bool) -> None:
    """Print id, title and summary of every preset: a table on a terminal, tab-separated lines into a pipe."""
    files = {name: load(name).file for name in preset_names()}
    if as_json:
        presets = [{"id": name, "title": file.title, "summary": file.summary} for name, file in files.items()]
        write(json.dumps(presets, indent=2))
    elif sys.stdout is not None and sys.stdout.isatty():
        from rich.console import Console
        from rich.table import Table

        table = Table("scenario", "title", "what it shows", box=None, padding=(0, 2, 0, 0), header_style="dim")
        for name, file in files.items():
            table.add_row(f"[bold]{name}[/]", file.title, file.summary)
        Console().print(table)
    else:
        write("\n".join(f"{name}\t{file.title}\t{file.summary}" for name, file in files.items()))
