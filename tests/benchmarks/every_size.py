"""Every picture at every size from 0×0 to 60×40: `python tests/benchmarks/every_size.py [ROUNDS] [FIRST]`.

A round paints each size of each kind of picture in one of its ways: another moment, axis, look. The tests do round 0;
as many rounds as a kind has ways are all of them at every size.
"""

import sys
import time
import traceback
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.tui import moments
from tests.tui.dashboard.test_every_size import SIZES, paint_and_show


def main() -> int:
    """So many rounds, from the first one on; the exit code says whether all was painted."""
    rounds, first = (int(word) for word in (sys.argv[1:] + ["5", "0"][len(sys.argv) - 1 :])[:2])
    failures: Counter[str] = Counter()
    begin, painted = time.perf_counter(), 0
    for kind, paintings in moments.paintings().items():
        ways = range(first, min(first + rounds, len(paintings)))
        for way in ways:
            for number, (width, height) in enumerate(SIZES):
                painting = paintings[(17 * number + way) % len(paintings)]
                painted += 1
                try:
                    paint_and_show(painting, width, height, number + way)
                except Exception as error:
                    where = traceback.extract_tb(error.__traceback__)[-1]
                    failures[f"{kind} {type(error).__name__} at {Path(where.filename).name}:{where.lineno}"] += 1
                    print(f"{painting.words} at {width} × {height}: {error!r}")
        print(f"{kind}: {len(ways)} of {len(paintings)} ways at {len(SIZES):,} sizes", flush=True)
    print(f"{painted:,} pictures in {time.perf_counter() - begin:.0f} s, {failures.total()} failures")
    for words, count in failures.most_common():
        print(f"{count} × {words}")
    return bool(failures)


if __name__ == "__main__":
    sys.exit(main())
