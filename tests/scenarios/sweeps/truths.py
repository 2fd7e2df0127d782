"""Known results that a sweep of the line fit must show, as numbers: for the tests, and for tests/benchmarks."""

from __future__ import annotations

import math
from dataclasses import replace

import msgspec
import numpy as np

import scenarios
from engine.probes import MinibatchTheory
from engine.probes.gradients import example_gradients
from scenarios.files.goal_forms import GoalTable, Target
from scenarios.sweeps.batch_curves import batch_fit, path_noise_scale, target_points
from scenarios.sweeps.stability_limits import stability_limits
from scenarios.sweeps.sweep_map import SweepMap
from scenarios.sweeps.sweep_plan import Axis, SweepPlan
from scenarios.sweeps.sweeping import train_cells

LINE = scenarios.load("line-fit")
_MANY_STEPS = 1e12


def trained(rates, batches, *, seeds, steps=0, examples=0, measure="training_loss", target=None, sampling="reshuffled"):
    """The map of a sweep of the line fit."""
    line = LINE
    if target is not None:
        goal = GoalTable(measure="steps", stars=(_MANY_STEPS,) * 3, target=Target(training_loss=target))
        line = replace(LINE, file=msgspec.structs.replace(LINE.file, goal=goal))
    axes = Axis("learning_rate", tuple(map(float, rates))), Axis("batch_size", tuple(batches))
    knobs = replace(LINE.file.training.starting_knobs(), sampling=sampling)
    plan = SweepPlan(axes, knobs, tuple(range(seeds)), steps or examples, "steps" if steps else "examples")
    known = SweepMap(plan, measure)
    train_cells(line, plan, plan.cells, after=known.add)
    return known


def start():
    """The objective of the line fit, the weights that it begins with, and its lowest loss."""
    trainer = LINE.trainer(seed=0)
    return trainer.objective, trainer.weights, trainer.objective.loss(trainer.objective.minimum())


def edges(rates, batches, **said):
    """For each batch size: the places of the first rate whose median training blew up, and of the first rate above the
    limit in the mean square."""
    known = trained(rates, batches, **said)
    limits = stability_limits(known.plan, MinibatchTheory(start()[0]))
    found = {}
    for row, size in enumerate(batches):
        lost = [known.at((column, row)).lost for column in range(len(rates))]
        above = [rate > limits[(0, row)].value for rate in rates]
        found[size] = tuple(flags.index(True) if True in flags else len(rates) for flags in (lost, above))
    return found


def diagonal(rate, batches, *, seeds, examples, sampling):
    """For each batch size, at `rate` times it: the median loss above the lowest one, after the same number of examples;
    infinite where it blew up."""
    lowest = start()[2]
    found = {}
    for size in batches:
        place = trained([rate * size], [size], seeds=seeds, examples=examples, sampling=sampling).at((0, 0))
        found[size] = math.inf if place.lost else place.middle - lowest
    return found


def one_step_rates(rates, batches, *, seeds, sampling="reshuffled"):
    """For each batch size: the rate with the lowest loss after one step from the start, and the one by theory,
    ε_max/(1 + B_noise/B) with ε_max = |g|²/gᵀHg and B_noise = tr HΣ/gᵀHg (McCandlish et al. 2018, equation 2.7)."""
    known = trained(rates, batches, seeds=seeds, steps=1, sampling=sampling)
    objective, weights, _ = start()
    gradients = example_gradients(objective, weights, np.arange(len(objective.examples)))
    true = gradients.mean(axis=0)
    hessian = np.array([objective.gradient(weights + unit) - objective.gradient(weights) for unit in np.eye(2)])
    noise = (gradients - true).T @ (gradients - true) / len(gradients)
    most, scale = true @ true / (true @ hessian @ true), np.trace(hessian @ noise) / (true @ hessian @ true)
    found = {}
    for row, size in enumerate(batches):
        losses = [known.at((column, row)).middle for column in range(len(rates))]
        found[size] = rates[int(np.argmin(losses))], most / (1 + scale / size)
    return found


def critical_batch_size(excess, rates, batches, *, seeds, steps, sampling="reshuffled"):
    """The critical batch size of the curve of steps to a loss so far above the lowest one, and the noise scale on the
    way there."""
    objective, weights, lowest = start()
    target = lowest + excess
    known = trained(rates, batches, seeds=seeds, steps=steps, target=target, measure="steps_to_goal", sampling=sampling)
    fit = batch_fit(target_points(known))
    return fit.critical, path_noise_scale(objective, weights, target).value
