"""Words for running out of memory, and which errors mean it."""

from __future__ import annotations

import errno

OUT_OF_MEMORY = "this takes more memory than there is"


def is_out_of_memory(error: BaseException | None) -> bool:
    """Tell whether memory ran out, in this error or in one that it came from."""
    while error is not None:
        words = str(error)
        if isinstance(error, MemoryError) or getattr(error, "errno", None) == errno.ENOMEM:
            return True
        if words == "can't start new thread" or "failed to map segment" in words:  # RuntimeError, ImportError
            return True
        error = error.__cause__ or error.__context__
    return False
