"""The options of `descend sweep`. Standard library only."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from functools import partial
from typing import Any

from engine.bounds import MOST_SEED
from engine.plain_text import shortened
from engine.training.knobs import KNOBS
from tui.cli.options.axis_values import axis_values
from tui.cli.options.option_parser import OptionParser
from tui.cli.options.screen_options import add_look
from tui.home.file_names import file_name
from tui.words.assignments import metavar, whole_number
from tui.words.usage_error import UsageError

MEASURES = ("training_loss", "validation_loss", "steps_to_goal", "examples_to_goal")
BACKENDS = ("processes", "dask")
_MOST_SEEDS, _MOST_JOBS, _MOST_SHARDS = 100_000, 1024, 100_000

_SWEEP = """\
Train a scenario with many values of its knobs, and with several seeds each, and show what came of it as a map: which
learning rates and batch sizes train at all, how far they get, and where the edge is. Each training is the one that
`descend train` does with that seed and those knobs.

  descend sweep SCENARIO --learning-rate 0.001:1:13 --batch-size 1,4,16,64 --seeds 5 --steps 1000
  descend sweep --merge FILE …          the same of what the parts of a sweep have written (--shard)

A knob takes one value, a list (1,2,4) or a range FROM:TO:COUNT of equal factors (FROM:TO:COUNT:linear for equal
steps). What is finished is kept at once: ctrl+c ends a sweep, and the same line goes on with what is missing."""

_SWEEP_NOTES = """\
examples:
  descend sweep line-fit --learning-rate 0.001:1:13 --batch-size 1:256:9 --seeds 5 --steps 2000
  descend sweep moons --optimizer sgd,adam --learning-rate 0.001:1:7 --epochs 20 --csv moons.csv
  descend sweep cars.csv --target price --learning-rate 0.001:1:7 --batch-size 8,64 --measure validation_loss
  descend sweep line-fit --learning-rate 0.01:1:9 --batch-size 1:256:9 --steps 200 --measure steps_to_goal
  descend sweep line-fit --range-test --batch-size 8
  descend sweep line-fit --learning-rate 0.001:1:13 --batch-size 1:256:9 --steps 500 --shard 1/4 --json part1.json

Without a terminal, and with --csv or --json, there is a row for each training: the knobs that are swept, seed, steps,
examples, status, training_loss, validation_loss, steps_to_goal, examples_to_goal. Losses are those at its end, over
all examples. Numbers are written so that they read back exactly; in CSV those that are not finite as nan, inf or -inf,
in JSON as null. The goal is the scenario's; not reached is inf, and without a goal nan.

schedules (of the learning rate; what has a value here may be left out):
  {schedules}

