"""The options of `descend runs`, `resume` and `replay`. Standard library only."""

from __future__ import annotations

import argparse
import re
import time

from engine.plain_text import counted, shortened
from tui.cli.options.option_parser import OptionParser
from tui.cli.options.screen_options import add_no_record, add_screen
from tui.home.file_names import file_name
from tui.words.assignments import whole_number
from tui.words.usage_error import UsageError

FORMATS = ("csv", "json", "tensorboard", "plan")
_SECONDS = {"h": 3600.0, "d": 86400.0, "w": 7 * 86400.0}

_RUNS = """\
List, show, compare, name and take out what was trained. Every training of the dashboard and of `descend train` is
recorded, unless --no-record, DESCEND_RECORD=0 or `record = false` in settings.toml turns that off.

  descend runs                            list the records, the latest first
  descend runs show ID                    one of them: its curves, its knob changes, its verdict
  descend runs compare ID ID …            several beside each other
  descend runs name ID NAME               give it a name, by which it is found as by its ID; "" takes it away
  descend runs note ID TEXT               give it a note
  descend runs delete ID …                delete records
  descend runs export ID … --to FORMAT DIR
                                          write a file for each into a folder
  descend runs import FILE …              train plan files again, and record that, each by the name of its file

With --all instead of IDs, delete and export take every record, or those that --scenario, --since and --stars leave.
An ID may be cut short as long as it is the only one that begins so; `last` is the record begun or resumed last."""

_RUNS_NOTES = """\
examples:
  descend runs --scenario line-fit --since 2d
  descend runs compare last k3f
  descend runs export --all --to csv records
  descend runs export --all --scenario moons --stars 1 --to plan for-marking
  descend runs import handed-in/*.toml --scenario exercise.toml

--to csv writes every step, json what is recorded, tensorboard event files, plan the file that `descend FILE` trains
again. For csv the run is trained again, so that every step is exact.

Where the store takes more than 256 MB, the oldest records without a name, a note or a star lose first their
checkpoints, then their curves, last themselves.

exit codes: 0 done, 1 a plan file came to other bits or a record cannot be exported, 2 refused, 130 interrupted"""

_RESUME = """\
Go on with a recorded training in the dashboard, from the step where it ended, with the same bits as if it had never
been interrupted. Without an ID: the one begun or resumed last."""

_REPLAY = """\
Watch a recorded training again, or a plan file: the dashboard trains it from its first step, and its knobs change at
their steps. A knob that you change takes over, as a branch of it."""

ACTIONS = {  # of `descend runs`: the words that follow, and how many at least
    "show": ("ID", 1),
    "compare": ("ID ID …", 2),
    "name": ("ID NAME", 2),
    "note": ("ID TEXT", 2),
    "delete": ("ID …", 1),
    "export": ("ID … DIR", 1),
    "import": ("FILE …", 1),
}
_WITH_ALL = {"delete": ("--all", 0), "export": ("--all DIR", 1)}  # instead of IDs: exactly so many
_FILTERS = ("scenario", "since", "stars")
_EXACTLY = ("show", "name", "note")


def runs_parser() -> OptionParser:
    """The parser of `descend runs`."""
    parser = OptionParser("descend runs", _RUNS, _RUNS_NOTES, "descend runs [ACTION] [ID …] [options]", mixed=True)
    parser.add_argument("words", nargs="*", metavar="WORD", help=argparse.SUPPRESS)
    words = "records of this scenario only; with import: the scenario that the plan files are to be of"
    parser.add_argument("--scenario", metavar="SCENARIO", help=words)
    words = "what was begun since a day as 2026-11-28, or since 12h, 3d or 2w ago"
    parser.add_argument("--since", metavar="WHEN", type=_moment, help=words)
    stars = whole_number("--stars", least=0, most=3)
    parser.add_argument("--stars", metavar="N", type=stars, help="what earned at least so many stars")
    either = parser.add_mutually_exclusive_group()
    either.add_argument("--json", action="store_true", help="as JSON")
    either.add_argument("--csv", action="store_true", help="the list as CSV")
    parser.add_argument("--all", action="store_true", help="export or delete all records that are left by these")
    parser.add_argument("--to", choices=FORMATS, help="what kind of file to export")
    parser.add_argument(
        "--force",
        action="store_true",
        help="replace files that are there; with delete: delete also what trains just now, and with --all what has a "
        "name, a note or stars",
    )
    add_no_record(parser)
    words = "let the plan file that is imported name data outside of its own folder"
    parser.add_argument("--allow-outside", action="store_true", help=words)
    return parser


