import os
import sys

from hypothesis import settings

# What tests train is recorded nowhere, unless a test is about that: it then takes this back.
os.environ["DESCEND_RECORD"] = "0"

# Compiled files are kept, whatever is usual on the machine: hundreds of the programs that tests start load them.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

# No deadline: a slow machine is no failure. In the suite the same few examples in every run; the thorough profile, of
# which CONTRIBUTING.md tells, has other and many ones each time, and says how to get a failing one again.
settings.register_profile("descend", deadline=None, derandomize=True, database=None, max_examples=25)
settings.register_profile("thorough", deadline=None, database=None, max_examples=300, print_blob=True)
settings.load_profile("descend")
