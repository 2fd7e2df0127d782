"""A docstring begins with a verb or a noun: whoever sees its first line alone knows what the thing is."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SMALL_WORDS = {
    *("Of", "In", "As", "Where", "What", "That", "Which", "By", "For", "With", "Until", "So", "And", "But", "Else"),
    *("To", "Whether", "Those", "Not", "Why", "When", "From", "At", "Up", "About", "These", "Both", "How"),
}


def riddles(source):
    """The first lines that begin with a small word, or in mid-sentence and are no formula, each after its line."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Module):
            line = (ast.get_docstring(node) or "").strip().partition("\n")[0]
            first = (line.split() or [""])[0].rstrip(",:.")
            is_formula = "=" in line or "←" in line
            if first in SMALL_WORDS or (first[:1].islower() and not is_formula):
                found.append(f"{getattr(node, 'lineno', 1)}: {line}")
    return found


@pytest.mark.parametrize("package", ["engine", "scenarios", "tui"])
def test_docstrings_begin_with_a_verb_or_a_noun(package):
    files = sorted((ROOT / package).rglob("*.py"))
    assert files
    assert {str(path.relative_to(ROOT)): found for path in files if (found := riddles(path.read_text("utf-8")))} == {}


@pytest.mark.parametrize(
    ("line", "wrong"),
    [
        ("Of the epoch in which it ends.", True),
        ("Whether it holds.", True),
        ("rows: by number.", True),
        ("v ← βv + d, the heavy ball.", False),
        ("Tell whether it holds.", False),
        ("(n,) the losses.", False),
    ],
)
def test_riddles_are_noticed(line, wrong):
    assert bool(riddles(f'def f():\n    """{line}"""')) is wrong
