"""The clock of the frames: as many a second as the screen has, and fewer where the machine has no time for them, or
nothing is to be done in them.

On a loaded machine a timer comes late, by as long as this process waits for its turn. Whoever waits that long and asks
for as many frames as ever makes everybody wait longer; so the time between two frames grows with the delay, and what
is left of the machine goes to keys and steps. Frames become rarer then, and none is late.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from tui.terminal import link

_PER_DELAY = 16.0  # seconds between two frames for each second that one comes late
_LONGEST = 0.2  # seconds between two frames
_MOST_DELAY = 0.05  # seconds that a single delay counts: a program that was stopped for long is not to limp
_RESTING = 0.1  # seconds between two looks whether there is something to be done after all
_MEMORY = 0.9  # of the mean delay
_NO_DELAY = 0.004  # seconds that a timer may be late on an idle machine, while a picture is painted


class FrameClock:
    """Calls `tick` from `start` until `stop`, in the running event loop: once a frame, but rarely while it rests."""

    def __init__(self, tick: Callable[[], object]) -> None:
        self._tick = tick
        self._delay = 0.0  # mean seconds
        self._latest = self._due = 0.0
        self._next: asyncio.TimerHandle | None = None

    def start(self) -> None:
        """Tick from now on."""
        self._latest = asyncio.get_running_loop().time()
        self._wait_until(self._latest + self.period)

    @property
    def period(self) -> float:
        """Seconds between two frames."""
        wanted = _PER_DELAY * max(0.0, self._delay - _NO_DELAY)
        return max(1 / link.FRAMES_PER_SECOND, min(wanted, _LONGEST))

    @property
    def hindered(self) -> bool:
        """True if the machine has no time for all of a picture in one frame."""
        return self.period > 1 / link.FRAMES_PER_SECOND

    def rest(self) -> None:
        """Nothing is to be done before `wake`: a dashboard that waits is to cost next to nothing."""
        if self._next is not None:
            self._wait_until(self._latest + max(self.period, _RESTING))

    def wake(self) -> None:
        """Something is to be done with the next frame."""
        if self._next is not None and (due := self._latest + self.period) < self._due:
            self._wait_until(max(due, asyncio.get_running_loop().time()))

    def _wait_until(self, due: float) -> None:
        self.stop()
        self._due = due
        self._next = asyncio.get_running_loop().call_at(due, self._beat)

    def _beat(self) -> None:
        now = self._latest = asyncio.get_running_loop().time()
        late = min(now - self._due, _MOST_DELAY)
        self._delay += (1 - _MEMORY) * (late - self._delay)
        self._wait_until(now + self.period)
        self._tick()

    def stop(self) -> None:
        """Tick no more."""
        if self._next is not None:
            self._next.cancel()
            self._next = None
