"""How often the status of a run is wrong: `python tests/benchmarks/statuses.py`.

Every preset is trained with 20 seeds and three settings: its own knobs, 0.3 times and 2.5 times its learning rate. What
is said on the first 4,000 steps is held against what independent evidence says, of the same run and up to 12,000 steps
that follow: no part of the status takes part in it.

    false        share of the steps called converged at which the run was not: the mean loss over the next 600 steps
                 is above the lowest such mean of all that follow by more than 4 standard errors, by 1 % and by 1e-9 of
                 the start; or, where theory knows them, it is above the predicted noise floor by more than a fifth of
                 that one's excess (with batches of all the data above the minimum), or the learning rate is over the
                 limit.
    of all       the same as a share of all steps that were looked at
    changes      of running, converged or diverged in a run: the mean, and the most
    details      changes of the finer word, the most in a run
    first said   converged: the median step; never: runs that never were, though they stood still at the end
    blow-up      steps from where the loss has left ten times its start for good to where that is said: the median and
                 the most; missed: runs far above their start at the end of which neither this nor `oscillating` is said
    level off    how far the level that is said is from the mean of the next 600 steps, in standard errors: the median

    --seeds N       seeds 0 … N − 1 (default 20)
    --only WORD     only the presets with this word in their name; repeatable
    --steps N       steps that are looked at (default 4,000); three times as many follow
    --processes N   at a time (default 2)
    --runs          a line for every run as well
"""

from __future__ import annotations

import os

os.environ |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}

import argparse
import re
import sys
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from itertools import pairwise, product
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[2]))

import scenarios
from engine import probes
from engine.runs.run import Run
from engine.training.trainer import Chunk

SETTINGS = {"own": 1.0, "lower": 0.3, "higher": 2.5}
EVERY = 20  # steps: how often the status is read
WINDOW = 600  # steps of a mean
FOLLOWING = 3  # times the steps that are looked at
BLOCKS = 6  # of a window: their spread tells its standard error
FAR_UP = 10.0  # times the start


@dataclass
class Outcome:
    """What one run said, and what was so. read, claimed, false: how many readings of the status, how many of them
    converged, how many of these wrong."""

    preset: str
    setting: str
    seed: int
    read: int = 0
    claimed: int = 0
    false: int = 0
    changes: int = 0
    details: int = 0
    first_said: float = np.nan
    never_said: bool = False
    delay: float = np.nan
    missed: bool = False
    level_off: float = np.nan
    words: str = ""


