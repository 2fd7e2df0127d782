"""How far the gauges lag behind a running training, and how far off they are: `python tests/benchmarks/gauges.py`.

The engine's own loop trains, a frame is asked for thirty times a second as the dashboard does, and each frame is held
against the truth: sharpness and gradient norm over all examples at the weights of the frame's step, computed anew to
six digits. A line for each speed:

    lag         of the readings behind the frame: median steps, median and 95th percentile of seconds of wall time
    marked      share of the frames that say so, the readings being older than a twentieth of the steps
    error       median of |shown/true − 1| of sharpness and gradient norm, in frames that are not marked; in brackets of
                all frames
    in 2 se     share of the readings whose sharpness is within two of its standard errors of the truth at the
                reading's own step; exact readings within their stated digits
    engine      steps a second, of those asked for

    --scenario NAME   (default digits)
    --seconds S       for each speed (default 12, of which the first 2 are not counted)
    --speed S         steps a second, "full" for all; repeatable (default 10 100 1000 3000 full)
"""

from __future__ import annotations

import os

os.environ |= {"OPENBLAS_NUM_THREADS": "1"}

import argparse
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[2]))

import scenarios
from engine import probes
from engine.serving.commands import RequestFrame
from engine.serving.snapshot import Snapshot, View
from engine.serving.views.gauges_view import GaugesView
from engine.serving.worker import Worker

_FRAME_SECONDS = 1 / 30
_EVERY = 3  # frames, of which one is of the controls
_CHECKED = 30  # moments for each speed
_STALE = 1 / 20  # of the steps
_DIGITS = 0.01  # that an exact reading may be off: Lanczos' own tolerance


@dataclass
class Frame:
    """A frame as it was answered. at: seconds; weights: of its step, only of the frames that are checked."""

    snapshot: Snapshot
    at: float
    weights: np.ndarray | None

    @property
    def lag(self) -> int:
        return self.snapshot.step - self.snapshot.readings.step


def frames(name: str, speed: float | None, seconds: float, warm_up: float = 2.0) -> tuple[list[Frame], dict, float]:
    """The frames after the warm-up, the weights at the steps at which readings began, steps a second."""
    worker = Worker(scenarios.load(name), steps_per_second=speed)
    begin = time.monotonic()
    found: list[Frame] = []
    begun: dict[int, tuple[float, np.ndarray]] = {}
    number, next_frame, check_at = 0, begin, begin + warm_up
    check_every = (seconds - warm_up) / _CHECKED
    steps_before = 0
    while (now := time.monotonic()) < begin + seconds:
        if now >= next_frame:
            next_frame = max(next_frame + _FRAME_SECONDS, now)
            number += 1
            worker.handle(RequestFrame(View(gauges=GaugesView(readings=number % _EVERY == 0))))
            trainer = worker.run.trainer
            begun[trainer.steps] = (now, trainer.weights)  # a reading may begin here
            snapshot = worker.answer()
            begun = {step: it for step, it in begun.items() if step >= snapshot.readings.step or it[0] > now - 30}
            if now < begin + warm_up:
                steps_before = snapshot.step
            else:
                checked = now >= check_at
                check_at += check_every * checked
                found.append(Frame(snapshot, time.monotonic(), trainer.weights if checked else None))
        worker.advance()
        if (wait := worker.pace.seconds_to_next_step()) > 0:
            time.sleep(max(0.0, min(wait, next_frame - time.monotonic())))
    rate = (worker.run.trainer.steps - steps_before) / (seconds - warm_up)
    return found, begun, rate


def line(name: str, speed: float | None, seconds: float) -> str:
    found, begun, rate = frames(name, speed, seconds)
    objective = scenarios.load(name).run().trainer.objective
    lags = np.array([frame.lag for frame in found])
    ages = np.array([f.at - begun[f.snapshot.readings.step][0] for f in found if f.snapshot.readings.step in begun])
    marked = np.array([frame.lag > _STALE * frame.snapshot.step for frame in found])
    errors: dict[str, list[tuple[float, bool]]] = {"sharpness": [], "gradient_norm": []}
    covered = []
    for frame in found:
        if frame.weights is None:
            continue
        readings = frame.snapshot.readings
        true = {
            "sharpness": probes.sharpness(objective, frame.weights).value,
            "gradient_norm": float(np.linalg.norm(objective.gradient(frame.weights))),
        }
        stale = frame.lag > _STALE * frame.snapshot.step
        for key, value in true.items():
            errors[key].append((abs(getattr(readings, key).value / value - 1), stale))
        if readings.step in begun:
            own = probes.sharpness(objective, begun[readings.step][1]).value
            error = getattr(readings.sharpness, "error", 0.0)
            covered.append(abs(readings.sharpness.value - own) <= max(2 * error, _DIGITS * own))
    words = []
    for values in errors.values():
        fresh = [error for error, stale in values if not stale]
        fresh_words = f"{median(fresh):6.1%}" if fresh else "     –"
        words.append(f"{fresh_words} ({median(error for error, _ in values):6.1%})")
    asked = "full" if speed is None else f"{speed:,.0f}"
    return (
        f"{asked:>7} {np.median(lags):8,.0f} {np.median(ages):7.2f} {np.quantile(ages, 0.95):7.2f} {marked.mean():7.0%}"
        f"  {words[0]:>17} {words[1]:>17} {np.mean(covered):8.0%} {rate:9,.0f}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scenario", default="digits")
    parser.add_argument("--seconds", type=float, default=12.0)
    parser.add_argument("--speed", action="append")
    options = parser.parse_args()
    print(f"{options.scenario}: {'lag':>12} {'lag':>7} {'95 %':>7} {'':7}  {'error of':>17} {'error of':>17}")
    head = ("steps/s", "steps", "s", "s", "marked", "sharpness (all)", "gradient (all)", "in 2 se", "engine")
    widths = (7, 8, 7, 7, 7, 18, 17, 8, 9)
    print(" ".join(f"{word:>{width}}" for word, width in zip(head, widths, strict=True)))
    for word in options.speed or ["10", "100", "1000", "3000", "full"]:
        print(line(options.scenario, None if word == "full" else float(word), options.seconds), flush=True)


if __name__ == "__main__":
    main()
