"""Every measured number of running screens, computed anew from the run: `python tests/benchmarks/screens.py`.

The dashboard runs on a real terminal, a screen is taken while it trains, another after a pause. The run is trained
again from its scenario and seed to the same steps, and what the screens show is computed from its weights by models
that are written out plainly (`plain_models.py`). While it trains at speed, panels may be some frames old: a number of a
running screen is right if it is that of one of the steps of the last quarter of a second; of the gauges, of the step
that they say, or of the last twentieth of the steps where they say none.

    --only WORD     presets with this word in their name
    --seed N        of the moments (default 0)
    --verbose       also what is right
"""

from __future__ import annotations

import os

os.environ |= {"OPENBLAS_NUM_THREADS": "1"}

import argparse
import random
import re
import sys
import time
from contextlib import closing
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[2]))
sys.path.insert(0, str(Path(__file__).parents[1] / "tui"))

from plain_models import Plain
from real_terminal import ROOT, Terminal, descend

import scenarios

PRESETS = ("line-fit", "fuel-economy", "digits", "moons", "tumours", "edge-of-stability")
SIZE = {"columns": 200, "rows": 60}
NUMBER = r"([≈>]?[0-9][0-9,.]*(?:e[−-]?[0-9]+)?)"
_LIMIT = "(?:of )?the (?:limit|full-batch|batch-)"
NAMES = (
    "training loss",
    "validation loss",
    "batch loss",
    "batch gradient norm",
    "gradient norm",
    "sharpness",
    "noise scale",
)


def parsed(text: str) -> dict[str, object]:
    """What a screen says, by name: texts of numbers, with the errors that stand beside them."""
    found: dict[str, object] = {}
    for name in NAMES:
        if match := re.search(rf"(?:│ |  ){name} +{NUMBER}(?: +± {NUMBER})?", text):
            found[name] = match[1], match[2]
    for name, pattern in {
        "step": rf"step {NUMBER}",
        "epoch": rf"epoch {NUMBER}",
        "examples": rf"epoch [0-9.,]+ +{NUMBER} examples",
        "rate": rf"► {NUMBER} steps/s",
        "edge": rf"edge {NUMBER}",
        "age": rf"(?:limit|on all data|[0-9]) · {NUMBER} steps? ago",
        "angle": r"[→↗↑↖←] +≈? *([0-9]+)° off",
        "share": rf"{NUMBER} (?:%|times) {_LIMIT}",
        "limit": rf"the (?:full-batch|batch-[0-9]+) limit {NUMBER}",
        "examples a second": rf"{NUMBER} examples/s ",
    }.items():
        if match := re.search(pattern, text):
            found[name] = match[1], None
    found["is minibatch"] = bool(re.search(r"the batch-[0-9]+ limit", text))
    found["times"] = bool(re.search(rf"times {_LIMIT}", text))
    return found


def value(text: str) -> float:
    return float(text.lstrip("≈>").replace(",", "").replace("−", "-"))


def half_a_digit(text: str) -> float:
    """What rounding to these digits may take."""
    digits, _, exponent = text.lstrip("≈>").replace(",", "").replace("−", "-").partition("e")
    decimals = len(digits.partition(".")[2])
    return 0.5 * 10.0 ** (-decimals + int(exponent or 0))


class Replay:
    """The run, trained again; weights and the next minibatch at any of its steps."""

    def __init__(self, name: str) -> None:
        self.run = scenarios.load(name).run()
        self.plain = Plain(self.run.trainer.objective)
        self.held_out = Plain(self.run.validation) if self.run.validation else None
        self._at: dict[int, tuple[np.ndarray, np.ndarray]] = {}

    def keep(self, steps: list[int]) -> None:
        trainer = self.run.trainer
        for step in sorted(set(steps)):
            if step > trainer.steps:
                trainer.run(step - trainer.steps)
            if step == trainer.steps:
                self._at[step] = trainer.weights, trainer.upcoming_batch()

    def __getitem__(self, step: int) -> tuple[np.ndarray, np.ndarray]:
        return self._at[step]


def spaced(first: int, last: int, most: int) -> list[int]:
    first = max(0, first)
    return sorted({int(step) for step in np.linspace(first, last, min(most, last - first + 1)).round()})


