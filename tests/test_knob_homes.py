"""All that speak of knobs draw on the engine's one table: command line, scenario files, references, optimizers."""

import dataclasses
import math
import re
from pathlib import Path
from typing import get_args, get_type_hints

import msgspec
import pytest

from engine.training.knobs import KNOBS, Knobs
from engine.training.optimizers import OPTIMIZERS
from engine.training.trainer import Trainer
from scenarios.files.goal_forms import Change
from scenarios.files.schema import Training
from tui.cli.arguments import parse

NAMES = list(KNOBS)


def test_the_table_has_every_knob_and_its_default():
    assert [field.name for field in dataclasses.fields(Knobs)] == NAMES
    assert {name: knob.default for name, knob in KNOBS.items()} == dataclasses.asdict(Knobs()) | {
        "schedule": Knobs().schedule
    }


def test_the_names_of_optimizers_are_those_of_their_classes():
    assert tuple(OPTIMIZERS) == KNOBS["optimizer"].kind.names
    assert all(set(knob.acts_with) <= set(OPTIMIZERS) for knob in KNOBS.values())


def test_every_knob_is_an_option_with_its_words(capsys):
    with pytest.raises(SystemExit):
        parse(["train", "--help"])
    text = " ".join(capsys.readouterr().out.split())
    for name, knob in KNOBS.items():
        assert f"--{name.replace('_', '-')} " in text
        assert knob.about in text


@pytest.mark.parametrize("table", [Training, Change])
def test_a_scenario_has_a_key_for_every_knob(table):
    assert [name for name in table.__struct_fields__ if name in NAMES] == NAMES
    assert set(table.__struct_fields__) - set(NAMES) <= {"step", "weights", "seed", "epochs"}


# Of each kind of range its ends, as a file may have them: the engine and the file must judge alike.
VALUES = (-1, -0.1, 0, 1e-9, 0.5, 0.999, 1, 2, 1e90)


@pytest.mark.parametrize("table", [Training, Change])
@pytest.mark.parametrize("value", VALUES)
@pytest.mark.parametrize("name", [it for it in NAMES if isinstance(KNOBS[it].default, int | float)])
def test_a_file_takes_what_the_engine_takes(table, name, value):
    hint = get_type_hints(table, include_extras=True)[name]
    if name == "batch_size":
        value = int(min(value, 1e12))
    try:
        Knobs(**{name: value})
        allowed = True
    except ValueError:
        allowed = False
    try:
        msgspec.convert(value, hint)
        taken = True
    except msgspec.ValidationError:
        taken = False
    assert taken == allowed


def test_a_key_that_is_left_out_is_the_engines_default():
    file = msgspec.convert({"learning_rate": 0.1, "batch_size": 4}, Training)
    assert Knobs(**file.knobs()) == Knobs(learning_rate=0.1, batch_size=4)
    assert msgspec.convert({"step": 3}, Change).knobs() == {}
    assert math.isinf(Knobs(**file.knobs()).gradient_clip)


@pytest.mark.parametrize("name", ["optimizer", "sampling"])
def test_a_file_has_the_engines_names(name):
    assert get_args(get_type_hints(Training)[name]) == KNOBS[name].kind.names


def test_the_pages_name_every_knob_and_every_choice():
    docs = Path(__file__).parents[1] / "docs"
    (row,) = re.findall(r"^\| knob \| .*: (.*) \|$", (docs / "architecture.md").read_text("utf-8"), re.MULTILINE)
    assert row.split(", ") == [knob.title for knob in KNOBS.values()]
    page = (docs / "scenarios.md").read_text("utf-8")
    for name in ("optimizer", "sampling"):
        (row,) = re.findall(rf"^\| `{name}` \|.*$", page, re.MULTILINE)
        assert re.findall(r'`"(\w+)"`', row) == list(KNOBS[name].kind.names)


@pytest.mark.parametrize("name", ["optimizer", "sampling"])
def test_the_names_to_choose_from_are_listed_in_one_place(name):
    root, names = Path(__file__).parents[1], KNOBS[name].kind.names
    lists = [
        (str(path.relative_to(root)), line.strip())
        for package in ("engine", "scenarios", "tui")
        for path in (root / package).rglob("*.*")
        if path.suffix in (".py", ".toml")
        for line in path.read_text("utf-8").splitlines()
        if all(re.search(rf"\b{it}\b", line, re.IGNORECASE) for it in names[1:])
    ]
    assert [path for path, _ in lists] == ["engine/training/knobs.py"], lists


def test_a_knob_is_an_attribute_of_the_trainer():
    assert set(NAMES) <= set(dir(Trainer))


def test_the_batch_in_effect_is_worked_out_in_one_place():
    root = Path(__file__).parents[1]
    rule = re.compile(r"""min\([\w.]*batch_size, [\w.]*examples\)|if [\w.]*sampling == "full_batch" else""")
    homes = {
        str(path.relative_to(root))
        for package in ("engine", "scenarios", "tui")
        for path in (root / package).rglob("*.py")
        if rule.search(path.read_text("utf-8"))
    }
    # The reference is there to be read, and draws on nothing of what it defines.
    assert homes == {"engine/bounds.py", "engine/training/reference.py"}


def test_a_gradient_acts_as_long_as_the_momentum_says():
    assert Knobs(momentum=0.9).memory == pytest.approx(10)  # 1 + 0.9 + 0.9² + …
    assert Knobs(optimizer="nesterov", momentum=0.5).memory == 2
    assert math.isnan(Knobs(optimizer="adam").memory)
