import os

from hypothesis import settings

# What tests train is recorded nowhere, unless a test is about that: it then takes this back.
os.environ["DESCEND_RECORD"] = "0"

# No deadline: a slow machine is no failure. Derandomised: the same examples in every run.
settings.register_profile("descend", deadline=None, derandomize=True, database=None)
settings.load_profile("descend")
