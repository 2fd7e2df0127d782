"""One step, two steps: whoever counts something in a sentence says so with `counted`, which knows one from many."""

import ast
import re
from pathlib import Path

import pytest

from engine.plain_text import counted

ROOT = Path(__file__).parents[1]
NOUNS = [
    "batches",
    "bytes",
    "characters",
    "classes",
    "columns",
    "digits",
    "entries",
    "epochs",
    "examples",
    "features",
    "lines",
    "numbers",
    "points",
    "replicas",
    "rows",
    "runs",
    "seeds",
    "steps",
    "units",
    "updates",
    "values",
    "weights",
]
_PLURAL = re.compile(rf" ({'|'.join(NOUNS)})\b(?!/s)")

# What is counted there is never one.
MANY = {
    "engine/model/regularisation.py": "an error of the program's",
    "engine/probes/gradients.py": "a sample of hundreds of examples",
    "engine/probes/measured_floor.py": "dozens of replicas, thousands of steps",
    "engine/probes/quadratic.py": "a sample of hundreds of examples",
    "engine/probes/sampling.py": "a sample of hundreds of examples",
    "engine/runs/plan.py": "beyond the bound of 10^12",
    "engine/runs/races.py": "at least two",
    "engine/runs/swarm.py": "bounds of hundreds",
    "engine/training/trainer.py": "an error of the program's",
    "scenarios/data/csv_files.py": "more entries than columns, of which there are two at least; bounds",
    "scenarios/data/csv_layout.py": "at least two columns; more entries than those",
    "scenarios/data/csv_notes.py": "of all lines, of which there are two at least",
    "scenarios/data/csv_roles.py": "at least two classes; all lines; bounds",
    "scenarios/data/own_data.py": "at least two classes, two lines",
    "scenarios/data/table_text.py": "a bound",
    "scenarios/files/objective_forms.py": "bounds; at least two classes",
    "scenarios/files/outside_files.py": "beyond a bound",
    "tui/dashboard/panels/controls/consequences.py": "two numbers, before and after",
    "tui/dashboard/panels/controls/measures.py": "all examples, with noise: two at least",
    "tui/dashboard/panels/goal_line.py": "epochs to a tenth, as in 1.0 epochs",
    "tui/dashboard/panels/loss/loss_curves.py": "a window of at least some steps",
    "tui/dashboard/panels/weights/plane_map.py": "a plane: more than two weights",
    "tui/export/new_files.py": "one step has words of its own; a part of more steps",
    "tui/export/recording.py": "a bound",
    "tui/home/file_names.py": "a bound",
    "tui/home/progress.py": "a bound",
}


def counted_in_plural(path):
    """The places where a value stands in a text right before a noun in the plural."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.JoinedStr):
            for value, after in zip(node.values, node.values[1:], strict=False):
                plural = _PLURAL.match(str(after.value)) if isinstance(after, ast.Constant) else None
                if plural and isinstance(value, ast.FormattedValue) and not _is_word(value):
                    yield node.lineno, plural[1]


def _is_word(value):
    """Whether the value is no number: it is a call of `counted` or the like, which ends with a noun of its own."""
    return isinstance(value.value, ast.Call) and getattr(value.value.func, "id", "") == "counted"


def test_the_noun_follows_the_number():
    assert [counted(number, "step") for number in (0, 1, 2, 1200)] == ["0 steps", "1 step", "2 steps", "1,200 steps"]
    assert counted(2, "entry", "entries") == "2 entries"
    assert counted(1, "entry", "entries") == "1 entry"


def sources():
    return [path for package in ("engine", "scenarios", "tui") for path in sorted((ROOT / package).rglob("*.py"))]


@pytest.mark.parametrize("path", sources(), ids=lambda path: str(path.relative_to(ROOT)))
def test_nothing_is_counted_that_may_be_one(path):
    found = list(counted_in_plural(path))
    assert not found or str(path.relative_to(ROOT)) in MANY


def test_every_exception_is_one():
    assert [name for name in MANY if not list(counted_in_plural(ROOT / name))] == []
