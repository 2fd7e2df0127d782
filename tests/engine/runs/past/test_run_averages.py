"""The averages of a run: their losses are those of the mean weights at the steps they say; the run is left alone."""

import numpy as np
import pytest

import scenarios
from engine.runs.past import spread_losses
from engine.runs.run import Run
from engine.serving import commands
from engine.serving.views import averages_view
from engine.serving.worker import Worker
from engine.training.averages import PolyakAverage
from engine.training.knobs import Knobs
from engine.training.trainer import Trainer


def run_of(objective, validation=None, **knobs):
    settings = {"batch_size": 2, "learning_rate": 0.1, **knobs}
    start = np.zeros(len(objective.weight_names))
    return Run(Trainer(objective, start, knobs=Knobs(**settings), validation=validation))


@pytest.mark.parametrize("chunk", [1, 7, 400])
def test_each_loss_is_that_of_the_mean_of_the_weights_since(make_line, chunk):
    objective = make_line()
    run = run_of(objective, validation=objective)
    run.advance(50)
    run.average(True)
    watched = PolyakAverage(50)
    twin = run_of(objective)
    twin.observers.append(watched)
    twin.advance(50)
    for _ in range(400 // chunk):
        run.advance(chunk)
    polyak = run.averages.polyak.evaluations
    assert polyak.steps[0] == 51
    assert len(polyak.steps) > 25
    for step, loss, validation in zip(polyak.steps, polyak.training_loss, polyak.validation_loss, strict=True):
        twin.advance(int(step) - twin.trainer.steps)
        assert loss == pytest.approx(objective.loss(watched.weights), rel=1e-9)
        assert validation == pytest.approx(loss)


def test_losses_that_take_long_are_spread_over_the_steps(make_line, monkeypatch):
    """They are of the average at the step they say, though they come later."""
    objective = make_line()
    run, twin = run_of(objective), run_of(objective)
    run._spread = spread_losses.SpreadLosses(objective, None)
    run.average(True)
    watched = PolyakAverage()
    twin.observers.append(watched)
    run.advance(200)
    found = run.averages.polyak.evaluations
    assert len(found.steps) > 10
    for step, loss in zip(found.steps, found.training_loss, strict=True):
        twin.advance(int(step) - twin.trainer.steps)
        assert loss == pytest.approx(objective.loss(watched.weights), rel=1e-9)


def test_what_averaging_buys_is_seen_beside_the_run(make_line):
    objective = make_line()
    run = run_of(objective, sampling="with_replacement")
    run.advance(200)
    assert averages_view.capture(run, 50, 0, 200) is None
    run.average(True)
    before = averages_view.capture(run, 50, 0, 200)
    assert np.isnan([before.polyak.training_loss, before.exponential.training_loss]).all()
    assert averages_view.average_weights(run).shape == (0, 2)
    run.advance(5000)
    seen = averages_view.capture(run, 50, 0, 5200)
    floor = objective.loss(objective.minimum())
    assert seen.since == 200
    assert floor <= seen.polyak.training_loss < floor + (seen.run_loss - floor) / 10
    assert seen.polyak.training_loss < seen.run_loss - seen.run_spread / 2
    assert seen.polyak.training_loss == pytest.approx(objective.loss(averages_view.average_weights(run)[0]))
    run.average(False)
    assert averages_view.capture(run, 50, 0, 5200) is None


def test_a_run_that_blows_up_has_averages_without_numbers_and_no_spread(make_line):
    run = run_of(make_line(), learning_rate=50.0)
    run.average(True)
    run.advance(3000)
    seen = averages_view.capture(run, 50, 0, 3000)
    assert not np.isfinite(seen.polyak.training_loss)
    assert np.isnan(seen.run_loss)


def test_averages_do_not_change_the_run(make_line):
    one, other = run_of(make_line()), run_of(make_line())
    one.average(True)
    for run in (one, other):
        run.advance(500)
    assert one.trainer.weights.tobytes() == other.trainer.weights.tobytes()
    assert one.evaluations.training_loss.tobytes() == other.evaluations.training_loss.tobytes()


def test_branches_runs_begun_anew_and_racers_are_averaged_from_their_start_and_another_scenario_is_not():
    worker = Worker(scenarios.load("line-fit"), steps_per_second=None)

    def since(*orders):
        for order in orders:
            worker.handle(order)
        return [run.averages and run.averages.since for run in worker.runs.training.values()]

    worker.train(20)
    assert since() == [None]
    assert since(commands.ShowAverages(True)) == [20]
    worker.train(20)
    assert since(commands.ShowAverages(True)) == [20]  # they go on
    assert since(commands.Travel("step", -5), commands.Branch()) == [35]
    assert since(commands.TrainAgain()) == [0]
    assert since(commands.Race("batch_size", (8, 16))) == [0, 0]
    assert since(commands.ShowAverages(False)) == [None, None]
    assert since(commands.ShowAverages(True), commands.Load(scenarios.load("one-weight"), None)) == [None]
