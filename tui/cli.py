"""The command `descend`: reads the command line, hands over, and words every refusal.

The engine process imports this module again, because it is what the console script imports: nothing
but the standard library may be loaded by that.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from tui.errors import UsageError

if TYPE_CHECKING:
    from argparse import Namespace

    from scenarios import Scenario
    from tui.keymap import Keymap
DONE, REFUSED, INTERRUPTED = 0, 2, 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Carry out a command line (default: the process's own) and return the exit code.

    0: done, also where the training diverged. 2: refused, with one sentence on standard error.
    130: interrupted by ctrl+c. Raises SystemExit(0) for --help, as argparse does.
    """
    try:
        return _run(sys.argv[1:] if arguments is None else arguments)
    except UsageError as error:
        from tui.output import tell

        tell(f"error: {error}")
        return REFUSED
    except KeyboardInterrupt:
        return INTERRUPTED


def _run(arguments: Sequence[str]) -> int:
    from tui.arguments import parse
    from tui.output import write

    options = parse(arguments)
    if options.command == "scenarios":
        if options.new is not None:
            from tui.new_scenario import write_new

            write_new(options.new, replace=options.force)
            return DONE
        from tui.listing import list_scenarios

        list_scenarios(as_json=options.json)
        return DONE
    if options.command == "keys":
        from tui.listing import list_keys

        list_keys(as_json=options.json)
        return DONE
    if options.command == "dashboard" and options.version:
        from tui import __version__

        write(f"descend {__version__}")
        return DONE
    from scenarios import ScenarioError

    try:
        return {"train": _train, "export": _export}.get(options.command, _open_dashboard)(options)
    except ScenarioError as error:
        raise UsageError(str(error)) from None


def _train(options: Namespace) -> int:
    scenario = _load(options)
    from tui.train import train

    return DONE if train(scenario, options) else INTERRUPTED


def _export(options: Namespace) -> int:
    scenario = _load(options)
    from tui.export.command import export

    return DONE if export(scenario, options) else INTERRUPTED


def _load(options: Namespace) -> Scenario:
    """The scenario, after telling what was done to its data."""
    from tui.loading import load_scenario
    from tui.output import tell

    scenario = load_scenario(options)
    for note in scenario.notes:
        tell(f"{options.scenario}: {note}")
    return scenario


def _open_dashboard(options: Namespace) -> int:
    from tui.loading import load_scenario

    scenario = load_scenario(options)
    _require_terminal(options.scenario)  # only now: it names a command that the scenario is to be right for
    if "scenarios.csv_files" in sys.modules:
        sys.modules["scenarios.csv_files"].forget()  # the engine process reads the file for itself
    keymap = _keymap()
    from tui.dashboard import start
    from tui.look import look_for

    return start(scenario, look_for(options, os.environ), keymap)


def _keymap() -> Keymap | None:
    """The user's keys; None without a file of them, so that nothing is loaded to look into it."""
    from tui.paths import keys_file

    path = keys_file()
    if not os.path.lexists(path):
        return None
    from tui.key_file import read

    return read(path)


def _require_terminal(scenario: str) -> None:
    streams = {"input": sys.stdin, "output": sys.stdout, "error": sys.stderr}
    # A stream that was closed when Python started is None.
    others = [name for name, stream in streams.items() if stream is None or not stream.isatty()]
    if others:
        raise UsageError(
            f"the dashboard needs a terminal, but standard {others[0]} is not one; "
            f"to train without one: descend train {scenario} --steps 1000"
        )
    if os.environ.get("TERM", "dumb") in ("dumb", "unknown"):
        raise UsageError(
            f"the dashboard cannot draw on TERM={os.environ.get('TERM', '')}; "
            f"to train without it: descend train {scenario} --steps 1000"
        )
