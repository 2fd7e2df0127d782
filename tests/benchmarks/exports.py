"""Exported scripts under hostile titles, paths, columns and classes: `python tests/benchmarks/exports.py [--count N]
[--seed N]`. Every script must parse as Python would read it from its file, and hold exactly the texts given.
"""

import argparse
import random
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.tui import hostile_exports
from tui.export.targets import LIBRARIES


def main() -> None:
    """Make them, and count."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=10_000, help="how many scripts (%(default)s)")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    generator = random.Random(options.seed)
    begin, wrong, from_csv, recording = time.perf_counter(), [], 0, None
    for number in range(options.count):
        library = generator.choice(list(LIBRARIES))
        if number % 50 == 0:
            recording = hostile_exports.recorded_csv(generator)
        if recording is not None and number % 50 < 5:
            scenario, recorded = recording
            from_csv += 1
        else:
            changes = hostile_exports.CHANGES if generator.random() < 0.5 else ()
            scenario, recorded = hostile_exports.recorded(generator.choice(hostile_exports.PRESETS), changes)
            title, path = hostile_exports.hostile_text(generator), hostile_exports.hostile_text(generator)
            scenario = hostile_exports.described(scenario, title=title, path=path)
        try:
            hostile_exports.check(library, scenario, recorded)
        except Exception as error:  # whatever it is, it is a script that is wrong
            wrong.append((library, scenario.file.title, scenario.id, repr(error)[:200]))
    seconds = time.perf_counter() - begin
    print(f"{options.count:,} scripts, {from_csv:,} of them of CSV files, seed {options.seed}, {seconds:.0f} s")
    print(f"{len(wrong):,} do not parse or say something else")
    for one in wrong[:10]:
        print(" ", *map(ascii, one))
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
