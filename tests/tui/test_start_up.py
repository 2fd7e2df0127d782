"""What the first frame waits for: no NumPy, and nothing of what trains."""

import subprocess
import sys

import pytest

BEFORE_THE_FIRST_FRAME = """
import sys
from tui.late import import_late
import_late("numpy")
import scenarios, tui.dashboard, tui.app, tui.session
scenarios.load("line-fit")
tui.app.Dashboard(tui.session.Session(scenarios.load("line-fit"), None, None))
heavy = ["engine.run", "engine.trainer", "engine.worker", "engine.knobs", "plotext", "rich.markdown"]
print([name for name in sys.modules if name.startswith("numpy.") or name in heavy])
"""

USED_LATER = """
from tui.late import import_late
import_late("numpy")
import numpy as np
import tui.painting.canvas as canvas
first, early = np, sorted(vars(np))
import numpy
import numpy.typing
assert str(canvas.Canvas(2, 1)) == ""
assert first.zeros(2).tolist() == [0, 0]
assert first.float64 is numpy.float64
import pickle
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
    program = f"import {name}; from tui.late import import_late; import_late('{name}'); import sys"
    assert printed(f"{program}; print(sys.modules['{name}'] is {name})") == "True"
