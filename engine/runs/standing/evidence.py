"""Evidence for a status beside the losses themselves: what gradient and curvature promise, and the limit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine import probes
from engine.model.objective import Array, Objective
from engine.training.knobs import Knobs

_PRODUCTS, _FEWEST_PRODUCTS, _PRODUCTS_WORK = 16, 8, 1e8  # with the Hessian: as many as take a tenth of a second
_SUM_WORK = 3e5  # nanoseconds of a gradient; where it would be more, a sample of the examples will do


@dataclass(frozen=True)
class Evidence:
    """Knowledge of the weights, (P,), about which a run stays. rate: the learning rate; limit: of it, NaN where it is
    unknown. excess: of the level of the loss above that at the weights. prospect: from there."""

    weights: Array
    rate: float
    limit: float
    excess: float
    prospect: probes.Prospect

    @property
    def plateau_in_words(self) -> str:
        """The reason why the run is on a plateau."""
        slope = f"{self.prospect.slope:.1e}".replace("e-0", "e-").replace("e+0", "e")
        return f"the gradient is small ({slope}), but the curvature lets the training loss fall on: waiting may pay"


def gather(
    objective: Objective,
    knobs: Knobs,
    weights: Array,
    rate: float,
    pace: float,
    steps: float,
    level: float,
    stochastic_limit: float,
) -> Evidence:
    """Measure at the weights, (P,), how far the loss would fall in so many steps.

    rate: the learning rate of the latest step. pace: the length of that step, in units of its gradient's: it stands for
    the learning rate of adaptive methods. level: of the loss lately. stochastic_limit: of minibatches, NaN if unknown.
    """
    gradient = objective.gradient(weights) + knobs.weight_decay * weights
    sums = probes.Sums(objective, most_work=_SUM_WORK)
    products = sums.products(_PRODUCTS_WORK, least=_FEWEST_PRODUCTS, most=_PRODUCTS)
    is_linear = probes.is_linear(knobs)
    horizon = steps * (rate * knobs.memory if is_linear else pace)
    pieces = probes.prospect_pieces(sums, weights, gradient, horizon, decay=knobs.weight_decay, products=products)
    prospect = probes.finish(pieces)
    full_batch = probes.edge(prospect.sharpness, knobs) if is_linear and prospect.sharpness > 0 else np.nan
    limit = float(np.fmin(full_batch, stochastic_limit))
    noiseless = knobs.sees_all(len(objective.examples))
    excess = 0.0 if noiseless else max(0.0, level - objective.loss(weights))
    return Evidence(weights, rate, limit, excess, prospect)
