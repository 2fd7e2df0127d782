"""Scripts of trainings whose texts are as hostile as can be, and whether they are Python that says what it was told."""

import ast
import functools
import random
import tempfile
from dataclasses import replace
from pathlib import Path

import msgspec

import scenarios
from engine.runs.plan import Change, Plan
from tui.export.recording import record
from tui.export.targets import LIBRARIES

PRESETS = ("line-fit", "one-weight", "moons", "ravine", "potholes", "small-batch-escape", "plateau", "fuel-economy")
CHANGES = (
    Change(2, "learning_rate", 0.013), Change(3, "batch_size", 7), Change(4, "momentum", 0.5),
    Change(4, "optimizer", "adamw"), Change(5, "schedule", "cosine:steps=9,floor=0.1"),
    Change(6, "gradient_clip", 0.5), Change(7, "weight_decay", 0.01), Change(8, "sampling", "with_replacement"),
)  # fmt: skip
STEPS = 10
# What could end a comment or a literal, or be heard by Python or by an editor before it reads the first statement.
PIECES = (
    *('"', "'", '"""', "\'\'\'", "\\", "\\\\", "\n", "\r", "\r\n", "\f", "\v", "\0", "\t", " ", "#", "{", "}", "{0}"),
    *("%s", "\ufeff", "\u2028", "\u2029", "\x85", "\x1b]52;c;QQ==\x07", "\x9b31m", "\u202e", "\ud800", "\udcff"),
    *("coding: unicode_escape", "-*- coding: utf-7 -*-", "vim: set fileencoding=rot13 :", "coding=latin-1"),
    *("\\x0aimport os\\x0a", "\\u000aprint()", "\\N{LINE FEED}", "+AAo-", "import os; os._exit(7)", "__import__('os')"),
    *("é", "名", "אב", "𝒳", "🙂", "\U0010ffff", "a", "Z", "0", "_", "title", "if True:", "class", "lambda: 0"),
    *("coding:utf8", "DATA = ", "\x1a", "\x7f"),
)  # fmt: skip


def hostile_text(generator: random.Random, most: int = 12) -> str:
    """A text of such pieces, now and then with any characters at all."""
    pieces = [generator.choice(PIECES) for _ in range(generator.randint(0, most))]
    if generator.random() < 0.3:
        pieces.append("".join(chr(generator.randrange(0x110000)) for _ in range(generator.randint(1, 20))))
    generator.shuffle(pieces)
    return "".join(pieces)


def described(scenario, *, title, path):
    """The scenario under these, past the schema, which would refuse most of such titles."""
    file = msgspec.structs.replace(scenario.file)
    msgspec.structs.force_setattr(file, "title", title)
    for field in ("summary", "briefing"):
        msgspec.structs.force_setattr(file, field, title)
    return replace(scenario, id=path, file=file)


def planned(run, steps, changes=()):
    """A new run, and the plan by which it is to train."""
    return run, Plan(run.trainer.seed, run.trainer.knobs, tuple(changes), steps)


@functools.cache
def recorded(name, changes=()):
    """A preset and a short training of it."""
    scenario = scenarios.load(name)
    return scenario, record(*planned(scenario.run(), STEPS, changes))


def recorded_csv(generator):
    """A scenario made of a CSV file with hostile names, texts and classes, as the program reads it; None where it
    refuses that."""
    columns, classes = ["a" + hostile_text(generator, 3) for _ in range(3)], [hostile_text(generator, 3) for _ in "ab"]
    rows = [[str(generator.gauss(0, 1)), hostile_text(generator, 1), generator.choice(classes)] for _ in range(12)]
    text = "\n".join(",".join(f'"{entry.replace(chr(34), chr(34) * 2)}"' for entry in row) for row in [columns, *rows])
    folder = tempfile.mkdtemp(dir=_tables().name)  # they stay, for a script reads how its columns were scaled
    path = Path(folder) / (hostile_text(generator, 3).replace("/", "").replace("\0", "")[:40] + ".csv")
    try:
        path.write_bytes(text.encode("utf-8", "replace"))
        scenario = scenarios.load(str(path))
    except (OSError, UnicodeEncodeError, scenarios.ScenarioError):
        return None
    return scenario, record(*planned(scenario.run(), STEPS))


@functools.cache
def _tables():
    return tempfile.TemporaryDirectory()


def check(library, scenario, recording):
    """Raise AssertionError where the script is no Python, or says anything else than it was told.

    It is read as Python reads it from its file: in the encoding that its first two lines say.
    """
    content = LIBRARIES[library](scenario, recording).text.encode()
    tree = ast.parse(content)
    compile(content, "<script>", "exec")
    assert content.startswith(b"# -*- coding: utf-8 -*-\n# Written by descend ")
    named = {
        node.targets[0].id: node.value.value
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
    }
    assert named["TITLE"] == scenario.file.title
    assert named["SCENARIO"] == Path(scenario.id).name
    statements = [type(node).__name__ for node in tree.body]
    usual = LIBRARIES[library](described(scenario, title="T", path="p"), recording).text
    assert statements == [type(node).__name__ for node in ast.parse(usual).body]
    assert content.count(b"\n") == usual.count("\n")
