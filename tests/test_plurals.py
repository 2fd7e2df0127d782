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
    "regularisation.py": "an error of the program's",
    "gradients.py": "a sample of hundreds of examples",
    "measured_floor.py": "dozens of replicas, thousands of steps",
    "noise_floor.py": "a sample of hundreds of examples",
    "sampling.py": "a sample of hundreds of examples",
    "plan.py": "beyond the bound of 10^12",
    "races.py": "at least two",
    "swarm.py": "bounds of hundreds",
    "trainer.py": "an error of the program's",
    "csv_files.py": "more entries than columns, of which there are two at least; bounds",
    "csv_layout.py": "at least two columns; more entries than those",
    "csv_notes.py": "of all lines, of which there are two at least",
    "csv_roles.py": "at least two classes; all lines; bounds",
    "own_data.py": "at least two classes, two lines",
    "table_text.py": "a bound",
    "objective_forms.py": "bounds; at least two classes",
    "outside_files.py": "beyond a bound",
    "consequences.py": "two numbers, before and after",
    "measures.py": "all examples, with noise: two at least",
    "goal_line.py": "epochs to a tenth, as in 1.0 epochs",
    "loss_curves.py": "a window of at least some steps",
    "plane_map.py": "a plane: more than two weights",
    "new_files.py": "one step has words of its own; a part of more steps",
    "recording.py": "a bound",
    "file_names.py": "a bound",
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
    assert not found or path.name in MANY


def test_every_exception_is_one():
    assert [path.name for path in sources() if path.name in MANY and not list(counted_in_plural(path))] == []
    assert set(MANY) <= {path.name for path in sources()}
