"""Records: what is kept of a run, as plain data; who is told of runs that train; and whether two came to the same bits."""
