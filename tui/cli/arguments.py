"""The command line's options, how their values are read, and its help. Standard library only."""

from __future__ import annotations

import argparse
import difflib
import os
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from engine.plain_text import shortened
from engine.training.knob_kinds import Scheduled
from engine.training.knobs import KNOBS
from engine.training.schedules import forms
from tui.cli.options.option_parser import OptionParser
from tui.cli.options.screen_options import add_no_record, add_screen
from tui.home.file_names import file_name
from tui.words.assignments import full_name, knob_value, known_knob, metavar, whole_number
from tui.words.usage_error import UsageError

if TYPE_CHECKING:
    from engine.runs.plan import Change

COMMANDS = {
    "train": "the same training without a screen",
    "sweep": "a map of many trainings: learning rates, batch sizes, any knob",
    "export": "a training as a PyTorch or Keras script, or as CSV",
    "predict": "predictions of a trained model for new rows",
    "scenarios": "list the presets",
    "keys": "list the dashboard's commands and their keys",
    "runs": "list, show, compare, name and take out what was trained",
    "resume": "go on with a recorded training in the dashboard",
    "replay": "watch a recorded training, or a plan file, again",
}
ASKING = "--complete"  # what the shells' scripts call the program with, before the words of the line
SHELLS = ("bash", "zsh", "fish")
FORMATS = ("pytorch", "keras", "csv")
_MOST_SEED = 2**63 - 1

_SCENARIO = "a preset's id, the path of a table (CSV and its like) or of a TOML file, or - for standard input"

_DASHBOARD = """\
Train with stochastic gradient descent, live in the terminal, with your hands on the knobs.

  descend                             the course, from where you left it
  descend SCENARIO [options]          one scenario, training at once
  descend COURSE.toml | FOLDER        your own course, or a folder of scenarios
  descend FILE.csv [--target COLUMN]  the same on your own data
  descend scenarios [--json]          list the presets
  descend scenarios --new NAME        write a scenario file to begin with
  descend scenarios --describe FILE   how each column of a table is read
  descend scenarios --check FILE      what is wrong in a scenario, a course or a folder of scenarios
  descend keys [--json]               list the commands and their keys
  descend train SCENARIO [options]    the same training without a screen
  descend sweep SCENARIO [options]    a map of many trainings: learning rates, batch sizes, any knob
  descend export SCENARIO [options]   a training as a PyTorch or Keras script, or as CSV
  descend predict MODEL TABLE         predictions of a model that `descend train --model` wrote
  descend runs [show|compare|… ID]    what was trained: every training is recorded
  descend resume [ID]                 go on with a training from the step where it ended
  descend replay ID|FILE              watch a training, or a plan file, again"""

_DASHBOARD_NOTES = """\
examples:
  descend moons --learning-rate 0.2 --batch-size 8
  descend line-fit --seed 3 --at 100 learning_rate=0.5 --at 150 batch_size=8 --paused

The knobs, --seed and --at mean what they mean for `descend train`: the same line gives the same numbers there.
In the dashboard a key copies the run on the screen as such a line.

schedules (of the learning rate; what has a value here may be left out):
  {schedules}"""

_EXPORT = """\
Train a scenario and write the training as a file: as a PyTorch or Keras script that trains on the same data,
from the same initial weights, with the same minibatches and changes of the knobs, and comes to the same loss;
or as CSV, one row a step."""

_EXPORT_NOTES = """\
examples:
  descend export line-fit --to pytorch
  descend export moons --to keras --steps 500 --at 250 learning_rate=0.5 --output moons.py

Changes and schedules are written as for `descend train`, whose --help lists them; the CSV's columns are the same.
A script checks its last loss against the one that descend measured. It holds its data itself; where that takes
more than a million characters, in FILE.npz beside it.

exit codes: 0 done (diverged is a result), 2 refused, 130 interrupted after writing what it had"""

_SCENARIOS_NOTES = """\
--check trains each scenario with three seeds, and checks its goal, reference, hints, question and briefing. It names
what asks for nothing, cannot be done, leads nowhere, is too long, or cannot be read; docs/courses.md lists all faults.

exit codes: 0 done, 1 --check found a fault, 2 refused, or a file that --check cannot read"""

