"""Progress as it is kept: best results, answers and hints, places in courses, scenarios that were tried."""

from __future__ import annotations

from typing import NamedTuple


class Best(NamedTuple):
    """The best result in a scenario. stars: 0 … 3. score: so much of the goal's measure. outdated: achieved before the
    scenario was changed."""

    stars: int
    score: float
    outdated: bool = False

    def rank(self) -> tuple[int, float]:
        """Return what the better one has more of."""
        return self.stars, -self.score

    def beats(self, other: Best | None) -> bool:
        """Tell whether this is better: more stars, or as many and less of the measure."""
        return other is None or self.rank() > other.rank()


class Study(NamedTuple):
    """The work on a scenario beside its training. answer: to its question, the place of one from 0, or the number that
    was guessed; None without one. hints: how many were given. solution: whether it was shown."""

    answer: float | None = None
    hints: int = 0
    solution: bool = False

    def joined(self, later: Study) -> Study:
        """Return both together: the later answer, and all help."""
        answer = self.answer if later.answer is None else later.answer
        return Study(answer, max(self.hints, later.hints), self.solution or later.solution)


Kept = dict[tuple[str, str], Best]  # by scenario and measure
Places = dict[str, str]  # the entry that was on the screen last, by the course's name
Studies = dict[str, Study]  # by scenario


class Contents:
    """All that the file holds, or that is to be written into it. tried: contents of scenarios."""

    def __init__(self) -> None:
        self.best: Kept = {}
        self.places: Places = {}
        self.studies: Studies = {}
        self.tried: set[str] = set()

    def __bool__(self) -> bool:
        return bool(self.best or self.places or self.studies or self.tried)

    def take_in(self, other: Contents) -> None:
        """Take in what is later: of results what is better."""
        self.best |= {key: best for key, best in other.best.items() if best.beats(self.best.get(key))}
        self.places |= other.places
        self.tried |= other.tried
        for name, study in other.studies.items():
            self.studies[name] = self.studies.get(name, Study()).joined(study)
