"""Every way of text into the program against every way out: `python tests/benchmarks/escapes.py [--no-dashboard]`.

Prints how many pieces that would steer a terminal came out raw, by entrance and exit; all of them are to be 0.
"""

import argparse
import os
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.tui import steering_text


def counted(entrances, exits, folder):
    """Print a table of them; the sum of all that came out raw."""
    total = 0
    print(f"\n{'':<20}" + "".join(f"{name:>20}" for name in exits))
    for name, entrance in entrances.items():
        counts = [len(steering_text.raw(way_out(entrance, folder))) for way_out in exits.values()]
        print(f"{name:<20}" + "".join(f"{count:>20}" for count in counts), flush=True)
        total += sum(counts)
    return total


def main() -> None:
    """Print both tables: of what is trained, and of what is refused."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--no-dashboard", action="store_true", help="leave out the slow one")
    options = parser.parse_args()
    dashboard = {} if options.no_dashboard else {"dashboard": steering_text.dashboard}
    exits = {**steering_text.COMMANDS, **dashboard}
    with tempfile.TemporaryDirectory() as name:
        here = Path(name) / "here"
        here.mkdir()
        os.chdir(here)
        for kind in ("STATE", "CONFIG"):
            os.environ[f"XDG_{kind}_HOME"] = str(Path(name) / kind.lower())
        trained, refused = steering_text.trained(Path(name)), steering_text.refused(Path(name))
        total = counted(trained, exits, here) + counted(refused, steering_text.REFUSALS, here)
        ways = len(trained) * len(exits) + len(refused) * len(steering_text.REFUSALS)
    print(f"\n{len(trained) + len(refused)} entrances, {ways} ways from an entrance to an exit: {total} raw")
    sys.exit(bool(total))


if __name__ == "__main__":
    main()