class Check:
    """Holds what a screen says against the run. found: (name, text, lowest, highest, right) of each number, with the
    range of the truth."""

    def __init__(self, said: dict[str, object], running: bool, replay: Replay) -> None:
        self.said, self.running, self.replay, self.plain = said, running, replay, replay.plain
        self.knobs, self.count = replay.run.trainer.knobs, len(replay.plain.inputs)
        self.found: list[tuple[str, str, float, float, bool]] = []
        self.step = step = int(value(said["step"][0]))
        self.rate = value(said["rate"][0]) if "rate" in said else 0.0
        self.age = int(value(said["age"][0])) if "age" in said else None
        behind = int(np.ceil(0.25 * self.rate)) + 1 if running else 0
        many = 60 if len(replay.run.trainer.weights) < 2000 else 9
        self.near = spaced(step - behind, step + behind, many)
        if self.age is None:
            self.read = spaced(int(step - step / 20 - behind), step + behind, many) if running else [step]
        else:
            slack = int(np.ceil(0.06 * self.age)) + behind
            self.read = spaced(step - self.age - slack, step - self.age + slack, many)
        self.window = spaced(int(0.9 * self.read[0]) - 1, self.read[-1], 24)
        replay.keep([*self.near, *(max(0, s - 1) for s in self.near), *self.read, *self.window])
        self.of_the_frame()
        self.of_the_gauges()
        self.of_the_noise()

    def truth(self, steps: list[int], function) -> tuple[float, float]:
        values = [function(*self.replay[step]) for step in steps]
        return min(values), max(values)

    def note(self, what: str, low: float, high: float, slack: float = 0.0) -> None:
        if what not in self.said:
            return
        text, error = self.said[what]
        allowed = half_a_digit(text) + slack + (3 * value(error) if error else 0.0)
        right = low - allowed <= value(text) <= high + allowed
        if text.startswith(">"):
            right = high + slack > value(text)
        self.found.append((what, text + (f" ± {error}" if error else ""), low, high, right))

    def of_the_frame(self) -> None:
        """The numbers of the step that is shown."""
        plain, near = self.plain, self.near
        self.note("training loss", *self.truth(near, lambda w, _: plain.loss(w)))
        if self.replay.held_out:
            self.note("validation loss", *self.truth(near, lambda w, _: self.replay.held_out.loss(w)))
        if before := [step - 1 for step in near if step]:
            self.note("batch loss", *self.truth(before, plain.loss))
            norms = self.truth(before, lambda w, batch: float(np.linalg.norm(plain.gradient(w, batch))))
            self.note("batch gradient norm", *norms)
        per_step = self.count / int(np.ceil(self.count / self.knobs.batch_in_effect(self.count)))
        if self.running and self.rate:
            self.note("examples a second", 0.8 * self.rate * per_step, 1.2 * self.rate * per_step)
        seen = [step * per_step for step in (near[0], near[-1])]
        self.note("examples", *seen, slack=per_step)
        self.note("epoch", *(it / self.count for it in seen), slack=per_step / self.count)

    def of_the_gauges(self) -> None:
        """Curvature, limit and gradient, of the step at which they were read."""
        plain, read, knobs = self.plain, self.read, self.knobs
        self.note("gradient norm", *self.truth(read, lambda w, _: float(np.linalg.norm(plain.gradient(w)))))
        sharp = self.truth(read, lambda w, _: plain.sharpness(w)[0])
        self.note("sharpness", *sharp, slack=0.002 * abs(sharp[1]))
        at_edge = 2 * (1 + knobs.momentum)
        self.note("edge", at_edge / knobs.learning_rate, at_edge / knobs.learning_rate)
        limits = [at_edge / sharpness for sharpness in reversed(sharp)]
        if self.said["is minibatch"]:
            limits = [_minibatch_limit(plain, knobs)] * 2
        self.note("limit", *limits, slack=0.005 * limits[1])
        unit = 1.0 if self.said["times"] else 100.0
        shares = [unit * knobs.learning_rate / limit for limit in reversed(limits)]
        self.note("share", *shares, slack=0.005 * shares[1])
        if len(read) == 1:  # at each of several steps there is another minibatch
            self.note("angle", *self.truth(read, lambda w, batch: _angle(plain.gradient(w, batch), plain.gradient(w))))

    def of_the_noise(self) -> None:
        """The noise scale, a mean of some of the latest steps: right within the scatter that four of them have, or
        where it is that of the step alone."""
        plain = self.plain
        if self.knobs.sees_all(self.count):
            return

        def squared(weights: np.ndarray) -> float:
            return float(np.square(plain.gradient(weights)).sum())

        spreads = np.array([plain.spread(self.replay[step][0]) for step in self.window])
        squares = np.array([squared(self.replay[step][0]) for step in self.window])
        mean = float(spreads.mean() / squares.mean())
        scatter = 3 * float(np.std(spreads - mean * squares) / squares.mean()) / np.sqrt(4)
        alone = self.truth(self.read, lambda w, _: plain.spread(w) / squared(w))
        low, high = (mean, mean) if self.running else (min(mean, alone[0]), max(mean, alone[1]))
        self.note("noise scale", low, high, slack=scatter + 0.02 * mean)


