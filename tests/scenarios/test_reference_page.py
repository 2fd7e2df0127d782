"""docs/scenarios.md says all, says it right, and its examples run."""

import json
import re
from dataclasses import MISSING, fields
from pathlib import Path
from typing import get_args

import msgspec
import pytest

import scenarios
from engine import schedules
from scenarios import goals, objectives, schema, sources

PAGE = (Path(__file__).parents[2] / "docs" / "scenarios.md").read_text(encoding="utf-8")
TABLES = [
    *(schema.ScenarioFile, schema.Training, schema.Screen),
    *(goals.GoalTable, goals.Target, goals.Keep, goals.Budget, goals.Reference),
]
DATA = [*get_args(sources.GeneratedData), sources.BundledData, sources.CsvData]
LANDSCAPES = get_args(schema.Landscape)
KINDS = [*DATA, *get_args(objectives.Model), *LANDSCAPES]


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


@pytest.mark.parametrize(
    "kind", [*schedules.Schedule.__subclasses__(), schedules.Exponential], ids=lambda kind: kind.kind
)
def test_every_number_of_a_schedule_is_in_its_row(kind):
    (text,) = [row[2] for block in tables() if block[0][2] == "keys" for row in block if row[0] == f"`{kind.kind}`"]
    wanted = [f"`{it.name}`" if it.default is MISSING else f"`{it.name} = {it.default}`" for it in fields(kind)]
    assert text == ", ".join(wanted)


def test_what_changes_in_a_reference_is_named():
    (text,) = [row[3] for block in tables() for row in block if row[0] == "`changes`"]
    assert re.findall(r"`(\w+)`", text) == [field.name for field in msgspec.structs.fields(goals.Change)]


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


def test_there_are_examples():
    assert len(EXAMPLES) == 4
