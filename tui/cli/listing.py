"""`descend scenarios` and `descend keys`: the presets and the commands, for people and for programs."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from engine.plain_text import plain
from scenarios import load, preset_names
from tui.home.paths import is_there
from tui.terminal.console import write, write_rows

if TYPE_CHECKING:
    from scenarios import Scenario
    from tui.dashboard.keys.keymap import Keymap

_WIDTH_OF_TITLES = 110  # in less, a title, which says what the id does, takes the room of the summary


def list_scenarios(*, as_json: bool) -> None:
    """Print id, title and summary of every preset: a table on a terminal, tab-separated lines into a pipe."""
    files = {name: load(name).file for name in preset_names()}
    if as_json:
        write(json.dumps(_presets(), indent=2))
    elif sys.stdout.isatty():
        from rich.console import Console
        from rich.table import Table
        from rich.text import Text

        console = Console()
        roomy = console.width >= _WIDTH_OF_TITLES
        headings = ("scenario", "title", "what it shows") if roomy else ("scenario", "what it shows")
        table = Table(*headings, box=None, padding=(0, 2, 0, 0), header_style="dim")
        for name, file in files.items():
            words = [file.title, file.summary] if roomy else [file.summary]
            table.add_row(Text(name, "bold"), *map(Text, map(plain, words)))
        console.print(table)
    else:
        write_rows((name, file.title, file.summary) for name, file in files.items())


def _presets() -> list[dict[str, object]]:
    """Every preset with its goal and the best that was achieved in it so far; None without."""
    from scenarios.files.goal_forms import in_words
    from tui.home.best_results import best_of
    from tui.home.progress import Progress

    kept, rows = Progress().all(), list[dict[str, object]]()
    for name in preset_names():
        scenario = load(name)
        file, table, best = scenario.file, scenario.file.goal, best_of(scenario, kept)
        goal = None
        if table is not None:
            goal = {"words": in_words(table.goal()), "measure": table.measure, "stars": table.stars}
        row: dict[str, object] = {"id": name, "title": file.title, "summary": file.summary, "goal": goal}
        rows.append({**row, "best": best and best._asdict()})
    return rows


def describe(scenario: Scenario) -> None:
    """Print how each column of the scenario's table was read: a table on a terminal, tab-separated lines into a pipe.

    Raises ScenarioError where it has no table.
    """
    columns = scenario.columns()
    headings = ("column", "read as", "missing", "example")
    rows = [(column.name, column.how, f"{column.missing:,}", column.example) for column in columns]
    if not sys.stdout.isatty():
        write_rows([headings, *rows])
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(*headings, box=None, padding=(0, 2, 0, 0), header_style="dim")
    for name, *others in rows:
        table.add_row(Text(plain(name), "bold"), *map(Text, map(plain, others)))
    Console().print(table)


def list_keys(*, as_json: bool) -> None:
    """Print every command's id, keys and title, and where the file belongs that changes the keys.

    Raises UsageError where that file is not valid; people see the keys without it first, by which to mend it.
    """
    from tui.dashboard.commands import COMMANDS
    from tui.dashboard.keys.key_file import read
    from tui.dashboard.keys.keymap import DEFAULT
    from tui.home.paths import keys_file
    from tui.words.usage_error import UsageError

    path = keys_file()
    try:
        keymap = read(path)
    except UsageError:
        if not as_json:
            _print_keys(DEFAULT, path)
        raise
    if as_json:
        commands = [
            {"id": name, "keys": list(keymap.keys(name)), "title": command.title, "changed": name in keymap.changed}
            for name, command in COMMANDS.items()
        ]
        write(json.dumps({"file": str(path), "exists": is_there(path), "commands": commands}, indent=2))
    else:
        _print_keys(keymap, path)


def _print_keys(keymap: Keymap, path: Path) -> None:
    """A table on a terminal, tab-separated lines into a pipe."""
    from tui.dashboard.commands import COMMANDS
    from tui.dashboard.keys.keymap import shown

    rows = [(name, " ".join(map(shown, keymap.keys(name))), command.title) for name, command in COMMANDS.items()]
    if not sys.stdout.isatty():
        write_rows(rows)
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table("command", "keys", "what it does", box=None, padding=(0, 2, 0, 0), header_style="dim")
    for name, keys, title in rows:
        changed = " (changed)" if name in keymap.changed else ""
        table.add_row(name, Text.assemble((keys, "bold"), changed), title)
    console = Console()
    console.print(table)
    there = "says so" if is_there(path) else "would say so; it is not there yet"
    console.print(f"\nOther keys: {plain(str(path))} {there}.", soft_wrap=True, highlight=False, markup=False)
