"""Records: what is kept of a run, as plain data; who is told of runs that train; and the way back into one."""
