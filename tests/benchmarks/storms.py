"""Longer storms than the suite's on the real program: `python tests/benchmarks/storms.py [SEED]`.

Ten thousand random keys, two thousand sizes from 20×5 to 300×100, and garbage; then nothing on the screen may be
stale, and the program must quit as ever.
"""

import random
import sys
import tempfile
from contextlib import closing
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.tui import storm
from tests.tui.terminal import Terminal, descend

KEYS, SIZES, GARBAGE = 10_000, 2_000, 20_000
NOTICES = 12.0  # seconds, in which all of them go


def main() -> None:
    """One storm after the other."""
    seed = int(sys.argv[1]) if len(sys.argv) > 1 else 0
    generator = random.Random(seed)
    with tempfile.TemporaryDirectory() as folder:
        command, options = descend("one-weight"), {"columns": 120, "rows": 40, "folder": folder}
        with closing(Terminal(command, **options)) as terminal:
            terminal.begin()
            for columns, rows in storm.sizes(generator, SIZES):
                terminal.resize(columns, rows)
                terminal.read(0.02)
            storm.settle(terminal)
            storm.assert_nothing_is_stale(terminal)
            print(f"{SIZES:,} sizes: nothing stale")
            for key in storm.keys(generator, KEYS):
                terminal.press(key)
                terminal.read(0.001)
            storm.settle(terminal)
            terminal.read_for(NOTICES)
            storm.assert_nothing_is_stale(terminal)
            print(f"{KEYS:,} keys: nothing stale")
            terminal.press(b"\x1b[200~" + storm.garbage(generator, GARBAGE) + b"\x1b[201~")
            storm.settle(terminal)
            print(f"{GARBAGE:,} bytes of garbage")
            terminal.press(b"q")
            assert terminal.wait() == 0


if __name__ == "__main__":
    main()
