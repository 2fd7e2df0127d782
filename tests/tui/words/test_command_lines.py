"""A training as a line: reading it again gives the same plan."""

import math
import shlex
from dataclasses import replace

import pytest

from engine.bounds import MOST_STEPS
from engine.runs.plan import Change, Plan
from engine.training.knobs import Knobs
from engine.training.schedules import parse as parse_schedule
from scenarios import load
from tui.cli.arguments import parse
from tui.cli.loading import load_scenario
from tui.cli.training.planning import opening_of
from tui.words.command_lines import line_of

LINE_FIT = load("line-fit")
START = LINE_FIT.file.training.starting_knobs()
COSINE = parse_schedule("cosine:steps=70,floor=0.123456789")


def read_again(line):
    program, *words = shlex.split(line)
    assert program == "descend"
    options = parse(words)
    scenario = load_scenario(options)
    return scenario, opening_of(scenario, options).plan


@pytest.mark.parametrize(
    "plan",
    [
        Plan(0, START, (), 0),
        Plan(3, replace(START, learning_rate=1 / 3, batch_size=7), (), 250),
        Plan(0, Knobs(0.1, 8, 0.1 + 0.2, "nesterov", COSINE, 1e-7, 2.5, "with_replacement"), (), 12),
        Plan(
            2**63 - 1,
            START,
            (
                Change(0, "learning_rate", 2 / 7),
                Change(5, "schedule", COSINE),
                Change(5, "optimizer", "adamw"),
                Change(9, "gradient_clip", math.inf),
                Change(9, "sampling", "full_batch"),
                Change(9, "batch_size", 1000),
            ),
            10,
        ),
    ],
)
def test_it_reads_back_to_the_plan(plan):
    scenario, again = read_again(line_of(LINE_FIT, plan))
    assert scenario.id == "line-fit"
    changes = tuple(replace_value(change) for change in again.changes)
    assert again._replace(changes=changes) == plan._replace(steps=plan.steps or MOST_STEPS)


def replace_value(change):
    """The change as the engine takes it: a schedule is read from its text."""
    return change._replace(value=parse_schedule(change.value)) if change.knob == "schedule" else change


def test_what_is_as_in_the_scenario_is_left_out():
    assert line_of(LINE_FIT, Plan(0, START, (), 0)) == "descend line-fit"
    changed = Plan(4, replace(START, learning_rate=0.2), (Change(50, "batch_size", 2),), 80)
    assert line_of(LINE_FIT, changed) == "descend line-fit --learning-rate 0.2 --seed 4 --at 50 batch_size=2 --steps 80"


def test_changes_to_come_are_in_it_and_the_length_is_not():
    plan = Plan(0, START, (Change(5, "batch_size", 2),), 20)
    line = line_of(LINE_FIT, plan, (Change(30, "momentum", 0.9),))
    assert line == "descend line-fit --at 5 batch_size=2 --at 30 momentum=0.9"


def test_a_change_at_the_very_end_still_comes():
    line = line_of(LINE_FIT, Plan(0, START, (Change(20, "batch_size", 2),), 20))
    assert line == "descend line-fit --at 20 batch_size=2"


def test_a_table_is_named_with_all_that_is_said_about_it(tmp_path):
    path = tmp_path / "my cars; rm -rf.csv"
    path.write_text("name,weight,price\n" + "".join(f"c{k},{k},{2 * k + k % 3}\n" for k in range(20)))
    scenario = load(str(path), target="price", task="regression", drop=["name"], scale_target=True)
    again, plan = read_again(line_of(scenario, Plan(1, scenario.file.training.starting_knobs(), (), 5)))
    assert (again.file, plan.seed, plan.steps) == (scenario.file, 1, 5)
