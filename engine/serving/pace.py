"""The pace of a training: how many steps are due now, by the clock, and how fast they are taken."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable

from engine.plain_text import shortened
from engine.refusals import RefusalError

_RATE_SECONDS = 0.5  # over which the measured rate is an average
_LAG_SECONDS = 0.25  # made up for by a quicker step or two; what is lost beyond stays lost
_LONGEST_WAIT = 3600.0  # a pipe cannot be told to wait for years


class Pace:
    """Says when steps are due. It has no influence on a run's bits.

    steps_per_second: None is full speed. held: no step is due, whatever was asked for. running: steps are due as the
    speed says. owed_steps: due at once, even where it is not running. Raises RefusalError for a speed that is none.
    """

    def __init__(self, steps_per_second: float | None, clock: Callable[[], float]) -> None:
        self._clock = clock
        self.held = self.running = False
        self.owed_steps = 0
        self.steps_per_second = checked_speed(steps_per_second)
        self._begin_at(clock())

    def run(self, running: bool, owed_steps: int = 0) -> None:
        """Run from now on, or stand still; either way after the steps that are owed."""
        self.running, self.owed_steps = running, owed_steps
        self._begin_at(self._clock())

    def wait(self, seconds: float) -> None:
        """Let no step be due for so long, unless it is owed."""
        self._begin_at(self._clock() + seconds)

    def _begin_at(self, origin: float) -> None:
        """Count the steps that are due from this moment on."""
        self._origin, self._taken = origin, 0
        self._rate_marks: deque[tuple[float, int]] = deque([(origin, 0)])

    def seconds_to_next_step(self) -> float | None:
        """The seconds for which there is nothing to do but listen; None while paused or held."""
        if self.held:
            return None
        if self.owed_steps:
            return 0.0
        if not self.running:
            return None
        if self.steps_per_second is None:
            return max(0.0, self._origin - self._clock())
        wait = self._origin + (self._taken + 1) / self.steps_per_second - self._clock()
        return min(max(0.0, wait), _LONGEST_WAIT)

    def due_steps(self, most: int) -> int:
        """Return how many steps are due, `most` at full speed. A process that was stopped, or too slow, does not make
        up for it in a burst."""
        if self.steps_per_second is not None:
            late = self._clock() - self._origin - (self._taken + 1) / self.steps_per_second
            self._origin += max(0.0, late - _LAG_SECONDS)
        if self.held:
            return 0
        if self.owed_steps:
            return self.owed_steps
        if not self.running:
            return 0
        if self.steps_per_second is None:
            return most if self._clock() >= self._origin else 0
        return int((self._clock() - self._origin) * self.steps_per_second + 1e-9) - self._taken

    def took(self, steps: int) -> None:
        """Take note of steps that were taken."""
        self._taken += steps
        self.owed_steps = max(0, self.owed_steps - steps)

    def measured_rate(self) -> float:
        """The steps a second that were taken lately; 0.0 while it stands still."""
        if not self.running:
            return 0.0
        now = self._clock()
        self._rate_marks.append((now, self._taken))
        while len(self._rate_marks) > 2 and now - self._rate_marks[1][0] > _RATE_SECONDS:
            self._rate_marks.popleft()
        then, earlier = self._rate_marks[0]
        return (self._taken - earlier) / (now - then) if now > then else 0.0


def checked_speed(steps_per_second: float | None) -> float | None:
    """Return the speed. Raises RefusalError where it is no number of steps a second."""
    if steps_per_second is not None and not 0 < steps_per_second < math.inf:
        raise RefusalError(f"steps a second must be a finite number above 0, not {shortened(steps_per_second)}")
    return steps_per_second
