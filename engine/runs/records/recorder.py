"""The recorder: who is told of the runs that train, and keeps them. The engine knows no files: others write it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from engine.runs.run import RunSource
    from engine.runs.run_set import Live


class Recorder(Protocol):
    """Keeps the runs that it is told of. None of its methods waits for a disk, but for `close`."""

    def follow(self, source: RunSource, live: Sequence[Live]) -> None:
        """Take notice of all runs of `source` that train. To be called before their first step, and often: after some
        steps, and after every command. A run that is not among them any more has ended."""

    def seconds_to_due(self) -> float | None:
        """The seconds until `follow` is to be called, though nothing trains; None where all is kept."""

    def take_notices(self) -> list[str]:
        """Return sentences that the user should be told since the last call."""

    def close(self) -> None:
        """Keep how all stand, and wait for that, for about a second at most."""


class MakesRecorder(Protocol):
    """Makes a recorder in the process that trains. It can be pickled, for it crosses the pipe."""

    def __call__(self) -> Recorder: ...
