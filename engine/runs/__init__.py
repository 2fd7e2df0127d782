"""A training with a story: runs, ghosts, races, branches, goals and how a run stands."""