def _angle(one: np.ndarray, other: np.ndarray) -> float:
    lengths = np.linalg.norm(one) * np.linalg.norm(other)
    return float(np.degrees(np.arccos(np.clip(one @ other / lengths, -1, 1)))) if lengths else 0.0


def _minibatch_limit(plain: Plain, knobs) -> float:
    """Least squares: where the second moments of w, as (I − ηH)⊗(I − ηH) + η²κ(E HᵢHᵢᵀ-map − H⊗H) moves them, stand
    still."""
    rows = np.hstack([plain.inputs, np.ones((len(plain.inputs), 1))])
    count, size = rows.shape
    share = knobs.covariance_share(count)
    mean = 2 * rows.T @ rows / count
    each = sum(np.kron(2 * np.outer(a, a), 2 * np.outer(a, a)) for a in rows) / count
    low, high = 0.0, 2 / np.linalg.eigvalsh(mean)[-1]
    for _ in range(40):
        middle = (low + high) / 2
        keep = np.eye(size) - middle * mean
        moments = np.kron(keep, keep) + middle**2 * share * (each - np.kron(mean, mean))
        stable = np.abs(np.linalg.eigvals(moments)).max() < 1
        low, high = (middle, high) if stable else (low, middle)
    return low


def screens(name: str, moments: random.Random) -> list[tuple[str, str]]:
    """(moment, text): a running screen, the one right after the pause, the one at rest."""
    environment = {"COLORTERM": "truecolor", "PYTHONPATH": str(ROOT)}
    with closing(Terminal(descend(name), environment=environment, **SIZE)) as terminal:
        terminal.begin()
        terminal.read_for(moments.uniform(4.0, 9.0))
        running = terminal.text
        terminal.read_for(moments.uniform(0.1, 0.5))
        terminal.press(b" ")
        terminal.until(lambda: "paused" in terminal.text)
        terminal.until_quiet(1.5)
        return [("running", running), ("paused", terminal.text)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--verbose", action="store_true")
    options = parser.parse_args()
    moments, wrong, total = random.Random(options.seed), 0, 0
    print(f"{'preset':18} {'moment':8} {'step':>7} {'age':>6}  numbers")
    for name in (preset for preset in PRESETS if options.only in preset):
        for moment, text in screens(name, moments):
            said = parsed(text)
            begin = time.perf_counter()
            found = Check(said, moment == "running", Replay(name)).found
            bad = [line for line in found if not line[-1]]
            wrong, total = wrong + len(bad), total + len(found)
            age = said["age"][0] if "age" in said else ""
            print(
                f"{name:18} {moment:8} {said['step'][0]:>7} {age:>6}  {len(found) - len(bad)} of {len(found)} right"
                f" ({time.perf_counter() - begin:.0f} s)",
                flush=True,
            )
            for what, shown, low, high, right in found if options.verbose else bad:
                print(f"    {what:20} {shown:>16}  truth {low:.6g} … {high:.6g}  {'right' if right else 'WRONG'}")
    print(f"{wrong} wrong of {total}")
    sys.exit(wrong > 0)


if __name__ == "__main__":
    main()