_KEYS = """\
List the dashboard's commands with their keys, and the file that changes them: keys.toml in the user's
configuration folder, with a table [keys] of lines like  pause = "f5"  or  help = ["f1", "?"].
A key is a character or a name as listed here. The file is UTF-8 text of at most 100,000 bytes."""

_TRAIN = """\
Train a scenario without a screen and print where it ended. The same scenario, seed and changes give the
same numbers to the last bit, here as in the dashboard, on the same kind of processor."""

_TRAIN_NOTES = """\
examples:
  descend train line-fit --steps 200 --json
  descend train line-fit --epochs 25 --batch-size 2 --csv steps.csv
  descend train line-fit --steps 200 --at 100 learning_rate=0.5 --at 150 batch_size=8
  descend train line-fit --steps 200 --optimizer adam --at 100 schedule=cosine:steps=100
  descend train --resume last --steps 1000 --at 250 learning_rate=0.01
  descend train cars.csv --target price --epochs 20 --model cars.npz

schedules (of the learning rate; what has a value here may be left out):
  {schedules}

The CSV's rows describe the moment before each update: run (1 here; in the dashboard every racer has its rows),
step (counted from 0), epoch and examples (both seen before it), batch_loss, batch_gradient_norm, training_loss and
validation_loss (over all examples, at the steps where they were taken), learning_rate, batch_size (of this very
batch: the last one of an epoch may be short), optimizer, momentum, and w0, w1, … for models of at most 8 weights.
Numbers are written so that they read back exactly; those that are not finite as nan, inf or -inf.

exit codes: 0 done (diverged is a result), 2 refused, 130 interrupted after writing what it had"""


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """The options, `command` among them: dashboard, or one of `COMMANDS`. Raises UsageError in words."""
    named = bool(arguments) and arguments[0] in COMMANDS
    command = arguments[0] if named else "dashboard"
    parser = parser_for(command)
    try:
        options = parser.parse_all(arguments[1:] if named else arguments, _commands_with)
    except UsageError:
        if not named:  # only now: what the dashboard understands is no misspelt command
            _check_command(arguments, list(COMMANDS))
        raise
    options.command = command
    if command == "train":
        _check_what_is_trained(options)
    if command == "sweep":
        from tui.cli.options.sweep_options import check_sweep

        check_sweep(options)
    if command == "runs":
        from tui.cli.options.run_options import check_runs

        check_runs(options)
    if command == "scenarios" and options.json:
        for option in ("new", "describe"):
            if getattr(options, option) is not None:
                raise UsageError(f"--json: cannot be given together with --{option}")
    return options


def _check_what_is_trained(options: argparse.Namespace) -> None:
    """Raises UsageError unless the line names either a scenario or a record to go on with, and of that nothing that
    was settled when it began."""
    if options.resume is None:
        if options.scenario is None:
            raise UsageError("SCENARIO is missing; `descend scenarios` lists them")
        return
    if options.scenario is not None:
        raise UsageError(f"--resume {shortened(options.resume)}: has its scenario; leave out {options.scenario}")
    settled = [*KNOBS, "seed", "epochs", "target", "task", "drop", "scale_target", "allow_outside"]
    for name in settled:
        if getattr(options, name) not in (None, False, []):
            hint = "change a knob with --at" if name in KNOBS else "it is as in the record"
            raise UsageError(f"--{name.replace('_', '-')}: cannot be given together with --resume; {hint}")
    if options.steps is None:
        raise UsageError("--steps is missing; it says how many steps to train on")


def parser_for(command: str) -> OptionParser:
    """The parser of a command's options; of the dashboard's for any other word."""
    if command not in COMMANDS:  # the first frame waits for no other command's options
        return _dashboard_parser()
    from tui.cli.options.predict_options import predict_parser
    from tui.cli.options.run_options import replay_parser, resume_parser, runs_parser
    from tui.cli.options.sweep_options import sweep_parser

    makers: dict[str, Callable[[], OptionParser]] = {
        "train": _train_parser,
        "export": _export_parser,
        "sweep": partial(sweep_parser, _add_data, _schedules()),
        "predict": predict_parser,
        "scenarios": _scenarios_parser,
        "keys": _keys_parser,
        "runs": runs_parser,
        "resume": resume_parser,
        "replay": replay_parser,
    }
    return makers[command]()