def resume_parser() -> OptionParser:
    """The parser of `descend resume`."""
    parser = OptionParser("descend resume", _RESUME, usage="descend resume [ID] [options]")
    parser.add_argument("record", nargs="?", default="last", metavar="ID", help="of the record (default: last)")
    add_screen(parser)
    add_no_record(parser)
    return parser


def replay_parser() -> OptionParser:
    """The parser of `descend replay`."""
    plainer = {
        "the following arguments are required: ID|FILE": "an ID or a FILE is missing; `descend runs` lists the IDs"
    }
    parser = OptionParser("descend replay", _REPLAY, usage="descend replay ID|FILE [options]", plainer=plainer)
    parser.add_argument("record", metavar="ID|FILE", help="of the record, or the path of a plan file")
    add_screen(parser)
    add_no_record(parser)
    words = "let the plan file name data outside of its own folder"
    parser.add_argument("--allow-outside", action="store_true", help=words)
    return parser


def check_runs(options: argparse.Namespace) -> None:
    """Part the words of `descend runs` into `action` and `ids`. Raises UsageError for what makes no sense."""
    options.action, *ids = options.words or [""]
    options.ids = ids
    if options.action not in ("", *ACTIONS):
        hint = f"there are {', '.join(ACTIONS)}; `descend runs show {options.action}` shows a record"
        raise UsageError(f"`descend runs` cannot {shortened(options.action)}; {hint}")
    _check_options(options)
    if not options.action:
        return
    _, least = (_WITH_ALL if options.all else ACTIONS)[options.action]
    most = least if options.all or options.action in _EXACTLY else len(ids)
    if not least <= len(ids) <= most:
        forms = [forms[options.action][0] for forms in (ACTIONS, _WITH_ALL) if options.action in forms]
        written = ", or ".join(f"`descend runs {options.action} {words}`" for words in forms)
        raise UsageError(f"{counted(len(ids), 'word')} after {options.action}: write {written}")
    if options.action == "export":
        _check_export(options)


def _check_options(options: argparse.Namespace) -> None:
    of_all = tuple(_WITH_ALL) if options.all else ()
    for option, actions in (
        *((option, ("", *of_all, *(("import",) * (option == "scenario")))) for option in _FILTERS),
        ("csv", ("",)),
        ("json", ("", "show", "compare")),
        ("to", ("export",)),
        ("all", tuple(_WITH_ALL)),
        ("force", ("export", "delete")),
        ("no_record", ("import",)),
        ("allow_outside", ("import",)),
    ):
        if getattr(options, option) not in (None, False) and options.action not in actions:
            hint = "; it does with --all" if option in _FILTERS and options.action in _WITH_ALL else ""
            command = f"descend runs {options.action}".rstrip()
            raise UsageError(f"--{option.replace('_', '-')}: does not go with `{command}`{hint}")


def _check_export(options: argparse.Namespace) -> None:
    if options.to is None:
        raise UsageError(f"--to is missing; it says which of {', '.join(FORMATS)}")
    *options.ids, options.folder = options.ids
    if not options.ids and not options.all:
        raise UsageError("an ID or the folder is missing: descend runs export ID … --to FORMAT DIR")
    file_name("DIR", suffix=".json", makes_folders=True)(options.folder)


def _moment(text: str) -> float:
    """Seconds since 1970."""
    if ago := re.fullmatch(r"(\d{1,6})([hdw])", text):
        return time.time() - int(ago[1]) * _SECONDS[ago[2]]
    try:
        return time.mktime(time.strptime(text, "%Y-%m-%d"))
    except (ValueError, OverflowError):
        raise UsageError(f"--since must be a day as 2026-11-28, or 12h, 3d or 2w, not {shortened(text)}") from None
