"""What the first frame waits for: no NumPy, and nothing of what trains."""

import subprocess
import sys

import pytest

BEFORE_THE_FIRST_FRAME = """
import sys
import scenarios, tui.dashboard.start
from tui.late_imports import imported_late
with imported_late("numpy"), imported_late("engine.serving.commands"):
    import tui.dashboard.app, tui.dashboard.session
app = tui.dashboard.app.Dashboard(tui.dashboard.session.Session(scenarios.load("line-fit"), None, None))
app.training.loss.render_line(0)
heavy = ["engine.serving.commands", "engine.runs.run", "engine.training.trainer", "engine.serving.worker",
         "engine.training.optimizers", "engine.training.minibatches", "plotext", "rich.markdown"]
print([name for name in sys.modules if name.startswith("numpy") or name in heavy])
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
    assert printed(BEFORE_THE_FIRST_FRAME) == "[]"


def test_a_module_that_is_imported_late_is_whole_once_it_is_used():
    assert printed(USED_LATER) == "False True"


@pytest.mark.parametrize("name", ["numpy", "json"])
def test_what_is_loaded_already_stays_as_it_is(name):
    late = f"from tui.late_imports import imported_late\nwith imported_late('{name}'):\n import {name}"
    program = f"import {name} as before\n{late}"
    assert printed(f"{program}\nprint({name} is before)") == "True"
