"""docs/scenarios.md says all, says it right, and its examples run."""

import json
import re
from dataclasses import MISSING, fields
from pathlib import Path
from typing import get_args, get_type_hints

import msgspec
import pytest

import scenarios
from engine import bounds
from engine.training.schedules import SCHEDULES
from scenarios import ScenarioError, reading
from scenarios.courses.checking import check
from scenarios.data.csv import table_text
from scenarios.files import data_sources, goal_forms, landscape_forms, objective_forms, question_forms, schema
from scenarios.files import toml_text as toml_reading

PAGE = (Path(__file__).parents[2] / "docs" / "scenarios.md").read_text(encoding="utf-8")
TABLES = [
    *(schema.ScenarioFile, schema.Training, schema.Screen),
    *(goal_forms.GoalTable, goal_forms.Target, goal_forms.Keep, goal_forms.Budget, goal_forms.Reference),
    *(question_forms.Question, question_forms.Answer),
]
DATA = [*get_args(data_sources.GeneratedData), data_sources.BundledData, data_sources.CsvData]
LANDSCAPES = get_args(landscape_forms.Landscape)
KINDS = [*DATA, *get_args(objective_forms.Model), *LANDSCAPES]


def tables():
    """The page's tables: every one a list of rows, its first line left out."""
    blocks = re.findall(r"(?:^\|.*\n)+", PAGE, re.MULTILINE)
    return [
        [[cell.strip() for cell in re.split(r"(?<!\\)\|", row)[1:-1]] for row in block.splitlines()] for block in blocks
    ]


def toml(value):
    return json.dumps(list(value) if isinstance(value, tuple) else value)


def default(field):
    """As the page writes it; a table or a value that may be absent is `none`."""
    if field.default is msgspec.NODEFAULT or field.default is MISSING:
        return "required"
    return "none" if field.default is None or isinstance(field.default, msgspec.Struct) else f"`{toml(field.default)}`"


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.__name__)
def test_every_key_of_a_table_has_its_row(table):
    wanted = [(f"`{field.name}`", default(field)) for field in msgspec.structs.fields(table)]
    found = [[(row[0], row[2]) for row in block[2:]] for block in tables() if len(block[0]) == 4]
    assert sorted(wanted) in [sorted(rows) for rows in found]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_key_of_a_kind_is_in_its_row_or_common(kind):
    blocks = tables()
    tag = f"`{kind.__struct_config__.tag}`"
    ((place, text),) = [
        (k, row[2])
        for k, block in enumerate(blocks)
        for row in block
        if row[0] == tag and len(row) == 3 and (block[0][2] != "keys")
    ]
    before = [block for block in blocks[max(0, place - 2) : place] if block[0][0] == "key"]
    common = {row[0]: row[2] for block in before for row in block[2:]}
    for field in msgspec.structs.fields(kind):
        own = f"`{field.name}`" if default(field) in ("required", "none") else f"`{field.name} = {default(field)[1:]}"
        assert own in text or common[f"`{field.name}`"] == default(field), field.name


@pytest.mark.parametrize("kind", SCHEDULES.values(), ids=SCHEDULES)
def test_every_number_of_a_schedule_is_in_its_row(kind):
    (text,) = [row[2] for block in tables() if block[0][2] == "keys" for row in block if row[0] == f"`{kind.kind}`"]
    wanted = [f"`{it.name}`" if it.default is MISSING else f"`{it.name} = {it.default}`" for it in fields(kind)]
    assert text == ", ".join(wanted)


def test_what_changes_in_a_reference_is_named():
    text = next(row[3] for block in tables() if "[reference]" in block[0][0] for row in block if row[0] == "`changes`")
    assert re.findall(r"`(\w+)`", text) == [field.name for field in msgspec.structs.fields(goal_forms.Change)]


BOUNDS = {
    "the file": f"{reading._MAX_BYTES:,} bytes; a key of {toml_reading._MOST_PARTS} parts",
    "every number": f"from −{bounds.LARGEST:g} to {bounds.LARGEST:g}".replace("e+", "e"),
    "every whole number, unless its row says less": f"{bounds.MOST_STEPS:,}; of a `seed` {bounds.MOST_SEED:,}",
    "weights of a model": f"{bounds.MOST_WEIGHTS:,}",
    "examples times features, or times the powers of a polynomial": f"{bounds.MOST_NUMBERS:,}",
    "examples times weights": f"{bounds.MOST_PRODUCTS:,}",
    "examples of a minibatch times the hidden units and outputs of a network": f"{bounds.MOST_UNITS:,}",
}


def test_the_bounds_are_those_that_hold():
    (found,) = [{row[0]: row[1] for row in block[2:]} for block in tables() if block[0][:2] == ["what", "at most"]]
    assert found == BOUNDS
    assert f"{table_text.MAX_BYTES:,} bytes" in PAGE.replace("\n", " ")
    assert bounds.MOST_BATCH == bounds.MOST_STEPS


def numeric_types(annotation, constraints=()):
    """Of a field: every number in its type, with what msgspec is told of it."""
    if hasattr(annotation, "__metadata__"):
        return numeric_types(annotation.__origin__, (*constraints, *annotation.__metadata__))
    if annotation in (int, float):
        return [(annotation, constraints)]
    return [found for part in get_args(annotation) for found in numeric_types(part, constraints)]


@pytest.mark.parametrize("table", [*TABLES, *KINDS, goal_forms.Change], ids=lambda table: table.__name__)
def test_every_number_has_a_bound(table):
    fields = get_type_hints(table, include_extras=True)
    for name in table.__struct_fields__:
        for kind, constraints in numeric_types(fields[name]):
            most = [it.le or it.lt for it in constraints if it.le is not None or it.lt is not None]
            assert most or kind is float, name  # a file's floats are held to 1e100, all of them


def test_a_number_beyond_is_refused_wherever_it_stands():
    for key in ("learning_rate", "weight_decay", "gradient_clip", "weights"):
        value = "[1, 1e101]" if key == "weights" else "1e101"
        text = re.sub("(?m)^learning_rate = .*\n", "", EXAMPLES[0]) if key == "learning_rate" else EXAMPLES[0]
        with pytest.raises(ScenarioError, match="must be from −1e100 to 1e100"):
            reading.parse(text.replace("[training]", f"[training]\n{key} = {value}"), "mine.toml")
    with pytest.raises(ScenarioError, match=r"`goal.target.training_loss` = 1e\+101: must be from"):
        reading.parse(EXAMPLES[0].replace("training_loss = 1.2", "training_loss = 1e101"), "mine.toml")
    with pytest.raises(ScenarioError, match="must be from −1e100 to 1e100"):
        reading.parse(EXAMPLES[0].replace("learning_rate = 0.2 }", "learning_rate = 1e101 }"), "mine.toml")


EXAMPLES = re.findall(r"^```toml\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda text: re.search('title = "(.*)"', text)[1])
def test_an_example_runs(example, tmp_path):
    (table,) = re.findall(r"^```csv\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    (tmp_path / "cars.csv").write_text(table)
    (tmp_path / "mine.toml").write_text(example)
    run = scenarios.load(str(tmp_path / "mine.toml")).run()
    before = run.trainer.loss()
    run.advance(20)
    assert run.trainer.loss() < before


def test_the_first_example_is_one_to_follow(tmp_path):
    (tmp_path / "mine.toml").write_text(EXAMPLES[0])
    assert check(scenarios.load(str(tmp_path / "mine.toml"))).faults == ()


def test_there_are_examples():
    assert len(EXAMPLES) == 4
