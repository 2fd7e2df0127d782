"""The engine: objectives, minibatches, optimizers, runs, and the process that trains them.

Imports NumPy and the standard library only; knows no files and no screen.
"""

import os

# The matrices here are small and the host may be shared; one BLAS thread is faster and keeps the bits
# the same. It acts only if NumPy has not been imported yet, and anybody's own setting wins.
for _library in ("OPENBLAS", "MKL", "OMP", "VECLIB"):
    os.environ.setdefault(f"{_library}_NUM_THREADS" if _library != "VECLIB" else "VECLIB_MAXIMUM_THREADS", "1")
