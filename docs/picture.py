"""Draw docs/dashboard.svg from the running program: python docs/picture.py

Starts the dashboard with its engine process in a terminal of 120 × 40 cells that exists in memory only, trains
line-fit for a while (a faster learning rate, a smaller batch) and saves what the screen shows.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from tempfile import TemporaryDirectory

import scenarios
from tui.dashboard import written_files
from tui.dashboard.app import Dashboard
from tui.dashboard.session import Session
from tui.dashboard.start import start_engine
from tui.home.progress import Progress

TARGET = Path(__file__).with_name("dashboard.svg")
# (at this step, press these keys)
KEYS = ((25, ["up"]), (60, ["left", "left", "left"]), (100, ["up"]), (140, ["space"]))


async def main() -> None:
    """Train, press the keys, and write the picture."""
    scenario = scenarios.load("line-fit")
    session = Session(scenario, start_engine(scenario), start_engine)
    with TemporaryDirectory() as folder:  # not into the user's own progress
        picture = await _trained(Dashboard(session, progress=Progress(Path(folder) / "progress.sqlite")))
    session.close()
    TARGET.write_text(picture, encoding="utf-8")
    print(f"wrote {TARGET}")


async def _trained(app: Dashboard) -> str:
    """The picture after all the keys."""
    session = app.session
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("plus")
        for step, keys in KEYS:
            while session.snapshot is None or session.snapshot.step < step:
                await pilot.pause(0.01)
            await pilot.press(*keys)
        while session.snapshot is None or session.snapshot.running:
            await pilot.pause(0.01)
        await pilot.pause(0.2)
        return written_files.picture(app, "descend line-fit")


if __name__ == "__main__":
    asyncio.run(main())