exit codes: 0 done (diverged is a result), 2 refused, 130 interrupted; what was finished is kept"""


class _Once(argparse.Action):
    """Keeps a value, and refuses a second one."""

    def __call__(self, parser: Any, namespace: argparse.Namespace, values: Any, option_string: Any = None) -> None:
        if getattr(namespace, self.dest) is not None:
            raise UsageError(f"{option_string}: is there twice; write all values after one of them, as in 1,2,4")
        setattr(namespace, self.dest, values)


def sweep_parser(add_data: Callable[[OptionParser], None], schedules: str) -> OptionParser:
    """The parser of `descend sweep`. add_data: adds the options that say what of a table is read. schedules: their
    forms."""
    parser = OptionParser("descend sweep", _SWEEP, _SWEEP_NOTES.format(schedules=schedules))
    words = "a preset's id, the path of a table (CSV and its like) or of a TOML file, or - for standard input"
    parser.add_argument("scenario", metavar="SCENARIO", nargs="?", help=words)
    add_data(parser)
    for name, knob in KNOBS.items():
        option = f"--{name.replace('_', '-')}"
        options = [option] if knob.label == name else [option, f"--{knob.label}"]
        value = partial(axis_values, option, name)
        parser.add_argument(*options, metavar=f"{metavar(knob)},…", action=_Once, type=value, help=knob.about)
    either = parser.add_mutually_exclusive_group()
    for option in ("--steps", "--examples", "--epochs"):
        words = "how long each training is; needed unless the scenario has a length of its own"
        either.add_argument(option, metavar="N", type=whole_number(option, least=1), help=words)
    seeds = whole_number("--seeds", least=1, most=_MOST_SEEDS)
    parser.add_argument("--seeds", metavar="N", type=seeds, default=3, help="how many of each (%(default)s)")
    seed = whole_number("--seed", least=0, most=MOST_SEED)
    parser.add_argument("--seed", metavar="N", type=seed, help="the first one (default: the scenario's)")
    words = "what the map shows, less is better (%(default)s)"
    parser.add_argument("--measure", choices=MEASURES, default=MEASURES[0], help=words)
    words = "in place of the scenario's goal: a training loss of this or less"
    parser.add_argument("--target-loss", metavar="LOSS", type=_loss, help=words)
    words = "instead of a sweep, the learning-rate range test of one setting: the loss while the rate grows"
    parser.add_argument("--range-test", action="store_true", help=words)
    _add_outputs(parser)
    _add_places(parser)
    add_look(parser)
    return parser


def _add_outputs(parser: OptionParser) -> None:
    words = "write a row for each training to this file, or with - to standard output"
    parser.add_argument("--csv", metavar="FILE", type=_file_or_stdout("--csv"), help=words)
    words = "the same as one JSON object, with the values and the seeds"
    parser.add_argument("--json", metavar="FILE", nargs="?", const="-", type=_file_or_stdout("--json"), help=words)
    words = "write one page with the map and all numbers to this file, for a browser"
    parser.add_argument("--html", metavar="FILE", type=file_name("--html"), help=words)
    words = "replace files that are there already, as soon as all of the new ones is written"
    parser.add_argument("--force", action="store_true", help=words)


def _add_places(parser: OptionParser) -> None:
    words = "in how many processes (default: as many as there are processors)"
    parser.add_argument("--jobs", metavar="N", type=whole_number("--jobs", least=1, most=_MOST_JOBS), help=words)
    words = "train on this machine, or on a Dask cluster (%(default)s); docs/sweeps.md"
    parser.add_argument("--backend", choices=BACKENDS, default=BACKENDS[0], help=words)
    words = "of the Dask cluster, as in tcp://10.0.0.1:8786"
    parser.add_argument("--scheduler", metavar="ADDRESS", help=words)
    words = "train only every N-th cell, from the I-th on; for --merge"
    parser.add_argument("--shard", metavar="I/N", type=_shard, help=words)
    words = "put together the files that the parts of a sweep have written with --json or --csv"
    parser.add_argument("--merge", metavar="FILE", nargs="+", help=words)
    words = "train also what earlier sweeps have trained already"
    parser.add_argument("--fresh", action="store_true", help=words)
    parser.add_argument("--yes", action="store_true", help="train however many cells there are")


def _loss(text: str) -> float:
    try:
        loss = float(text)
    except ValueError:
        loss = float("nan")
    if not abs(loss) < float("inf"):
        raise UsageError(f"--target-loss must be a finite number, not {shortened(text)}")
    return loss


def _file_or_stdout(option: str) -> Callable[[str], str]:
    return lambda text: text if text == "-" else file_name(option)(text)


def _shard(text: str) -> tuple[int, int]:
    part, slash, parts = text.partition("/")
    try:
        which, count = int(part), int(parts)
    except ValueError:
        which = count = 0
    if not (slash and 1 <= which <= count <= _MOST_SHARDS):
        raise UsageError(f"--shard must be I/N, from 1/N to N/N, as in 2/8, not {shortened(text)}")
    return which, count


def check_sweep(options: argparse.Namespace) -> None:
    """Raise UsageError for options that contradict one another."""
    if options.merge is not None:
        settled = ("steps", "examples", "epochs", "seed", "target_loss", "shard", "scheduler", "jobs")
        others = (*KNOBS, "scenario", *settled, "html", "range_test")
        for name in others:
            if getattr(options, name) not in (None, False):
                said = options.scenario if name == "scenario" else f"--{name.replace('_', '-')}"
                raise UsageError(f"--merge: cannot be given together with {shortened(said)}; the files have it")
        return
    if options.scenario is None:
        raise UsageError("SCENARIO is missing; `descend scenarios` lists them")
    if options.range_test:
        _check_range_test(options)
    if options.csv == options.json == "-":
        raise UsageError("--csv - and --json: cannot both go to standard output; give one of them a file")
    if (options.backend == "dask") != (options.scheduler is not None):
        missing = "--scheduler is missing; it is" if options.backend == "dask" else "--scheduler: is"
        raise UsageError(f"{missing} the address of a Dask scheduler, for --backend dask")
    if options.backend == "dask" and options.jobs is not None:
        raise UsageError("--jobs: is for this machine; a Dask cluster has as many processes as its workers")


def _check_range_test(options: argparse.Namespace) -> None:
    for name in ("steps", "examples", "epochs", "target_loss", "csv", "json", "html", "shard", "scheduler", "jobs"):
        if getattr(options, name) is not None:
            words = "a range test has a length of its own, and no rows"
            raise UsageError(f"--range-test: cannot be given together with --{name.replace('_', '-')}; {words}")
