"""Records: what is kept of a run; who is told of runs that train; whether two came to the same bits."""
