import gc
import importlib
import math
import os
import sys

import pytest
from hypothesis import settings

importlib.import_module("engine")  # before NumPy, which then has one thread, as in the program

# What tests train is recorded nowhere, unless a test is about that: it then takes this back.
os.environ["DESCEND_RECORD"] = "0"

# To look through all that tests hold, again and again, took a sixth of the time.
gc.set_threshold(10_000, 10, 10)

# Compiled files are kept, whatever is usual on the machine: hundreds of the programs that tests start load them.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

# No deadline: a slow machine is no failure. In the suite the same few examples in every run; with --thorough many
# and others each time, and how to get a failing one again.
settings.register_profile("descend", deadline=None, derandomize=True, database=None, max_examples=25)
settings.register_profile("thorough", deadline=None, database=None, max_examples=300, print_blob=True)


@pytest.fixture
def thorough(request):
    """Whether there is time for more than a usual run has."""
    return request.config.getoption("thorough")


def pytest_addoption(parser):
    parser.addoption("--thorough", action="store_true", help="also the cases that are left out of most runs")


@pytest.hookimpl(wrapper=True, optionalhook=True)
def pytest_xdist_auto_num_workers():
    """Half as many again as there are processors: a third of the time, a test waits for a terminal or for a frame."""
    return math.ceil(1.5 * (yield))


def pytest_configure(config):
    settings.load_profile("thorough" if config.getoption("thorough") else "descend")


def pytest_collection_modifyitems(config, items):
    if not config.getoption("thorough"):
        left_out = [item for item in items if item.get_closest_marker("thorough")]
        if left_out:
            config.hook.pytest_deselected(items=left_out)
            items[:] = [item for item in items if not item.get_closest_marker("thorough")]


def pytest_collection_finish():
    """The garbage collector leaves out what lasts."""
    gc.freeze()
