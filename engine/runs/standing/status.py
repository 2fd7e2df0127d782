"""The status of a run: converged and where, oscillating, or diverged and in which direction.

It is judged on looks at the loss over all training examples, at the weights and at the two steps before them: one look
an epoch, but at most every second step, soon every eighth, and later in a run one in about a thousandth of its steps.
What is recognised depends on the run alone, not on how its steps were grouped.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from engine import probes
from engine.model.objective import Array, Objective
from engine.runs.standing.places import blow_up_in_words, direction_in_words, local_minimum
from engine.training.knobs import Knobs

_LOOKS = 16  # to a window
_FIRST_STEPS, _MIN_STEPS = 2, 8  # between two looks
_RARER = 1024  # after so many steps, and the same again, each look comes a step later
_RECENT = 8  # of this part of the run does a window tell at the least
_DIVERGED = 1e6  # times the loss at the beginning
_FAR_UP = 100  # times the loss at the beginning: no place to have arrived at
_MEDIAN_OF_DIFFERENCES = 0.954  # of two independent normal numbers, in standard deviations of one
_NOISE = 4  # standard deviations of the looks: what chance may add to a level
_HIGH = 0.05  # of the descent from the beginning to the lowest loss: no floor, if the loss goes up and down as well
_SWING = 0.5  # standard deviations in units of the level: up and down
_FLAT = 1e-4  # a relative decrease over half a window that nobody would see
_BACK = -0.9  # the cosine between two steps of which the second takes back the first
_TOLERANCE = 0.01  # of the curvature
_FEWEST_PRODUCTS, _MOST_PRODUCTS, _PRODUCTS_WORK = 8, 24, 3e8  # for it: as many as take a third of a second
_SUM_WORK = (
    1e6  # nanoseconds of a gradient, for the curvature; where it would be more, a sample of the examples will do
)
_BETTER = 1e-2  # of the descent from the beginning: another minimum is really lower

Detail = Literal["", "oscillating", "local minimum", "saddle"]


@dataclass(frozen=True)
class Status:
    """The status of a run: running, converged or diverged; since which step, and why in words.

    detail: of a run that is running, `oscillating`; of one that has converged, `local minimum` where a lower
    place is known or was seen, or `saddle` where the loss would fall to both sides.
    """

    kind: Literal["running", "converged", "diverged"] = "running"
    step: int = 0
    reason: str = ""
    detail: Detail = ""


class Watch:
    """Looks at a run's training loss and keeps its `status`.

    Converged: over 16 looks the loss no longer fell by more than chance (twice the standard error of the
    difference between the halves' means) or by 0.01 %, and one step of the best length could not lower it
    noticeably either, so that neither a tiny learning rate nor oscillating from wall to wall is mistaken for
    arrival. That last decrease is estimated as |g|²/(2λmax). Stuck in a local minimum it is called only where that
    can be known: up to 64 weights, where the objective knows its minimum or a look saw a lower loss.
    Converged is taken back when two windows in a row lie off the level it was declared at by more than chance, and
    whatever was taken back is declared again on windows twice as long, up to an eighth of the steps since the knobs
    changed: so a run that noise moves about is not called now this, now that.
    Oscillating: it does not fall either, but it could, and at most of the looks a step took back the one before; or,
    with minibatches, it swings: it does not come to rest, and either the learning rate is beyond the largest that is
    stable in the mean square, so that there is no level to arrive at, or the loss goes up and down by half its level,
    a twentieth of the descent above the lowest that was seen.
    Diverged: the loss has grown a million times and is growing, until it comes back below that; or for good, where
    a number is not finite.
    """

    def __init__(
        self,
        objective: Objective,
        weights: Array,
        knobs: Knobs,
        stochastic_limit: Callable[[Knobs], probes.Measurement],
    ) -> None:
        self._objective = objective
        self._stochastic_limit = stochastic_limit
        self._initial_loss = objective.loss(weights)
        self._lowest = (self._initial_loss, 0)
        # (2, P) the weights before the two steps before the present ones; NaN where there were none.
        self._before = np.full((2, len(weights)), np.nan)
        self.restart(0, knobs)

    def restart(self, step: int, knobs: Knobs) -> None:
        """Judge anew from `step` on, because the knobs changed to these."""
        self.status = Status(step=step)
        self._verdict = "running"  # on the latest window
        # The level of the loss where the run converged, and how far above it chance may take the loss.
        self._arrival = (np.nan, np.nan)
        self._knobs = knobs
        self._since = step
        epoch = len(self._objective.examples)
        self._interval = max(_FIRST_STEPS, -(-epoch // knobs.batch_in_effect(epoch)))
        self._next_look = step
        self._looks: Array = np.empty(0)
        self._cosines: Array = np.empty(0)  # at the same looks, between the last two steps

    def checkpoint(self) -> dict[str, Any]:
        """Plain data from which `restore` judges on."""
        return {
            "status": self.status,
            "knobs": self._knobs,
            "since": self._since,
            "interval": self._interval,
            "next_look": self._next_look,
            "looks": self._looks.copy(),
            "cosines": self._cosines.copy(),
            "lowest": self._lowest,
            "arrival": self._arrival,
            "verdict": self._verdict,
            "before": self._before.copy(),
        }

    def restore(self, checkpoint: dict[str, Any]) -> None:
        """Judge on where `checkpoint` was taken, on the same objective from the same weights."""
        self.status, self._knobs, self._lowest = (checkpoint[key] for key in ("status", "knobs", "lowest"))
        self._since, self._interval, self._next_look = (checkpoint[key] for key in ("since", "interval", "next_look"))
        self._looks, self._cosines = checkpoint["looks"].copy(), checkpoint["cosines"].copy()
        self._before, self._arrival = checkpoint["before"].copy(), checkpoint["arrival"]
        self._verdict = checkpoint["verdict"]

    def follow(self, first_step: int, weights: Array, rates: Array, blew_up_at: int | None) -> None:
        """Take in n further steps: the weights before each of them and after the last, (n + 1, P), their learning
        rates, (n,), and which step had a number that was not finite."""
        while self._next_look < first_step + len(rates):
            due = range(self._next_look, first_step + len(rates), self._interval)[: _LOOKS - len(self._looks)]
            self._look(due, self._trajectories(weights, np.array(due) - first_step))
            if len(self._looks) == _LOOKS:
                self._judge(due[-1], weights[due[-1] - first_step], float(rates[due[-1] - first_step]))
        if blew_up_at is not None:
            index = blew_up_at - first_step
            trajectory = self._trajectories(weights, np.array([index]))[:, 0]
            grew = (
                np.isfinite(self._initial_loss)
                and not self._objective.loss(trajectory[2]) <= _DIVERGED * self._initial_loss
            )
            words = blow_up_in_words(self._objective, trajectory, weights[index + 1], grew=bool(grew))
            self.status = Status("diverged", blew_up_at, words)
        if len(rates):
            self._before = self._trajectories(weights, np.array([len(rates)]))[:2, 0]

    def _trajectories(self, weights: Array, looked: NDArray[np.intp]) -> Array:
        """(3, n, P) the weights two steps before the rows `looked`, (n,), one step before them, and there."""
        trajectories = np.empty((3, len(looked), weights.shape[1]))
        for back in range(3):
            rows = looked - back
            trajectories[2 - back] = weights[np.maximum(rows, 0)]
            trajectories[2 - back, rows < 0] = self._before[rows[rows < 0]]
        return trajectories

    def _look(self, steps: range, trajectories: Array) -> None:
        """Look at n steps of one window; trajectories: (3, n, P), as `_trajectories` gives them."""
        losses = self._objective.losses(trajectories[2])
        before = np.append(self._looks[-1:] if len(self._looks) else np.inf, losses[:-1])
        enormous = (losses > _DIVERGED * self._initial_loss) & (self._initial_loss > 0)
        grown = enormous & (losses > before)
        if grown.any() and self.status.kind == "running":
            k = int(np.argmax(grown))
            times = f"{losses[k] / self._initial_loss:.1e} times where it began".replace("e+", "e")
            reason = (
                f"the training loss is {times} and growing{direction_in_words(self._objective, trajectories[:, k])}"
            )
            self.status = Status("diverged", steps[k], reason)
        elif self.status.kind == "diverged" and not enormous[-1]:
            self.status = Status(step=steps[-1])  # it has come back
        if losses.min() < self._lowest[0]:
            self._lowest = float(losses.min()), steps[int(losses.argmin())]
        self._next_look = steps[-1] + self._interval
        self._looks = np.append(self._looks, losses)
        self._cosines = np.append(self._cosines, _cosines(trajectories))

    def _judge(self, step: int, weights: Array, rate: float) -> None:
        """Judge the run at the end of a window, of which the last look is the first of the next."""
        if self.status.kind == "running":
            self._assess(step, weights.astype(np.float64), rate)
        elif self.status.kind == "converged":
            before, self._verdict = self._verdict, "running" if self._has_left() else "converged"
            if before == self._verdict == "running":  # twice in a row is rarely chance
                self._take_back(step)  # it falls again: a schedule, or noise that found a way on; or it rises
        passed = step - self._since
        self._interval = max(self._interval, min(_MIN_STEPS, passed // _LOOKS), passed // _RARER)
        self._next_look = step + self._interval
        self._looks, self._cosines = self._looks[-1:], self._cosines[-1:]

    def _assess(self, step: int, weights: Array, rate: float) -> None:
        if self._is_falling() or self._level() > _FAR_UP * abs(self._initial_loss) > 0:
            before, self._verdict = self._verdict, "running"
            if before == "running":
                self._run_on(step)
            return
        gradient = self._objective.gradient(weights)
        sums = probes.Sums(self._objective, most_work=_SUM_WORK)
        products = sums.products(_PRODUCTS_WORK, least=_FEWEST_PRODUCTS, most=_MOST_PRODUCTS)
        precision = probes.Precision(tolerance=_TOLERANCE, products=products)
        sharpness = probes.finish(probes.sharpness_pieces(sums, weights, precision)).value
        square = float(gradient.dot(gradient))
        gain = square / (2 * sharpness) if sharpness > 0 else np.inf if sharpness < 0 < square else 0.0
        before, self._verdict = self._verdict, self._verdict_on(gain, rate)
        if before != self._verdict and (self._sees_all_data() or self.status.detail):
            return  # at the edge of stability the loss goes up and down: only what two windows say counts
        if self._verdict == "converged":
            self.status, self._arrival = self._arrived(step, weights), (self._level(), self._noise())
        elif self._verdict == "swinging":
            if self.status.detail != "oscillating":
                self.status = Status("running", step, self._swings(rate), "oscillating")
        elif self._verdict == "oscillating":
            if self.status.detail != "oscillating":
                self.status = Status("running", step, _back_and_forth(rate, sharpness, self._knobs), "oscillating")
        else:
            self._run_on(step)

    def _verdict_on(self, gain: float, rate: float) -> str:
        """The verdict on this window, of a loss that does not fall. gain: what one step of the best length would lower
        it by."""
        if max(gain, self._noise()) > 10 * self._flat() and self._is_swinging(rate):
            return "swinging"
        if gain <= self._noise() + 10 * self._flat():
            return "converged"
        return "oscillating" if np.count_nonzero(self._cosines < _BACK) > 0.75 * _LOOKS else "running"

    def _sees_all_data(self) -> bool:
        """Without minibatches there is no noise: what goes up and down is on its way, as at the edge of stability."""
        num_examples = len(self._objective.examples)
        return self._knobs.batch_in_effect(num_examples) == num_examples

    def _is_swinging(self, rate: float) -> bool:
        """Tell whether minibatches keep the loss from coming to rest, of a loss that is not at rest."""
        if self._sees_all_data():
            return False
        lowest, level = self._lowest[0], self._level()
        is_high = level - lowest > _HIGH * (self._initial_loss - lowest)
        is_wide = self._noise() > _NOISE * _SWING * abs(level)
        return (is_high and is_wide) or rate > self._stochastic_limit(self._knobs).value

    def _swings(self, rate: float) -> str:
        limit = self._stochastic_limit(self._knobs).value
        words = f"the training loss swings between {self._looks.min():.3g} and {self._looks.max():.3g}"
        if not rate > limit:
            return words
        return f"{words}: for batches of {self._knobs.batch_size} the learning rate is stable only up to {limit:.3g}"

    def _has_left(self) -> bool:
        """Tell whether the loss has left the level at which the run converged."""
        level, noise = self._arrival
        by_chance = self._chance() + self._flat()
        return not level - by_chance <= self._level() <= level + noise + by_chance + 10 * self._flat()

    def _run_on(self, step: int) -> None:
        if self.status.detail:
            self._take_back(step)

    def _take_back(self, step: int) -> None:
        """Take back a status that may have been declared too early: windows twice as long do not err as often."""
        self.status = Status(step=step)
        self._interval = max(self._interval, min(2 * self._interval, (step - self._since) // _RECENT // _LOOKS))

    def _level(self) -> float:
        """The mean of the later half of the looks."""
        return float(self._looks[_LOOKS // 2 :].mean())

    def _noise(self) -> float:
        """How far chance may take the loss above its level; no noise where every step sees all data."""
        return 0.0 if self._sees_all_data() else _NOISE * float(self._looks[_LOOKS // 2 :].std())

    def _flat(self) -> float:
        return _FLAT * abs(self._level()) + 1e-9 * abs(self._initial_loss)

    def _chance(self) -> float:
        """Twice the standard error of the difference between two halves' means."""
        # The median of the differences between neighbours knows the noise and is blind to a steep beginning.
        noise = float(np.median(np.abs(np.diff(self._looks)))) / _MEDIAN_OF_DIFFERENCES
        return 2 * noise * float(np.sqrt(2 / (_LOOKS // 2)))

    def _is_falling(self) -> bool:
        decrease = float(self._looks[: _LOOKS // 2].mean()) - self._level()
        return decrease > max(self._chance(), self._flat())

    def _arrived(self, step: int, weights: Array) -> Status:
        reason = f"the training loss no longer falls (about {self._level():.4g})"
        found = local_minimum(self._objective, weights)
        if found is None:
            return Status("converged", step, reason)
        loss, downhill = found
        if downhill:
            return Status("converged", step, f"{reason}, but it would{downhill}: this is a saddle", "saddle")
        lowest, where = self._lowest[0], f"was seen at step {self._lowest[1]:,}"
        minimum = self._objective.minimum()
        if minimum is not None and (known := self._objective.loss(minimum)) < lowest:
            lowest, where = known, "is known elsewhere"
        if lowest < loss - _BETTER * abs(self._initial_loss - lowest) - 1e-9 * abs(self._initial_loss):
            reason += f": stuck in a local minimum of {loss:.4g}, while {lowest:.4g} {where}"
            return Status("converged", step, reason, "local minimum")
        return Status("converged", step, reason)


def _back_and_forth(rate: float, sharpness: float, knobs: Knobs) -> str:
    words = "each step takes back the one before"
    limit = probes.edge(sharpness, knobs) if knobs.acts("momentum") else np.nan
    if not 0 < limit < np.inf:
        return words
    product, most = rate * sharpness, limit * sharpness
    return f"{words}: learning rate × sharpness = {product:.2f}, and {most:.2f} is the limit"


def _cosines(trajectories: Array) -> Array:
    """(n,) between the last two steps of each trajectory, (3, n, P); not finite where there is none."""
    first, second = np.diff(trajectories, axis=0)
    lengths = np.sqrt(np.einsum("np,np->n", first, first) * np.einsum("np,np->n", second, second))
    return np.asarray(np.einsum("np,np->n", first, second) / lengths)