def _commands_with(option: str) -> str:
    """The commands that have an option, as they are typed; "" where none has it."""
    found = [command for command in ("dashboard", *COMMANDS) if parser_for(command).knows(option)]
    return ", ".join(f"`descend {command}`".replace(" dashboard", "") for command in found)


def _check_command(arguments: Sequence[str], commands: Sequence[str]) -> None:
    """Raises UsageError where the first word is a misspelt command, and neither a preset nor a file; and where a
    command stands behind options."""
    from scenarios import preset_names

    first = arguments[0]
    behind = next((word for word in arguments if word in commands), None)
    if first.startswith("-") and behind:
        raise UsageError(f"the command comes first: descend {behind} …, and then the options")
    if first not in preset_names() and not _is_path(first):
        for near in difflib.get_close_matches(first, commands, n=1, cutoff=0.7):
            raise UsageError(f"there is no command {shortened(first)}; did you mean `descend {near}`?")


def _is_path(word: str) -> bool:
    """Tell whether a word looks like the path of a file, or is one."""
    try:
        return "." in word or os.sep in word or os.path.lexists(word)
    except ValueError:  # a name that no file can have
        return False


def _dashboard_parser() -> OptionParser:
    parser = OptionParser(
        "descend", _DASHBOARD, _DASHBOARD_NOTES.format(schedules=_schedules()), "descend [SCENARIO] [options]"
    )
    parser.add_argument(
        "scenario",
        metavar="SCENARIO",
        nargs="?",
        help=f"{_SCENARIO}; or a course in TOML, or a folder of scenarios (default: the course where you left it)",
    )
    _add_training(parser, length="pause after so many; without it, train on")
    add_screen(parser)
    words = "show the briefing first, and wait before the first step"
    parser.add_argument("--paused", action="store_true", help=words)
    add_no_record(parser)
    parser.add_argument("--version", action="store_true", help="print the version and exit")
    shells = "print a script that completes command lines, and exit"
    parser.add_argument("--print-completion", metavar="SHELL", choices=SHELLS, help=f"{shells}: {', '.join(SHELLS)}")
    parser.add_argument("--print-manual", action="store_true", help="print the manual page, for man, and exit")
    return parser


def _add_data(parser: OptionParser) -> None:
    words = "of a table, the column to predict (default: the last one)"
    parser.add_argument("--target", metavar="COLUMN", help=words)
    words = "predict a number, or one of the classes (default: as the target is)"
    parser.add_argument("--task", choices=("regression", "classification"), help=words)
    words = "leave this column out; may be given again"
    parser.add_argument("--drop", metavar="COLUMN", action="append", default=[], help=words)
    words = "bring a target of numbers to mean 0 and standard deviation 1"
    parser.add_argument("--scale-target", action="store_true", help=words)
    words = "let data.path in a TOML file lead out of that file's own folder"
    parser.add_argument("--allow-outside", action="store_true", help=words)


def _scenarios_parser() -> OptionParser:
    parser = OptionParser(
        "descend scenarios", "List the presets, simple ones first; or help with your own files.", _SCENARIOS_NOTES
    )
    either = parser.add_mutually_exclusive_group()
    parser.add_argument("--json", action="store_true", help="as one JSON array")
    either.add_argument(
        "--new",
        metavar="NAME",
        type=file_name("--new", suffix=".toml"),
        help="write NAME.toml, a commented scenario to begin with",
    )
    either.add_argument("--describe", metavar="FILE", help="print how each column of a table is read")
    either.add_argument(
        "--check",
        metavar="FILE|FOLDER",
        help="tell the author of a scenario, of a course or of a folder of scenarios what is wrong",
    )
    _add_data(parser)
    _add_force(parser)
    return parser


