"""The command `descend`: reads the command line, hands over, and words every refusal."""

from __future__ import annotations

import gc
import os
import signal
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from tui.cli.environment import check_escape_delay, heed
from tui.late_imports import imported_late
from tui.terminal.console import open_missing_streams, tell
from tui.terminal.ending.ending_signals import Ended, raised
from tui.terminal.ending.out_of_memory import OUT_OF_MEMORY, is_out_of_memory
from tui.words.usage_error import UsageError

if TYPE_CHECKING:
    from argparse import Namespace

    from engine.serving.opening import Opening
    from scenarios import Scenario
    from scenarios.courses.course import Course
    from scenarios.records.kept_run import KeptRun
    from tui.dashboard.course.course_way import First
    from tui.dashboard.keys.keymap import Keymap
    from tui.home.progress import Progress
DONE, FAILED, REFUSED = 0, 1, 2
_ON_SCREEN = ("dashboard", "resume", "replay")


def main(arguments: Sequence[str] | None = None) -> int:
    """Carry out a command line (default: the process's own) and return the exit code.

    0: done, also where the training diverged. 1: out of memory, or faults that `scenarios --check` found. 2: refused,
    with one sentence on standard error.
    128 + n: ended by signal n, 130 by ctrl+c. Raises SystemExit(0) for --help, as argparse does.
    """
    open_missing_streams()
    heed(os.environ)
    gc.disable()  # what is imported stays: to look it through again and again takes a tenth of the start
    try:
        with raised():
            return _run(sys.argv[1:] if arguments is None else arguments)
    except UsageError as error:
        tell(f"error: {error}")
        return REFUSED
    except KeyboardInterrupt as error:
        return 128 + (error.number if isinstance(error, Ended) else signal.SIGINT)
    except Exception as error:
        if is_out_of_memory(error):
            tell(f"error: {OUT_OF_MEMORY}")
            return FAILED
        if isinstance(error, ImportError):
            tell(f"error: {_last_line(error)}; install descend anew, or see what else is there")
            return REFUSED
        raise
    finally:
        gc.enable()


def _last_line(error: ImportError) -> str:
    """The last line of an import error: which module, and where a wrong one was found; NumPy writes a page before
    that."""
    return str(error).strip().rpartition("\n")[2]


def _run(arguments: Sequence[str]) -> int:
    from tui.cli.arguments import ASKING, parse
    from tui.terminal.console import write, write_rows

    if arguments[:1] == [ASKING]:
        from tui.cli.completion import candidates

        write_rows(candidates(arguments[1:]))
        return DONE
    options = parse(arguments)
    if options.command not in _ON_SCREEN:  # the screen collects from its first frame on
        gc.enable()
    if options.command == "scenarios":
        if options.new is not None:
            from tui.cli.new_scenario import write_new

            write_new(options.new, replace=options.force)
            return DONE
        if options.describe is not None:
            return _describe(options)
        if options.check is not None:
            return _check(options)
        from tui.cli.listing import list_scenarios

        list_scenarios(as_json=options.json)
        return DONE
    if options.command == "keys":
        from tui.cli.listing import list_keys

        list_keys(as_json=options.json)
        return DONE
    if options.command == "dashboard" and (text := _printed(options)):
        write(text)
        return DONE
    from engine.runs.plan import ChangeError

    with imported_late("msgspec.inspect"):  # tells about types, and nobody asks
        from scenarios import ScenarioError

    try:
        return _COMMANDS.get(options.command, _open_dashboard)(options)
    except (ScenarioError, ChangeError) as error:
        raise UsageError(str(error)) from None


def _printed(options: Namespace) -> str:
    """The text that the dashboard's options ask for in its place; empty where they do not."""
    if options.version:
        from tui import __version__

        return f"descend {__version__}"
    if options.print_completion:
        from tui.cli.completion import SCRIPTS

        return SCRIPTS[options.print_completion]
    if options.print_manual:
        from tui.cli.manual import manual

        return manual()
    return ""


def _describe(options: Namespace) -> int:
    from scenarios import ScenarioError

    options.scenario = options.describe
    try:
        scenario = _load(options)
        from tui.cli.listing import describe

        describe(scenario)
    except ScenarioError as error:
        raise UsageError(str(error)) from None
    return DONE


def _check(options: Namespace) -> int:
    from scenarios import ScenarioError
    from tui.cli.check_command import check

    try:
        return check(options.check, as_json=options.json, allow_outside=options.allow_outside)
    except ScenarioError as error:
        raise UsageError(str(error)) from None


