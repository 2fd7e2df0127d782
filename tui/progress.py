"""The best that was achieved in each scenario, kept from one session to the next.

A small SQLite database in the user's state folder: two programs may write at once, and a kill at any moment leaves it
whole. What cannot be read as one is set aside, and said so; where nothing can be kept, training goes on without.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_WAIT_SECONDS = 5.0  # for another program that is writing
_TABLE = """
CREATE TABLE IF NOT EXISTS best (
    scenario TEXT NOT NULL, measure TEXT NOT NULL, stars INTEGER NOT NULL, score REAL NOT NULL,
    PRIMARY KEY (scenario, measure)
)
"""
# What is better counts, whichever program comes last: more stars, or as many and less of the measure.
_KEEP_THE_BETTER = """
INSERT INTO best VALUES (:scenario, :measure, :stars, :score)
ON CONFLICT (scenario, measure) DO UPDATE SET stars = excluded.stars, score = excluded.score
WHERE excluded.stars > stars OR (excluded.stars = stars AND excluded.score < score)
RETURNING stars
"""


@dataclass(frozen=True)
class Best:
    """stars: 0 … 3. score: so much of the goal's measure."""

    stars: int
    score: float


def default_path() -> Path:
    """Where the progress is kept: progress.sqlite in the user's state folder for descend."""
    from platformdirs import user_state_path  # not needed for the first frame

    return user_state_path("descend") / "progress.sqlite"


class Progress:
    """The progress in one file. `notices` has what the user should be told, in words, oldest first."""

    def __init__(self, path: Path | None = None) -> None:
        self.path = default_path() if path is None else path
        self.notices: list[str] = []
        self._usable = True

    def all(self) -> dict[str, Best]:
        """The best of every scenario, by its id; empty where nothing can be read."""
        if not self.path.exists():
            return {}
        rows = self._ask("SELECT scenario, stars, score FROM best ORDER BY stars", {})
        return {scenario: Best(stars, score) for scenario, stars, score in rows}

    def record(self, scenario: str, measure: str, best: Best) -> bool:
        """Keep this where it is better than what was kept; whether it was."""
        values = {"scenario": scenario, "measure": measure, "stars": best.stars, "score": best.score}
        return bool(self._ask(_KEEP_THE_BETTER, values))

    def _ask(self, statement: str, values: dict[str, Any]) -> list[Any]:
        """The rows that a statement returns, with what it changes kept; none where nothing can be kept."""
        if not self._usable:
            return []
        try:
            with closing(self._connect()) as database, database:
                return database.execute(statement, values).fetchall()
        except (sqlite3.Error, OSError) as error:
            self._usable = False
            self.notices.append(f"{self.path}: progress is not kept: {error}")
            return []

    def _connect(self) -> sqlite3.Connection:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        try:
            return self._open()
        except sqlite3.DatabaseError as error:
            if isinstance(error, sqlite3.OperationalError):  # locked, or not to be opened: nothing is wrong with it
                raise
            aside = _free(self.path.with_suffix(".damaged"))
            self.path.rename(aside)
            self.notices.append(f"{self.path}: was damaged ({error}); it is now {aside.name}, and progress begins anew")
            return self._open()

    def _open(self) -> sqlite3.Connection:
        database = sqlite3.connect(self.path, timeout=_WAIT_SECONDS)
        try:
            database.execute(_TABLE)
            database.execute("SELECT scenario, measure, stars, score FROM best").fetchall()
        except sqlite3.Error:
            database.close()
            raise
        return database


def _free(path: Path) -> Path:
    """`path`, or with a number behind it, so that there is no such file yet."""
    candidates = (path, *(path.with_name(f"{path.name}-{number}") for number in range(2, 1000)))
    return next(candidate for candidate in candidates if not candidate.exists())
