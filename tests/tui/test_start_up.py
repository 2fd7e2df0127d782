"""What the first frame waits for: no NumPy, and nothing of what trains."""

import pickle
import subprocess
import sys

import pytest

import scenarios
from engine.serving.commands import Play, RequestFrame, SetKnob
from engine.serving.process import LocalEngine
from engine.serving.snapshot import View

# All that is imported of the engine before the first frame. A further one makes every start longer: import
# it where it is used, or say here why the first frame needs it.
OURS_AT_FIRST = {
    *("engine", "engine.bounds", "engine.plain_text", "engine.refusals", "engine.runs", "engine.runs.plan"),
    *("engine.runs.standing", "engine.runs.standing.goals"),
    *("engine.serving", "engine.serving.opening", "engine.serving.views"),
    *("engine.training", "engine.training.epochs", "engine.training.knob_kinds", "engine.training.knobs"),
    "engine.training.schedules",
}
HEAVY = {
    *("numpy", "hashlib", "json", "csv", "multiprocessing", "pandas", "plotext", "rich.markdown"),
    *("ssl", "sqlite3", "statistics", "msgspec.inspect"),
    *("scenarios.records.run_store", "tui.export"),
}
BEFORE_THE_FIRST_FRAME = """
import contextlib, io, sys
from tui.cli.command_line import REFUSED, main
with contextlib.redirect_stderr(io.StringIO()):
    assert main(["line-fit"]) == REFUSED  # for want of a terminal: all until then is loaded
import scenarios
from tui.dashboard import start
from tui.late_imports import imported_late, imported_without
with imported_late(*start.NOT_SHOWN_AT_FIRST), imported_without("ssl"):
    from tui.dashboard import app, session
first = app.Dashboard(session.Session(scenarios.load("line-fit"), None, None))
first.training.loss.render_line(0)
print(*sys.modules)
"""

UNCOLLECTED = """
import contextlib, gc, io
import tui.cli.command_line as program
before = gc.get_stats()
with contextlib.redirect_stderr(io.StringIO()):
    assert program.main(["line-fit"]) == program.REFUSED
print(gc.get_stats() == before, gc.isenabled())
"""

WITHOUT_SSL = """
from tui.late_imports import imported_without
with imported_without("ssl"):
    import asyncio
    print(asyncio.sslproto.ssl, end=" ")
import ssl
print(ssl.__name__, asyncio.run(asyncio.sleep(0, "runs")))
"""

USED_LATER = """
from tui.late_imports import imported_late
with imported_late("numpy"):
    import numpy as first
    import tui.painting.canvas as canvas
early = sorted(vars(first))
import pickle
import numpy._core.multiarray  # as unpickling an array does, in another thread
import numpy
assert str(canvas.Canvas(2, 1)) == ""
assert first.zeros(2).tolist() == [0, 0]
assert first.float64 is numpy.float64
assert pickle.loads(pickle.dumps(first.arange(3))).tolist() == [0, 1, 2]
print("zeros" in early, "zeros" in vars(first))
"""


def printed(program):
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    assert done.stderr == ""
    return done.stdout.strip()


def test_the_first_frame_waits_for_nothing_that_it_does_not_show():
    modules = set(printed(BEFORE_THE_FIRST_FRAME).split())
    assert {name for name in modules if name.split(".")[0] == "engine"} == OURS_AT_FIRST
    assert not modules & HEAVY


def test_nothing_is_collected_while_the_program_is_imported():
    assert printed(UNCOLLECTED) == "True True"


def test_snapshots_are_read_without_what_trains(tmp_path):
    engine, replies = LocalEngine(scenarios.load("line-fit"), steps_per_frame=200), []
    engine.listen(replies.append)
    for command in (Play(True), SetKnob("learning_rate", 0.2), RequestFrame(View()), RequestFrame(View())):
        engine.send(command)
    assert replies[-1].changes
    assert replies[-1].obstacle or replies[-1].goal
    file = tmp_path / "replies"
    file.write_bytes(pickle.dumps(replies))
    program = f"import pickle, sys\npickle.load(open({str(file)!r}, 'rb'))\nprint(*sys.modules)"
    modules = set(printed(program).split())
    assert not modules & {"engine.probes", "engine.training.trainer", "engine.runs.run", "engine.training.optimizers"}


def test_a_module_that_is_imported_late_is_whole_once_it_is_used():
    assert printed(USED_LATER) == "False True"


def test_what_is_imported_without_a_library_does_without_it_and_nobody_else():
    assert printed(WITHOUT_SSL) == "None ssl runs"


def test_what_is_loaded_already_is_not_taken_away():
    program = "import json as before\nfrom tui.late_imports import imported_without\nwith imported_without('json'):\n"
    assert printed(f"{program} import json\nprint(json is before)") == "True"


@pytest.mark.parametrize("name", ["numpy", "json"])
def test_what_is_loaded_already_stays_as_it_is(name):
    late = f"from tui.late_imports import imported_late\nwith imported_late('{name}'):\n import {name}"
    program = f"import {name} as before\n{late}"
    assert printed(f"{program}\nprint({name} is before)") == "True"
