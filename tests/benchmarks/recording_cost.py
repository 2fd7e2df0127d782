"""What recording costs: `python tests/benchmarks/recording_cost.py [--pairs N] [--only WORD]`.

Two runs of the same preset, seed and knobs train by turns of some milliseconds, one of them recorded; so whatever else
keeps the machine busy slows both. What is compared is processor time: of the thread that trains, and of all other
threads of the process, which are the recorder's writer. A pair is a second of the recorder's clock, which is that of
the other run's processor time: one record is taken down and written in each. Printed are the middle of many pairs and
between what values half of them lie: of the time inside the recorder's calls, of the writer's, and of the whole
difference between the two runs, which also has what the caches lose, but scatters more. At most 1 % is to be added.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from engine.runs.run_set import Live  # noqa: E402
from scenarios import load  # noqa: E402
from scenarios.records.run_store import RunStore  # noqa: E402
from scenarios.records.writing.recording_wish import MOST_BYTES  # noqa: E402
from scenarios.records.writing.run_recorder import RunRecorder  # noqa: E402
from scenarios.records.writing.store_writer import StoreWriter  # noqa: E402

PRESETS = ("line-fit", "moons", "spirals", "tumours", "digits")
MOST = 0.01  # of the training's processor time
_CHUNKS, _CHUNK_SECONDS = 4, 0.005  # of a turn; as long as the worker's
_WARM_UP = 3  # pairs that are not counted: the first record reads data and opens the store


class Turns:
    """A recorded run and one that is not, in turns. scenario: a preset's."""

    def __init__(self, scenario, store: Path) -> None:  # type: ignore[no-untyped-def]  # a Scenario
        self._clock = 0.0
        self._source, self._recorded, self._plain = scenario, scenario.run(), scenario.run()
        self._live = [Live(self._recorded, 1)]
        self.recorder = RunRecorder(StoreWriter(store, MOST_BYTES), "benchmark", clock=lambda: self._clock)
        self.recorder.follow(scenario, self._live)
        self._chunk, self._inside = 1, 0.0

    def pair(self, seconds: float, *, plain_first: bool) -> tuple[float, float, float, float]:
        """Train both for so long; processor time with recording, without, inside the recorder's calls, and of the other
        threads meanwhile."""
        others, end = time.process_time() - time.thread_time(), self._clock + seconds
        self._inside = 0.0
        recorded = plain = 0.0
        while self._clock < end:
            if plain_first:
                plain += self._plain_turn()
            recorded += self._recorded_turn()
            if not plain_first:
                plain += self._plain_turn()
        time.sleep(0.05)  # for the writer to end, on the time of neither
        return recorded, plain, self._inside, time.process_time() - time.thread_time() - others

    def _plain_turn(self) -> float:
        begun = time.thread_time()
        for _ in range(_CHUNKS):
            self._plain.advance(self._chunk)
        took = time.thread_time() - begun
        self._clock += took
        # As many steps as fit, for both.
        self._chunk = max(1, min(int(self._chunk * _CHUNKS * _CHUNK_SECONDS / took), 2 * self._chunk))
        return took

    def _recorded_turn(self) -> float:
        begun = time.thread_time()
        for _ in range(_CHUNKS):
            self._recorded.advance(self._chunk)
            called = time.thread_time()
            self.recorder.follow(self._source, self._live)
            self._inside += time.thread_time() - called
        return time.thread_time() - begun


def cost(name: str, pairs: int, seconds: float) -> float:
    """Print what recording adds to a preset's training, and return it as a share."""
    calls, writes, whole = list[float](), list[float](), list[float]()
    with tempfile.TemporaryDirectory() as folder:
        turns = Turns(load(name), Path(folder) / "runs.sqlite")
        for number in range(_WARM_UP + pairs):
            recorded, plain, inside, others = turns.pair(seconds, plain_first=bool(number % 2))
            if number >= _WARM_UP:
                calls.append(inside / plain)
                writes.append(others / plain)
                whole.append((recorded + others) / plain - 1)
        turns.recorder.close(20)
        steps = RunStore(Path(folder) / "runs.sqlite").runs()[0].outcome.steps
    both = [call + write for call, write in zip(calls, writes, strict=True)]
    added = statistics.median(both)
    print(
        f"{name:12} {_share(calls)} where it trains, {_share(writes)} where it is written, {_share(both)} together"
        f"{' ✗' * (added > MOST)}; the whole difference {_share(whole)}; {steps:,} steps",
        flush=True,
    )
    return added


def _share(values: list[float]) -> str:
    low, middle, high = statistics.quantiles(values, n=4)
    return f"{100 * middle:5.2f} % ({100 * low:.2f} to {100 * high:.2f})"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=40, help="of a preset")
    parser.add_argument("--seconds", type=float, default=1.0, help="of a pair, for each run")
    parser.add_argument("--only", default="", help="presets with this word in their name")
    options = parser.parse_args()
    found = [cost(name, options.pairs, options.seconds) for name in PRESETS if options.only in name]
    sys.exit(max(found) > MOST)


if __name__ == "__main__":
    main()
