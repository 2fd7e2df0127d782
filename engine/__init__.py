"""The engine: objectives, minibatches, optimizers, runs, and the process that trains them.

Imports NumPy and the standard library only; knows no files and no screen.
"""

import os

# The matrices here are small and the host may be shared, so one BLAS thread is faster. More of them would add up in
# another order, which has other last bits: so nobody's own setting stands. BLAS reads these when NumPy is imported;
# where that was before, as in a program that uses the engine, they act in the processes that are started from here.
_THREADS = (
    *("OPENBLAS_NUM_THREADS", "GOTO_NUM_THREADS", "MKL_NUM_THREADS", "BLIS_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"),
    *("OMP_NUM_THREADS", "ARMPL_NUM_THREADS"),
)
os.environ.update(dict.fromkeys(_THREADS, "1"))
