"""One BLAS thread, whatever the environment says: sums in another order have other last bits."""

import os
import subprocess
import sys

import pytest

NAMES = ("OPENBLAS_NUM_THREADS", "GOTO_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "BLIS_NUM_THREADS")
TRAIN = """
import hashlib, os
import engine
import numpy as np
generator = np.random.default_rng(0)
square = generator.normal(size=(700, 700))
for _ in range(3):
    square = np.tanh(square @ square / 26)
print(hashlib.sha256(square.tobytes()).hexdigest())
print(len(os.listdir("/proc/self/task")) if os.path.isdir("/proc/self/task") else 1)
"""


def printed(program, **environment):
    others = {name: value for name, value in os.environ.items() if not name.endswith("_THREADS")}
    done = subprocess.run(
        [sys.executable, "-c", program], env=others | environment, capture_output=True, text=True, check=True
    )
    return done.stdout.split()


@pytest.fixture(scope="module")
def unset():
    """What is printed where nobody has set anything."""
    return printed(TRAIN)


@pytest.mark.parametrize("name", NAMES)
def test_nobody_s_setting_changes_the_bits(name, unset):
    done = printed(TRAIN, **{name: "2"})
    assert done == unset
    assert done[1] == "1"


def test_where_numpy_came_first_the_processes_that_are_started_from_there_have_one_thread(unset):
    program = "import numpy, engine, subprocess, sys\n"
    program += f"print(subprocess.run([sys.executable, '-c', {TRAIN!r}], capture_output=True, text=True).stdout)"
    assert printed(program, OPENBLAS_NUM_THREADS="2") == unset


def test_the_program_imports_the_engine_before_numpy():
    program = "import sys, tui.cli.command_line, engine\nprint('numpy' in sys.modules)"
    assert printed(program) == ["False"]
