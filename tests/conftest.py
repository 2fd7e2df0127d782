from hypothesis import settings

# No deadline: a slow machine is no failure. Derandomised: the same examples in every run.
settings.register_profile("descend", deadline=None, derandomize=True, database=None)
settings.load_profile("descend")
