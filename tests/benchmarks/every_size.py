"""Every picture at every size from 0×0 to 60×40, and every dialog on terminals from 80×22 to 200×60:
`python tests/benchmarks/every_size.py [ROUNDS] [FIRST]`.

A round paints each size of each kind of picture in one of its ways: another moment, axis, look. The tests do round 0;
as many rounds as a kind has ways are all of them at every size. Dialogs are opened once, and the terminal is then
resized; 0 rounds are the dialogs alone.
"""

import asyncio
import sys
import time
import traceback
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

import scenarios
from engine.serving.process import LocalEngine
from tests.tui import moments
from tests.tui.dashboard.screens.every_dialog import OPENING, faults, is_shown
from tests.tui.dashboard.test_every_size import SIZES, paint_and_show
from tests.tui.dashboards import until
from tui.dashboard.app import Dashboard
from tui.dashboard.session import Session

TERMINALS = [(width, height) for width in (80, 100, 120, 200) for height in (22, 30, 40, 60)]


async def check_dialogs(failures: Counter[str]) -> None:
    """Open each dialog, and count what of it cannot be seen or reached at each size."""
    scenario = scenarios.load("line-fit")
    app = Dashboard(Session(scenario, LocalEngine(scenario), LocalEngine))
    async with app.run_test(size=TERMINALS[0]) as pilot:
        await until(pilot, lambda: app.session.snapshot is not None)
        for name, open_dialog in OPENING.items():
            open_dialog(app)
            await until(pilot, lambda: is_shown(app))
            for size in TERMINALS:
                await pilot.resize_terminal(*size)
                await pilot.pause()
                for words in faults(app):
                    failures[f"{name}: {words} at {size[0]} × {size[1]}"] += 1
            await pilot.press("escape")
            await until(pilot, lambda: app.screen is app.training)
            print(f"{name}: at {len(TERMINALS)} sizes", flush=True)


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
    asyncio.run(check_dialogs(failures))
    print(f"{painted:,} pictures in {time.perf_counter() - begin:.0f} s, {failures.total()} failures")
    for words, count in failures.most_common():
        print(f"{count} × {words}")
    return bool(failures)


if __name__ == "__main__":
    sys.exit(main())