def _keys_parser() -> OptionParser:
    parser = OptionParser("descend keys", _KEYS)
    parser.add_argument("--json", action="store_true", help="as one JSON object")
    return parser


def _train_parser() -> OptionParser:
    parser = OptionParser("descend train", _TRAIN, _TRAIN_NOTES.format(schedules=_schedules()))
    parser.add_argument("scenario", metavar="SCENARIO", nargs="?", help=_SCENARIO)
    _add_training(parser)
    words = "go on with a recorded training from the step where it ended, by --steps N further ones; no SCENARIO then"
    parser.add_argument("--resume", metavar="ID", help=words)
    add_no_record(parser)
    parser.add_argument("--csv", metavar="FILE", type=file_name("--csv"), help="write one row a step")
    words = "write the trained model, a NumPy .npz, for `descend predict`"
    parser.add_argument("--model", metavar="FILE", type=file_name("--model"), help=words)
    _add_force(parser)
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of a summary")
    return parser


def _export_parser() -> OptionParser:
    plainer = {
        "required: SCENARIO, --to": "required: SCENARIO",
        "the following arguments are required: --to": f"--to is missing; it says which of {', '.join(FORMATS)}",
    }
    parser = OptionParser("descend export", _EXPORT, _EXPORT_NOTES, plainer=plainer)
    parser.add_argument("scenario", metavar="SCENARIO", help=_SCENARIO)
    _add_training(parser)
    parser.add_argument("--to", choices=FORMATS, required=True, help="what kind of file")
    parser.add_argument(
        "--output",
        metavar="FILE",
        type=file_name("--output"),
        help="to write; otherwise one here, named after the scenario",
    )
    _add_force(parser)
    return parser


def _add_force(parser: OptionParser) -> None:
    words = "replace a file that is there already, as soon as all of the new one is written"
    parser.add_argument("--force", action="store_true", help=words)


def _schedules() -> str:
    """The forms in which a schedule is written, a line each."""
    return "\n  ".join(forms())


def _add_training(
    parser: OptionParser, length: str = "how long; needed unless the scenario has a length of its own"
) -> None:
    """Add the options that say what is trained, how long, and with which knobs."""
    _add_data(parser)
    either = parser.add_mutually_exclusive_group()
    for option in ("--steps", "--epochs"):
        either.add_argument(option, metavar="N", type=whole_number(option, least=0), help=length)
    for name, knob in KNOBS.items():
        option = f"--{name.replace('_', '-')}"
        options = [option] if knob.label == name else [option, f"--{knob.label}"]
        value = partial(knob_value, option, name)
        words = f"{knob.about}; see below" if isinstance(knob.kind, Scheduled) else knob.about
        parser.add_argument(*options, metavar=metavar(knob), type=value, help=words)
    seed = whole_number("--seed", least=0, most=_MOST_SEED)
    parser.add_argument("--seed", metavar="N", type=seed, help="of the shuffling")
    first, *_, last = KNOBS
    parser.add_argument(
        "--at",
        action=_AppendChange,
        nargs=2,
        metavar=("STEP", "KNOB=VALUE"),
        default=[],
        help="change a knob before that step; may be given again; knobs are the options from "
        f"--{first.replace('_', '-')} to --{last.replace('_', '-')}",
    )


class _AppendChange(argparse.Action):
    def __call__(self, parser: Any, namespace: argparse.Namespace, values: Any, option_string: Any = None) -> None:
        setattr(namespace, self.dest, [*getattr(namespace, self.dest), _change(*values)])


def _change(step_text: str, assignment: str) -> Change:
    from engine.runs.plan import Change  # not needed for help and lists

    step = whole_number("STEP in --at STEP KNOB=VALUE", least=0)(step_text)
    knob, equals, value = assignment.partition("=")
    if not equals:
        written = "a change is written KNOB=VALUE, as in learning_rate=0.1"
        raise UsageError(f"--at {step}: {written}, not {shortened(assignment)}")
    knob = full_name(knob)
    known_knob(f"--at {step}: ", knob)
    return Change(step, knob, knob_value(f"--at {step} {knob}", knob, value))
