"""A solution that is shown: the changes of a plan at their steps, with a pause after each, till somebody takes over."""

import numpy as np
import pytest

import scenarios
from engine.refusals import RefusalError
from engine.runs.plan import Change
from engine.serving.commands import Advance, Branch, Play, SetKnob, SetSpeed, ShowSolution, TrainAgain, Travel, Undo
from engine.serving.worker import Worker
from scenarios.trainings.attempts import attempt

CHANGES = (Change(0, "learning_rate", 0.1), Change(5, "batch_size", 8), Change(9, "learning_rate", 0.01))


class Clock:
    """Time as the test has it."""

    now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def worker(clock):
    worker = Worker(scenarios.load("line-fit"), steps_per_second=10, clock=clock)
    worker.train(7)
    worker.handle(SetKnob("batch_size", 64))
    worker.handle(ShowSolution(CHANGES))
    return worker


def steps(worker):
    return worker.run.trainer.steps


def changed(worker):
    return [(change.step, change.knob, change.after) for change in worker.run.changes]


def catch_up(worker):
    while worker.pace.seconds_to_next_step() == 0.0:
        worker.advance()


def test_it_begins_anew_with_the_scenarios_own_knobs_and_keeps_the_run_before_as_a_ghost(worker):
    assert (steps(worker), worker.run.trainer.batch_size, worker.run.trainer.learning_rate) == (0, 32, 0.1)
    assert changed(worker) == [(0, "learning_rate", 0.1)]
    assert len(worker.runs.drawn_ghosts()) == 1
    assert worker.runs.solution == "shown"


def test_it_comes_to_the_same_bits_as_the_attempt_of_a_verdict():
    scenario = scenarios.load("brisk")
    changes = scenario.file.reference.script()
    attempted = attempt(scenario, changes)
    worker = Worker(scenario, steps_per_second=None)
    worker.handle(ShowSolution(tuple(changes)))
    for taken in (1, 30, attempted.trainer.steps - 31):
        worker.train(taken)
    assert worker.run.goal_state == attempted.goal_state
    assert worker.run.trainer.weights.tobytes() == attempted.trainer.weights.tobytes()


def test_it_waits_after_each_change_for_somebody_to_read_it(worker, clock):
    seen = []
    for _ in range(120):  # twelve seconds
        seen.append(steps(worker))
        clock.now += 0.1
        catch_up(worker)
    # Ten steps a second, and three seconds more at the steps 0, 5 and 9.
    assert [seen.count(step) for step in range(12)] == pytest.approx([31, 1, 1, 1, 1, 31, 1, 1, 1, 31, 1, 1], abs=1)


def test_it_waits_at_full_speed_too(worker, clock):
    worker.handle(SetSpeed(None))  # whoever presses a key has read
    worker.advance()
    assert steps(worker) == 5
    assert worker.pace.seconds_to_next_step() == pytest.approx(3)
    worker.advance()
    assert steps(worker) == 5
    clock.now += 3.1
    worker.advance()
    assert steps(worker) == 9


def test_single_steps_do_not_wait(worker):
    worker.handle(Advance(20))
    catch_up(worker)
    assert steps(worker) == 20
    assert len(changed(worker)) == 3


def test_a_knob_takes_over_on_a_branch_and_the_solution_stays_as_it_was(worker):
    worker.train(7)
    before = worker.run.trainer.weights.copy()
    worker.handle(SetKnob("momentum", 0.5))
    assert worker.runs.solution == "taken over"
    assert np.array_equal(worker.run.trainer.weights, before)
    row = worker.runs.compare().rows[-1]
    assert (row.origin.step, row.number) == (7, 3)
    worker.train(10)
    assert changed(worker)[2:] == [(7, "momentum", 0.5)]
    assert worker.runs.drawn_ghosts()[-1].number == 2


def test_a_knob_that_is_refused_takes_nothing_over(worker):
    worker.train(7)
    for knob, value in (("momentum", 2.0), ("altitude", 1)):
        with pytest.raises(RefusalError):
            worker.handle(SetKnob(knob, value))
    worker.handle(SetKnob("batch_size", 8))  # as it is
    assert worker.runs.solution == "shown"
    worker.train(5)
    assert len(changed(worker)) == 3


def test_at_its_beginning_a_knob_takes_over_without_a_branch(worker):
    worker.handle(SetKnob("momentum", 0.5))
    assert worker.runs.solution == "taken over"
    assert len(worker.runs.drawn_ghosts()) == 1


@pytest.mark.parametrize("command", [Branch(), Undo()])
def test_a_branch_takes_over(worker, command):
    worker.train(7)
    worker.handle(command)
    assert worker.runs.solution == "taken over"
    worker.train(20)
    assert len(changed(worker)) <= 2


def test_going_on_from_a_past_moment_takes_over(worker):
    worker.train(7)
    worker.handle(Travel("step", -4))
    assert worker.runs.solution == "shown"
    worker.handle(Travel("step", 4))
    worker.handle(Play(running=True))
    assert worker.runs.solution == "shown"
    worker.handle(Travel("step", -4))
    worker.handle(Play(running=True))
    assert (worker.runs.solution, steps(worker)) == ("taken over", 3)


def test_a_run_begun_anew_is_nobodys_solution(worker):
    worker.train(7)
    worker.handle(TrainAgain())
    assert worker.runs.solution == ""
    worker.train(20)
    assert changed(worker) == []


def test_a_branch_of_what_was_taken_over_is_taken_over(worker):
    worker.train(7)
    worker.handle(Branch())
    worker.train(3)
    worker.handle(Branch())
    assert worker.runs.solution == "taken over"
