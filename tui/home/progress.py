"""The best that was achieved in each scenario, what help it took, and the place in each course, kept from one session
to the next. The file is opened when something is asked for or is to be kept.

Nobody waits for it: where it is locked, or its disk is full, what is to be kept stays in memory and is tried again.
What is no such file is set aside, and said so, and a new one begun.
"""

from __future__ import annotations

import atexit
import math
import os
import time
from pathlib import Path

from engine.plain_text import shown_path
from tui.home.progress_contents import Best, Contents, Study

_AGAIN_SECONDS = 1.0  # until what could not be kept is tried again
_LAST_SECONDS = 0.2  # that the end of the program waits for another one that is writing


def default_path() -> Path:
    """The file that the progress is kept in: progress.sqlite in the user's state folder for descend."""
    from platformdirs import user_state_path  # not needed for the first frame

    return user_state_path("descend") / "progress.sqlite"


class Progress:
    """The progress in one file. `notices` has what the user should be told, in words, oldest first."""

    def __init__(self, path: Path | None = None) -> None:
        self.path = default_path() if path is None else path
        self.notices: list[str] = []
        self._known = Contents()
        self._unkept = Contents()  # what is to be written, as soon as that can be
        self._was_read = False
        self._tried = -math.inf  # when, by the clock
        self._trouble = ""

    def all(self) -> dict[str, Best]:
        """The best of every scenario, by its id; what is known, where the file cannot be read now."""
        self._look()
        found: dict[str, Best] = {}
        for (scenario, _), best in self._known.best.items():
            if scenario not in found or best.stars >= found[scenario].stars:
                found[scenario] = best
        return found

    def place(self, course: str) -> str | None:
        """The entry of the course that was on the screen last; None where there was none, as far as is known."""
        self._look()
        return self._known.places.get(course)

    def keep_place(self, course: str, entry: str) -> None:
        """Keep which entry of the course is on the screen."""
        if self._known.places.get(course) != entry:
            self._unkept.places[course] = entry
            self._carry_out()

    def study(self, scenario: str) -> Study:
        """The work on a scenario beside its training, as far as is known."""
        self._look()
        return self._known.studies.get(scenario, Study())

    def keep_study(self, scenario: str, study: Study) -> None:
        """Keep this together with what was kept."""
        before = self._known.studies.get(scenario, Study())
        if before.joined(study) != before:
            self._unkept.studies[scenario] = self._unkept.studies.get(scenario, Study()).joined(study)
            self._carry_out()

    def tried(self) -> frozenset[str]:
        """The contents of the scenarios that were trained, as far as is known."""
        self._look()
        return frozenset(self._known.tried)

    def keep_tried(self, content: str) -> None:
        """Keep that the scenario of that content was trained."""
        if content not in self._known.tried:
            self._unkept.tried.add(content)
            self._carry_out()

    @property
    def is_new(self) -> bool:
        """True where nothing was ever kept of the course, as far as is known."""
        self._look()
        known = self._known
        return not (known.best or known.places or known.studies) and (self._was_read or not os.path.lexists(self.path))

    def _look(self) -> None:
        """Read the file, where there is one, and write what could not be written."""
        if self._unkept or os.path.lexists(self.path):
            self._carry_out()

    def record(self, scenario: str, measure: str, best: Best) -> bool:
        """Keep this where it is better than what was kept; whether it was, as far as is known."""
        key = scenario, measure
        if not self._was_read:
            self._carry_out()
        if not math.isfinite(best.score) or not best.beats(self._unkept.best.get(key)):
            return False
        before, self._unkept.best[key] = self._known.best.get(key), best
        self._carry_out()
        # `_carry_out` has taken in what another program may have kept.
        return self._was_read and best.beats(before) and self._known.best.get(key) == best

    def try_again(self) -> None:
        """Write what could not be written, about once a second; does nothing where there is nothing to write."""
        if self._unkept and time.monotonic() >= self._tried + _AGAIN_SECONDS:
            self._carry_out()

    def close(self) -> None:
        """Write what could not be written, for the last time: another program may take a moment to end its own."""
        atexit.unregister(self.close)
        if self._unkept:
            self._carry_out(_LAST_SECONDS)

    def _carry_out(self, wait: float = 0.0) -> None:
        """Write what is to be written, and read what is there. Where that cannot be, say so once."""
        from tui.home import progress_file  # SQLite takes its time, and the first frame needs nothing that is kept

        self._tried = time.monotonic()
        try:
            self._known = progress_file.exchange(self.path, self._unkept, wait, self._begin_anew)
        except progress_file.NotKeptError as error:
            self._tell(str(error))
        else:
            self._was_read, self._unkept = True, Contents()
            atexit.unregister(self.close)
            if self._trouble:
                self._trouble = ""
                self.notices.append(f"{shown_path(self.path)}: progress is kept again")
            return
        self._known.take_in(self._unkept)
        atexit.unregister(self.close)
        if self._unkept:
            atexit.register(self.close)

    def _tell(self, trouble: str) -> None:
        if trouble != self._trouble:
            self._trouble = trouble
            self.notices.append(f"{shown_path(self.path)}: progress is not kept now: {trouble}; it will be tried again")

    def _begin_anew(self, reason: str, aside: str) -> None:
        """Forget what was known of a file that cannot be used, for this reason, and say what it is called now."""
        self._known = Contents()
        self.notices.append(
            f"{shown_path(self.path)}: cannot be used ({reason}); it is now {aside}, and progress begins anew"
        )
