"""The past of a run, in bounded memory: checkpoints, trajectory, losses that take long."""
