"""Draw the pictures of the documentation from the running program: python docs/pictures/draw.py [NAME …]

Starts the dashboard with its engine process in a terminal of 120 × 40 cells that exists in memory only, trains for a
while and saves what the screen shows: `dashboard` line-fit with a faster learning rate and a smaller batch; then, of
records that were made for it, `records` their dialog, `comparison` one of them as a ghost and a row of the table, and
`replay` one that is watched again; `sweep` the map of rates and batch sizes around it.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import scenarios
from engine.runs.plan import Change, Plan, play
from engine.runs.run_set import Live
from scenarios.records.openings import replayed
from scenarios.records.run_store import RunStore
from scenarios.records.writing.recording_wish import Recording
from tui.dashboard import written_files
from tui.dashboard.app import Dashboard
from tui.dashboard.session import Session
from tui.dashboard.start import Records, start_engine
from tui.home.progress import Progress

FOLDER = Path(__file__).parent
SCENARIO = "line-fit"
# What is pressed, after so many steps.
DASHBOARD = ((25, ["up"]), (60, ["left", "left", "left"]), (100, ["up"]), (140, ["space"]))
SWEPT = ((150, ["space", "X"]), (0, ["right"] * 3 + ["up"]))
BESIDE = ((120, ["space", "H"]), (0, ["down", "enter"]), (0, ["t"]))
# The records: name, note, learning rate, batch size, steps, and changes on the way.
TRAINED: tuple[tuple[str, float, int, int, tuple[Change, ...]], ...] = (
    ("first try", 0.02, 32, 200, ()),
    ("", 0.05, 32, 300, (Change(120, "learning_rate", 0.02),)),
    ("small batches", 0.1, 4, 250, (Change(100, "batch_size", 16), Change(150, "learning_rate", 0.02))),
    ("", 0.9, 32, 150, ()),
)


async def main(names: Sequence[str]) -> None:
    """Draw those of these names; without any, all."""
    with TemporaryDirectory() as folder:  # not into the user's own progress and records
        store = Path(folder) / "runs.sqlite"
        progress = Progress(Path(folder) / "progress.sqlite")
        for name, draw in (
            ("dashboard", _dashboard),
            ("records", _records),
            ("comparison", _comparison),
            ("replay", _replay),
            ("sweep", _sweep),
        ):
            if not names or name in names:
                target = FOLDER / f"{name}.svg"
                target.write_text(await draw(store, progress), encoding="utf-8")
                print(f"wrote {target}")


async def _dashboard(store: Path, progress: Progress) -> str:
    return await _drawn(None, progress, None, DASHBOARD, "descend line-fit")


async def _records(store: Path, progress: Progress) -> str:
    _train(store)
    return await _drawn(store, progress, None, BESIDE[:1], "descend line-fit, H: its records")


async def _comparison(store: Path, progress: Progress) -> str:
    _train(store)
    return await _drawn(store, progress, None, BESIDE, "descend line-fit, H enter, t: beside an earlier run")


async def _replay(store: Path, progress: Progress) -> str:
    _train(store)
    run = RunStore(store).find("small batches")
    return await _drawn(store, progress, run, ((155, ["space"]),), "descend replay 'small batches'")


async def _sweep(store: Path, progress: Progress) -> str:
    return await _drawn(None, progress, None, SWEPT, "descend line-fit, X: learning rates and batch sizes")


def _train(path: Path) -> None:
    """Make the records, if they are not there yet."""
    store = RunStore(path)
    if store.runs():
        return
    scenario = scenarios.load(SCENARIO)
    for name, rate, batch, steps, changes in TRAINED:
        knobs = scenario.run().trainer.knobs.set_by_hand("learning_rate", rate, learning_rate=rate)
        knobs = knobs.set_by_hand("batch_size", batch, learning_rate=rate)
        run = scenario.run(knobs=knobs)
        recorder, live = Recording(path, "docs", name=name)(), [Live(run, 1)]
        recorder.follow(scenario, live)
        play(run, Plan(run.trainer.seed, knobs, changes, steps))
        recorder.close(20)


async def _drawn(
    store: Path | None, progress: Progress, run: Any, keys: Sequence[tuple[int, Sequence[str]]], title: str
) -> str:
    """The picture after all the keys, with these records; of a run, of its replay."""
    scenario = scenarios.load(SCENARIO)
    opening = replayed(run) if run is not None else None
    session = Session(scenario, start_engine(scenario, opening), start_engine)
    records = Records(store, "docs", None, shows_best=False) if store is not None else None
    app = Dashboard(session, progress=progress, earlier=records.earlier() if records else None)
    if records is not None and run is not None:
        app.announcements.record = run.id
    try:
        async with app.run_test(size=(120, 40)) as pilot:
            await pilot.press("plus")
            for step, pressed in keys:
                while session.snapshot is None or session.snapshot.step < step:
                    await pilot.pause(0.01)
                for key in pressed:
                    await pilot.press(key)
                    await _settled(app, pilot)
            return written_files.picture(app, title)
    finally:
        session.close()


async def _settled(app: Dashboard, pilot: Any) -> None:
    """Wait until nothing comes any more, where it is paused, and until a sweep has ended."""
    await pilot.pause(0.05)
    while (swept := app.training.sweep.state) is not None and not swept.ended:
        await pilot.pause(0.1)
    session, since = app.session, time.monotonic()
    while time.monotonic() < since + 0.5:
        if session.snapshot is None or session.snapshot.running:
            return
        await pilot.pause(0.02)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))
