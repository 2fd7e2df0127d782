"""The clock of the frames: as many a second as the screen has, and fewer where the machine has no time for them.

On a loaded machine a timer comes late, by as long as this process waits for its turn. Whoever waits that long and asks
for as many frames as ever makes everybody wait longer; so the time between two frames grows with the delay, and what
is left of the machine goes to keys and steps. Frames become rarer then, and none is late.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from tui.terminal import link

_PER_DELAY = 16.0  # seconds between two frames for each second that one comes late
_LONGEST = 0.3  # seconds between two frames
_MEMORY = 0.9  # of the mean delay
_NO_DELAY = 0.004  # seconds that a timer may be late on an idle machine, while a picture is painted


class FrameClock:
    """Calls `tick` from now on, in the running event loop, until `stop`."""

    def __init__(self, tick: Callable[[], object]) -> None:
        self._loop, self._tick = asyncio.get_running_loop(), tick
        self._delay = 0.0  # mean seconds
        self._wait()

    @property
    def period(self) -> float:
        """Seconds between two frames."""
        wanted = _PER_DELAY * max(0.0, self._delay - _NO_DELAY)
        return max(1 / link.FRAMES_PER_SECOND, min(wanted, _LONGEST))

    @property
    def hindered(self) -> bool:
        """True if the machine has no time for as many frames as the screen has."""
        return self.period > 1 / link.FRAMES_PER_SECOND

    def _wait(self) -> None:
        self._due = self._loop.time() + self.period
        self._next = self._loop.call_at(self._due, self._beat)

    def _beat(self) -> None:
        late = min(self._loop.time() - self._due, _LONGEST)  # a program that was stopped for long is not to limp
        self._delay += (1 - _MEMORY) * (late - self._delay)
        self._wait()
        self._tick()

    def stop(self) -> None:
        """Call it no more."""
        self._next.cancel()