class Evidence:
    """Sees every chunk of a run: the loss over all examples at some steps, the minibatches' at every step."""

    def __init__(self, run: Run) -> None:
        objective = run.trainer.objective
        self._run, self._stride = run, 3 if objective.loss_examples == 1 else 17
        self.steps: list[int] = []
        self.losses: list[float] = []

    def observe(self, chunk: Chunk) -> None:
        first = -(-chunk.first_step // self._stride) * self._stride
        steps = np.arange(first, chunk.first_step + chunk.steps, self._stride)
        if len(steps):
            self.steps += steps.tolist()
            self.losses += self._run.trainer.objective.losses(chunk.weights[steps - chunk.first_step]).tolist()


def means(evidence: Evidence, starts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(m,) mean loss of the window from each step on, and its standard error."""
    steps, losses = np.array(evidence.steps), np.array(evidence.losses)
    sums = np.concatenate([[0.0], np.cumsum(losses)])
    edges = np.searchsorted(steps, starts[:, None] + np.linspace(0, WINDOW, BLOCKS + 1))
    blocks = np.diff(sums[edges]) / np.maximum(np.diff(edges), 1)
    return blocks.mean(axis=1), blocks.std(axis=1, ddof=1) / np.sqrt(BLOCKS)


def settled(run: Run, evidence: Evidence, starts: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(m,) whether the loss no longer falls from each step on; and the means there with their standard errors."""
    now, error = means(evidence, starts)
    last = evidence.steps[-1] - WINDOW
    later, later_error = means(evidence, np.arange(0, last, WINDOW // 2))
    begins, start = np.arange(0, last, WINDOW // 2), evidence.losses[0]
    true = np.ones(len(starts), dtype=bool)
    for k, step in enumerate(starts):
        follows = begins >= step
        if not follows.any():
            continue
        lowest = np.argmin(np.where(follows, later, np.inf))
        slack = max(4 * np.hypot(error[k], later_error[lowest]), 0.01 * abs(now[k]), 1e-9 * abs(start))
        # A tolerance that grows with the start would hide what a large offset hides.
        slack = min(slack, 0.5 * abs(now[k])) if abs(now[k]) > 1e-20 * abs(start) else slack
        true[k] = np.isfinite(now[k]) and now[k] - later[lowest] <= slack
    trainer, theory = run.trainer, run.theory
    if theory.quadratic is not None and trainer.knobs.schedule.varies is False:
        rate, minimum = trainer.learning_rate, trainer.objective.loss(trainer.objective.minimum())
        noiseless = trainer.knobs.batch_in_effect(trainer.num_examples) == trainer.num_examples
        floor = minimum if noiseless else theory.noise_floor(rate, trainer.knobs).value
        if np.isfinite(floor):
            slack = 0.2 * (floor - minimum) + 0.01 * abs(floor) + 1e-9 * abs(evidence.losses[0])
            true &= now - 4 * error <= floor + slack
    if (least := trainer.objective.minimum()) is not None:
        limit = probes.edge(probes.sharpness(trainer.objective, least).value, trainer.knobs)
        true &= not trainer.learning_rate > limit * (1 + 1e-9)
    return true, now, error


def trial(job: tuple[str, str, int, int]) -> Outcome:
    preset, setting, seed, steps = job
    run = scenarios.load(preset).run(seed=seed)
    if setting != "own":
        run = scenarios.load(preset).run(
            seed=seed, knobs=replace(run.trainer.knobs, learning_rate=SETTINGS[setting] * run.trainer.learning_rate)
        )
    evidence, outcome = Evidence(run), Outcome(preset, setting, seed)
    run.observers.append(evidence)
    read = []
    with np.errstate(all="ignore"):
        start = run.trainer.loss()
        while run.trainer.steps < steps and run.trainer.blew_up_at is None:
            run.advance(EVERY)
            read.append((run.trainer.steps, run.status))
        run.advance(FOLLOWING * steps)
        judge(run, evidence, read, start, outcome)
    return outcome


def judge(run: Run, evidence: Evidence, read: list, start: float, outcome: Outcome) -> None:
    kinds, details = [s.kind for _, s in read], [(s.kind, s.detail) for _, s in read]
    outcome.read = len(read)
    outcome.changes = sum(a != b for a, b in pairwise(kinds))
    outcome.details = sum(a != b for a, b in pairwise(details))
    outcome.words = f"{read[-1][1].kind} {read[-1][1].detail}: {read[-1][1].reason}"
    if run.trainer.blew_up_at is None:
        claims = [k for k, kind in enumerate(kinds) if kind == "converged"]
        true, now, error = settled(run, evidence, np.array([step for step, _ in read]))
        outcome.claimed, outcome.false = len(claims), int(np.count_nonzero(~true[claims]))
        if claims:
            outcome.first_said = read[claims[0]][0]
            if found := re.search(r"about ([-\d.e+]+)", read[claims[0]][1].reason):
                off = abs(float(found[1]) - now[claims[0]])
                outcome.level_off = off / max(error[claims[0]], 1e-3 * abs(now[claims[0]]), 1e-12 * abs(start))
        outcome.never_said = not claims and bool(true[len(true) // 2 :].all())
    batch_losses = run.trainer.history.tail(run.trainer.steps)[0]
    up = ~(batch_losses <= FAR_UP * start)
    if start > 0 and (run.trainer.blew_up_at is not None or np.median(up[-200:]) == 1):
        onset = int(np.flatnonzero(~up)[-1]) + 1 if not up.all() else 0
        said = [s.step for _, s in [*read, (0, run.status)] if s.kind == "diverged" or s.detail == "diverging"]
        outcome.delay = max(0, min(said) - onset) if said else np.nan
        outcome.missed = not said and run.status.detail != "oscillating"


def table(outcomes: list[Outcome]) -> None:
    print(
        f"{'':26}{'runs':>5}{'false':>8}{'of all':>8}{'changes':>13}{'details':>8}{'first said':>11}{'never':>6}"
        f"{'blow-up':>14}{'missed':>7}{'level off':>10}"
    )
    for preset, setting in [*dict.fromkeys((o.preset, o.setting) for o in outcomes), ("all", "")]:
        mine = [o for o in outcomes if preset == "all" or (o.preset, o.setting) == (preset, setting)]
        claimed, false, all_read = (sum(getattr(o, name) for o in mine) for name in ("claimed", "false", "read"))
        changes, first, delays, off = (
            np.array([getattr(o, name) for o in mine], dtype=float)
            for name in ("changes", "first_said", "delay", "level_off")
        )
        print(
            f"{preset + ' ' + setting:26}{len(mine):5}{_percent(false, claimed):>8}{_percent(false, all_read):>8}"
            f"{changes.mean():8.1f}{changes.max():5.0f}{max(o.details for o in mine):8}{_middle(first):>11}"
            f"{sum(o.never_said for o in mine):6}{_middle(delays):>8}{_most(delays):>6}"
            f"{sum(o.missed for o in mine):7}{_middle(off, 1):>10}"
        )


def _percent(part: float, whole: float) -> str:
    return f"{100 * part / whole:.1f} %" if whole else "–"


def _middle(values: np.ndarray, digits: int = 0) -> str:
    return f"{np.nanmedian(values):,.{digits}f}" if np.isfinite(values).any() else "–"


def _most(values: np.ndarray) -> str:
    return f"{np.nanmax(values):,.0f}" if np.isfinite(values).any() else ""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--only", action="append", default=[])
    parser.add_argument("--steps", type=int, default=4000)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--runs", action="store_true")
    arguments = parser.parse_args()
    words = arguments.only or [""]
    presets = [name for name in scenarios.preset_names() if any(word in name for word in words)]
    jobs = list(product(presets, SETTINGS, range(arguments.seeds), [arguments.steps]))
    with ProcessPoolExecutor(arguments.processes) as pool:
        outcomes = list(pool.map(trial, jobs))
    if arguments.runs:
        for o in outcomes:
            shares = f"{_percent(o.claimed, o.read):>8} said {_percent(o.false, o.claimed):>8} false"
            print(f"{o.preset:20}{o.setting:7}{o.seed:3} {shares} {o.changes:3} changes  {o.words[:150]}")
    table(outcomes)


if __name__ == "__main__":
    main()