def _train(options: Namespace) -> int:
    from tui.cli.training.train_command import train

    if options.resume is not None:
        from tui.cli.runs.resuming import find

        scenario, record = find(options.resume)
        train(scenario, options, record)
        return DONE
    scenario = _load(options)
    from scenarios.trainings.own_goal import with_goal

    train(with_goal(scenario), options)
    return DONE


def _runs(options: Namespace) -> int:
    if options.action == "import":
        from tui.cli.training.plan_import import import_plans

        return import_plans(options)
    if options.action == "export":
        from tui.cli.training.record_export import export_records

        return export_records(options)
    from tui.cli.runs.runs_command import runs

    runs(options)
    return DONE


def _replay(options: Namespace) -> int:
    from tui.cli.runs.resuming import replay_of

    scenario, opening, parent = replay_of(options.record, allow_outside=options.allow_outside)
    return _begin_dashboard(options, scenario, opening, parent=parent)


def _resume(options: Namespace) -> int:
    from scenarios.records.openings import resumed
    from tui import __version__
    from tui.cli.runs.resuming import find
    from tui.home.paths import records_file

    scenario, record = find(options.record)
    return _begin_dashboard(options, scenario, resumed(record, records_file(), __version__), resumes=record)


def _sweep(options: Namespace) -> int:
    if options.merge is not None:
        from tui.cli.sweeps.sweep_parts import merge

        merge(options)
        return DONE
    from scenarios.trainings.own_goal import with_goal
    from tui.cli.sweeps.sweep_command import sweep

    sweep(with_goal(_load(options)), options)
    return DONE


def _export(options: Namespace) -> int:
    scenario = _load(options)
    from tui.cli.training.export_command import export

    export(scenario, options)
    return DONE


def _predict(options: Namespace) -> int:
    from tui.cli.training.predict_command import predict

    predict(options)
    return DONE


def _load(options: Namespace) -> Scenario:
    """The scenario, after telling what was done to its data."""
    from tui.cli.loading import load_scenario
    from tui.terminal.console import tell

    scenario = load_scenario(options)
    for note in scenario.notes:
        tell(f"{options.scenario}: {note}")
    return scenario


def _open_dashboard(options: Namespace) -> int:
    from scenarios.scenario import is_table
    from tui.cli.loading import is_plan_name, load_beginning
    from tui.cli.training.planning import opening_of, refuse_training_options

    if options.scenario is not None and is_plan_name(options.scenario):
        refuse_training_options(options)
        options.record = options.scenario
        return _replay(options)
    scenario, course, first, progress = load_beginning(options)
    opening = opening_of(scenario, options)._replace(paused=first != "training")
    _require_terminal(scenario.id)  # only now: it names a command that the scenario is to be right for
    if is_table(scenario.id):
        from scenarios.trainings.own_goal import with_goal

        scenario = with_goal(scenario)
    return _begin_dashboard(options, scenario, opening, progress, course=course, first=first)


def _begin_dashboard(
    options: Namespace,
    scenario: Scenario,
    opening: Opening,
    progress: Progress | None = None,
    *,
    course: Course | None = None,
    first: First = "training",
    resumes: KeptRun | None = None,
    parent: str = "",
) -> int:
    from tui.cli.options.screen_options import AS_THE_SCENARIO
    from tui.cli.runs.record_wish import records_for

    if options.speed != AS_THE_SCENARIO:
        scenario = scenario.at_speed(options.speed)
    _require_terminal(scenario.id)
    check_escape_delay(os.environ)
    keymap = _keymap()
    from tui.dashboard.start import start
    from tui.painting.look import look_for

    records, look = records_for(options, resumes, parent), look_for(options, os.environ)
    return start(scenario, look, keymap, opening, progress, course=course, first=first, records=records)


def _keymap() -> Keymap | None:
    """The user's keys; None without a file of them, so that nothing is loaded to look into it."""
    from tui.home.paths import keys_file

    path = keys_file()
    if not os.path.lexists(path):
        return None
    from tui.dashboard.keys.key_file import read

    return read(path)


def _require_terminal(scenario: str) -> None:
    streams = {"input": sys.stdin, "output": sys.stdout, "error": sys.stderr}
    others = [name for name, stream in streams.items() if not stream.isatty()]
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


_COMMANDS = {
    "train": _train,
    "sweep": _sweep,
    "export": _export,
    "predict": _predict,
    "runs": _runs,
    "resume": _resume,
    "replay": _replay,
}
