"""The status of a run: running, converged or diverged; on what evidence, and with the finer word.

It is judged on the minibatch loss of every step (`alarms`), on windows of looks at the loss over all examples
(`windows`), and on the gradient and the curvature at the windows' mean weights. What is said depends on the run alone,
not on how its steps were grouped.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from engine import probes
from engine.model.objective import Array, Objective
from engine.runs.standing.alarms import DIVERGED, MOSTLY, Alarm, Alarms
from engine.runs.standing.evidence import Evidence
from engine.runs.standing.explanations import blow_up_in_words, direction_in_words
from engine.runs.standing.judgement import Judgement, Verdict
from engine.runs.standing.status import Status
from engine.runs.standing.windows import Window
from engine.training.knobs import Knobs

_ALIVE = 2.0  # times the loss at the beginning: the units are back
_GONE = 4.0  # standard errors from the level of arrival
_ANOTHER_RATE = 2.0  # times: what was seen at the rate before tells nothing any more
_IN_A_ROW, _AFTER_AN_ERROR = 2, 4  # judgements that agree


class Watch:
    """Watches a run and keeps its `status`.

    Converged, at the noise floor or at a minimum: in two windows in a row the loss neither fell nor rose by more than
    twice the standard error of that; and at the windows' mean weights, which have little of the noise, the gradient and
    the curvature promise no fall worth mentioning in four times as many steps as have been taken: less than 0.1 % of
    the loss, or a tenth of what the noise adds to it. It is no arrival above the limit of the learning rate. It is
    taken back when two windows in a row lie off the level of arrival by more than chance.
    Plateau: it does not fall, but the curvature would let it, by a twentieth of the loss; or the bottom of the hollow
    is known to lie far below.
    Stuck in a local minimum it is called only where that can be known: up to 64 weights, where the objective knows its
    minimum or a look saw a lower loss.
    Oscillating: it does not fall either, but it could, and at most of the looks a step took back the one before; or,
    with minibatches, it swings: the learning rate is beyond the limit, so that there is no level to arrive at, or the
    loss goes up and down by half its level, a twentieth of the descent above the lowest that was seen.
    Diverging, diverged, saturated: as `Alarms` has it; diverged for good, where a number is not finite.
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
        self._alarms = Alarms(self._initial_loss)
        # (2, P) the weights before the two steps before the present ones; NaN where there were none.
        self._before = np.full((2, len(weights)), np.nan)
        self._knobs = knobs
        self.status = Status()
        self.restart(0, knobs)

    def restart(self, step: int, knobs: Knobs) -> None:
        """Judge anew from `step` on, because the knobs changed to these."""
        if self._alarms.state != "saturated":
            self.status = Status(step=step)
        before, after = (self._temperature(known) for known in (self._knobs, knobs))
        self._alarms.restart(1.0 if knobs.sees_all(len(self._objective.examples)) else max(1.0, after / before))
        self._knobs = knobs
        # The level of the loss where the run converged, its standard error, and how far off chance may take it.
        self._arrival = (np.nan, np.nan, np.nan)
        self._verdicts: tuple[Verdict | Literal["left"], int] = (
            "running",
            0,
        )  # the latest, how many times in a row
        self._needed = _IN_A_ROW
        self._since = step
        self._begin_window(step)

    def _temperature(self, knobs: Knobs) -> float:
        """The measure of the noise floor, far from the limit: learning rate over batch size, with momentum."""
        memory = knobs.memory if knobs.acts("momentum") else 1.0
        return knobs.learning_rate * memory / knobs.batch_in_effect(len(self._objective.examples))

    def _begin_window(self, step: int) -> None:
        objective, batch = self._objective, self._knobs.batch_in_effect(len(self._objective.examples))
        self._window = Window(
            step,
            step - self._since,
            fewest=objective.loss_examples // batch,
            epoch=-(-len(objective.examples) // batch),
            num_weights=self._before.shape[1],
        )

    def checkpoint(self) -> dict[str, Any]:
        """Plain data from which `restore` judges on."""
        return {
            "status": self.status,
            "knobs": self._knobs,
            "since": self._since,
            "lowest": self._lowest,
            "arrival": self._arrival,
            "verdicts": self._verdicts,
            "needed": self._needed,
            "before": self._before.copy(),
            "window": self._window.checkpoint(),
            "alarms": self._alarms.checkpoint(),
        }

    def restore(self, checkpoint: dict[str, Any]) -> None:
        """Judge on where `checkpoint` was taken, on the same objective from the same weights."""
        self.status, self._knobs, self._lowest = (checkpoint[key] for key in ("status", "knobs", "lowest"))
        self._since, self._arrival, self._before = (checkpoint[key] for key in ("since", "arrival", "before"))
        self._verdicts, self._needed = checkpoint["verdicts"], checkpoint["needed"]
        self._window.restore(checkpoint["window"])
        self._alarms.restore(checkpoint["alarms"])

    def follow(self, first_step: int, weights: Array, record: Array, blew_up_at: int | None) -> None:
        """Take in n further steps: the weights before each of them and after the last, (n + 1, P), their minibatch
        losses, gradient norms and learning rates, (3, n), and which step had a number that was not finite."""
        start, end = first_step, first_step + record.shape[1]
        while start < end:
            due = self._due(first_step, end, record[2])
            if due:
                self._look(due, first_step, weights)
            stop = due[-1] + 1 if due and (self._window.is_due or self._window.next_look < end) else end
            self._heed(start, first_step, weights, record[:, start - first_step : stop - first_step])
            if due and self._window.is_due:
                row = due[-1] - first_step
                self._judge(due[-1], weights[row : row + 2].astype(np.float64), record[:, row])
            start = stop
        if blew_up_at is not None:
            self._blow_up(blew_up_at, blew_up_at - first_step, weights)
        if (count := end - first_step) > 1:
            self._before = np.array(weights[count - 2 : count], dtype=np.float64)
        elif count:
            self._before = self._trajectories(weights, np.array([1]))[:2, 0]

    def _due(self, first_step: int, end: int, rates: Array) -> range:
        """The steps to look at next, of one window and about one learning rate."""
        window = self._window
        due = range(window.next_look, end, window.interval)[: window.room]
        if not due or not self._knobs.schedule.varies:
            window.rate = self._knobs.learning_rate
            return due
        seen = rates[due.start - first_step : due[-1] - first_step + 1 : window.interval]
        first = window.rate if len(window.losses) else seen[0]
        other = (seen > _ANOTHER_RATE * first) | (seen * _ANOTHER_RATE < first)
        if not other.any():
            window.rate = float(first)
            return due
        count = int(np.argmax(other))
        if count:
            window.rate = float(first)
            return due[:count]
        self._since = due[0]  # by a schedule
        self._needed = _IN_A_ROW
        self._begin_window(due[0])
        return self._due(first_step, end, rates)

    def _trajectories(self, weights: Array, looked: NDArray[np.intp]) -> Array:
        """(3, n, P) the weights two steps before the rows `looked`, (n,), one step before them, and there."""
        trajectories = np.empty((3, len(looked), weights.shape[1]))
        if looked[0] > 1:  # nearly always
            trajectories[0], trajectories[1], trajectories[2] = (
                weights[looked - 2],
                weights[looked - 1],
                weights[looked],
            )
            return trajectories
        for back in range(3):
            rows = looked - back
            trajectories[2 - back] = weights[np.maximum(rows, 0)]
            trajectories[2 - back, rows < 0] = self._before[rows[rows < 0]]
        return trajectories

    def _look(self, steps: range, first_step: int, weights: Array) -> None:
        """Look at n steps of one window."""
        trajectories = self._trajectories(weights, np.array(steps) - first_step)
        losses = self._objective.losses(trajectories[2])
        if losses.min() < self._lowest[0]:
            self._lowest = float(losses.min()), steps[int(losses.argmin())]
        self._window.add(losses, _cosines(trajectories), trajectories[2])
        self._window.next_look = steps[-1] + self._window.interval

    def _heed(self, start: int, first_step: int, weights: Array, record: Array) -> None:
        """Heed the alarms of n steps from `start` on."""
        offset = start - first_step

        def saturated(k: int) -> float:
            return self._objective.saturated_units(weights[offset + k])

        for k, alarm in self._alarms.follow(start, record[0], record[2], saturated):
            self._sound(alarm, start + k, self._trajectories(weights, np.array([offset + k]))[:, 0])

    def _sound(self, alarm: Alarm, step: int, trajectory: Array) -> None:
        objective, weights = self._objective, trajectory[-1]
        loss = objective.loss(weights)
        if alarm == "diverged":
            times = f"{loss / self._initial_loss:.1e} times where it began".replace("e+", "e")
            reason = f"the training loss is {times} and growing{direction_in_words(objective, trajectory)}"
            self.status = Status("diverged", step, reason)
        elif alarm == "lost":
            times = f"{loss / self._initial_loss:.1e} times where it began".replace("e+", "e")
            reason = f"the training loss is {times}, and these knobs do not bring it back"
            self.status = Status("diverged", step, reason)
        elif alarm == "diverging":
            times = f"{loss / self._alarms.level:,.3g} times what it was"
            reason = f"the training loss is {times} and growing{direction_in_words(objective, trajectory)}"
            self.status = Status("running", step, reason, "diverging")
        elif alarm == "saturated":
            slope = float(np.linalg.norm(objective.gradient(weights)))
            share = f"{100 * objective.saturated_units(weights):.0f} %"
            times = f"{loss / self._initial_loss:,.3g} times the start"
            reason = f"most units are saturated ({share}): gradient {slope:.1g}, loss {times}"
            self.status = Status("diverged", step, reason, "saturated")
        else:  # it has come back
            self._rejoin(step)

    def _rejoin(self, step: int) -> None:
        self.status = Status(step=step)
        self._verdicts = "running", 0

    def _blow_up(self, step: int, index: int, weights: Array) -> None:
        trajectory = self._trajectories(weights, np.array([index]))[:, 0]
        grew = np.isfinite(self._initial_loss) and not (
            self._objective.loss(trajectory[2]) <= DIVERGED * self._initial_loss
        )
        words = blow_up_in_words(self._objective, trajectory, weights[index + 1], grew=bool(grew))
        self.status = Status("diverged", step, words)

    def _judge(self, step: int, weights: Array, record: Array) -> None:
        """Judge the run when the window is half full or full. weights: (2, P) before and after the step; record: (3,)
        of the step."""
        window = self._window
        if self.status.detail == "saturated" and self._is_alive(weights[0]):
            self._alarms.revive()
            self._rejoin(step)
        if self._alarms.state != "calm":
            self._since = step + 1
            self._begin_window(step + 1)
            return
        if window.is_first:
            pass
        elif self.status.kind == "converged":
            self._stay_or_leave(step)
        elif self.status.kind == "running":
            self._assess(step, weights, record)
        self._alarms.learn(window.level, window.rate)
        if self._window.is_full:
            self._begin_window(step + 1)

    def _is_alive(self, weights: Array) -> bool:
        """Tell whether units that were saturated are back, and the loss with them."""
        low = self._window.level < _ALIVE * self._initial_loss
        return low and self._objective.saturated_units(weights) <= MOSTLY

    def _note(self, verdict: Verdict | Literal["left"]) -> int:
        """Note the verdict; returns how many times in a row it was this."""
        before, times = self._verdicts
        self._verdicts = verdict, times + 1 if verdict == before else 1
        return self._verdicts[1]

    def _stay_or_leave(self, step: int) -> None:
        level, error, slack = self._arrival
        off = abs(self._window.level - level)
        left = off > max(_GONE * float(np.hypot(error, self._window.error)), slack)
        if self._note("left" if left else "converged") >= _IN_A_ROW and left:
            self._rejoin(step)
            self._needed = _AFTER_AN_ERROR

    def _assess(self, step: int, weights: Array, record: Array) -> None:
        judgement = Judgement(
            self._objective, self._knobs, self._window, self._lowest, self._initial_loss, self._stochastic_limit
        )
        passed = step + 1 - self._since
        verdict: Verdict = "running"
        evidence = None
        if judgement.is_moving:
            if self.status.detail == "oscillating" and judgement.is_over(float(record[2])):
                return  # a walk without aim
        else:
            evidence = judgement.evidence(passed, weights, record)
            verdict = judgement.verdict(evidence)
        times = self._note(verdict)
        if verdict == "running" or evidence is None:
            if self.status.detail and times >= _IN_A_ROW:
                self._rejoin(step)
        elif verdict == "converged":
            if times >= self._needed:
                self._arrive(step, judgement, evidence)
        elif self.status.detail != verdict and (times >= _IN_A_ROW or judgement.is_swinging(evidence)):
            words = judgement.why_oscillating(evidence) if verdict == "oscillating" else evidence.plateau_in_words
            self.status = Status("running", step, words, verdict)

    def _arrive(self, step: int, judgement: Judgement, evidence: Evidence) -> None:
        """Take the level of this window for that of arrival; on a plateau there is none."""
        place = judgement.place(evidence)
        if place.kind == "plateau":
            if self.status.detail != "plateau":
                self.status = Status("running", step, evidence.plateau_in_words, "plateau")
            return
        level = f"the training loss no longer falls (about {self._window.level:.4g})"
        self.status = Status("converged", step, level + place.words, place.kind)
        slack = judgement.slack * evidence.excess + judgement.flat
        self._arrival = self._window.level, self._window.error, slack


def _cosines(trajectories: Array) -> Array:
    """(n,) between the last two steps of each trajectory, (3, n, P); not finite where there is none."""
    first, second = trajectories[1:] - trajectories[:-1]
    lengths = np.sqrt(np.vecdot(first, first) * np.vecdot(second, second))
    return np.asarray(np.vecdot(first, second) / lengths)
