"""What descend uses of Textual's private parts: is it all there, and is it in one file?"""

import ast
import importlib
import inspect
from functools import cache
from importlib.metadata import version
from pathlib import Path

import pytest

import tui
from tui.terminal import textual_internals
from tui.terminal.textual_internals import RELIED_UPON

HOME = Path(textual_internals.__file__)
SOURCES = {
    path: ast.parse(text)
    for path in Path(tui.__file__).parent.rglob("*.py")
    if "textual" in (text := path.read_text("utf-8")).lower()
}


def owner_of(path):
    """The module or class of that dotted path; fails in words where Textual has it no more."""
    module, _, name = path.rpartition(".")
    try:
        return getattr(importlib.import_module(module), name) if name[0].isupper() else importlib.import_module(path)
    except (ImportError, AttributeError):
        pytest.fail(f"Textual {version('textual')} has no {path} any more; see tui/terminal/textual_internals.py")


@cache
def classes_of(module):
    """(name, all private names that it gives itself or its objects) for the classes of a module."""
    tree = ast.parse(Path(importlib.import_module(module).__file__).read_text("utf-8"))
    return {node.name: frozenset(_given(node)) for node in ast.walk(tree) if isinstance(node, ast.ClassDef)}


def _given(tree):
    for node in tree.body:
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        for name in (name for target in targets if target for name in ast.walk(target)):
            if isinstance(name, ast.Name):
                yield name.id
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store) and ast.unparse(node.value) == "self":
            yield node.attr


def gives_itself(kind, name):
    """Whether the class, or one that it is made from, has an attribute of that name, or its objects have."""
    bases = [base for base in kind.__mro__ if base.__module__.startswith("textual")]
    return any(name in classes_of(base.__module__)[base.__name__] for base in bases)


@pytest.mark.parametrize(("path", "name"), RELIED_UPON)
def test_textual_still_has_it(path, name):
    owner = owner_of(path)
    found = gives_itself(owner, name) if inspect.isclass(owner) else hasattr(owner, name)
    assert found, f"Textual {version('textual')} changed {path}.{name}; see tui/terminal/textual_internals.py"


def test_a_part_that_is_gone_is_told_in_words():
    assert not gives_itself(owner_of("textual.app.App"), "_gone")
    with pytest.raises(pytest.fail.Exception, match=r"Textual [\d.]+ has no textual\.app\.Gone any more"):
        owner_of("textual.app.Gone")


def is_private(name):
    return name.startswith("_") and not name.startswith("__") and name != "_"


def own_names():
    """Every private name that tui gives to something of its own, and those of the standard library that it uses."""
    names = {"_exit", "_replace"}  # os._exit; of named tuples, which is public
    for path, tree in SOURCES.items():
        if path != HOME:
            kinds = [node for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
            names |= {name for part in (tree, *kinds) for name in _given(part)}
    return names


def test_nothing_private_is_touched_or_imported_anywhere_else():
    own = own_names()
    for path, tree in SOURCES.items():
        for node in ast.walk(tree) if path != HOME else ():
            if isinstance(node, ast.Attribute):
                assert not is_private(node.attr) or node.attr in own, f"{path}:{node.lineno}: {node.attr}"
            elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("textual"):
                names = [*node.module.split("."), *(alias.name for alias in node.names)]
                assert not any(map(is_private, names)), f"{path}:{node.lineno}: {names}"


def test_no_private_name_of_ours_is_one_of_textual_s():
    # A method or attribute of that name would take the place of Textual's own, without anybody having meant it.
    for path in SOURCES:
        if path == HOME or path.stem == "__main__" or path.parent.name == "entry":
            continue
        module = ".".join(("tui", *path.relative_to(Path(tui.__file__).parent).with_suffix("").parts))
        for name, ours in classes_of(module).items():
            kind = getattr(importlib.import_module(module), name)
            for base in kind.__mro__:
                if base.__module__.startswith("textual."):
                    theirs = classes_of(base.__module__).get(base.__name__, frozenset())
                    clash = sorted(filter(is_private, ours & theirs))
                    assert not clash, f"{module}.{name} takes the place of {clash} of {base.__qualname__}"
