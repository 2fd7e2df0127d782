"""Past moments, branches, undo, races and the comparison, through the worker as the screen does it."""

import math
import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import scenarios
from engine.runs.run import Run
from engine.runs.run_set import DRAWN_GHOSTS, KEPT_GHOSTS
from engine.serving.commands import (
    Advance,
    Branch,
    Focus,
    ForgetGhosts,
    Load,
    Play,
    Race,
    RequestFrame,
    SetGoal,
    SetKnob,
    TrainAgain,
    Travel,
    Undo,
)
from engine.serving.process import LocalEngine
from engine.serving.snapshot import Refused, Snapshot, View
from engine.training.knobs import Knobs
from engine.training.trainer import Trainer


class Source:
    """Runs of one objective, from weights of zero; batches of 10."""

    def __init__(self, objective):
        self.objective = objective

    def run(self, *, seed=None, knobs=None):
        start = np.zeros(len(self.objective.weight_names))
        knobs = knobs or Knobs(learning_rate=0.02, batch_size=10)
        return Run(Trainer(self.objective, start, knobs=knobs, seed=seed or 0))


class Table:
    """An engine in this process, and what it replied."""

    def __init__(self, source):
        self.replies = []
        self.engine = LocalEngine(source)
        self.engine.listen(self.replies.append)
        self.engine.send(Play(False))

    def __call__(self, *commands):
        """Send them; returns the snapshot after them."""
        for command in (*commands, RequestFrame(View(comparison=True))):
            self.engine.send(command)
        return self.replies[-1]

    def refused(self, *commands):
        for command in commands:
            self.engine.send(command)
        assert isinstance(self.replies[-1], Refused)
        return self.replies[-1].reason

    @property
    def run(self):
        return self.engine.worker.run


@pytest.fixture
def source(make_line):
    return Source(make_line(100))


@pytest.fixture
def table(source):
    return Table(source)


def alone(source, steps, changes=(), **knobs):
    """A run that was trained without any of this."""
    run = source.run(knobs=Knobs(**{"learning_rate": 0.02, "batch_size": 10, **knobs}))
    for at, knob, value in changes:
        run.advance(at - run.trainer.steps)
        run.set_knob(knob, value)
    run.advance(steps - run.trainer.steps)
    return run


def picture(snapshot):
    """All that a moment shows, but not when it was measured and what is beside it."""
    return pickle.dumps((snapshot.weights, snapshot.data, snapshot.knobs, snapshot.training_loss, snapshot.batch_loss))


# --- past moments -----------------------------------------------------------------------------------


def test_every_moment_back_and_forth_is_as_it_was(table):
    seen = [picture(table())]
    seen += [picture(table(Advance(1))) for _ in range(9)]
    table(SetKnob("batch_size", 3))  # at step 9
    seen[-1] = picture(table())
    seen += [picture(table(Advance(1))) for _ in range(10)]
    for k in reversed(range(19)):
        snapshot = table(Travel("step", -1))
        assert (snapshot.step, snapshot.latest_step, picture(snapshot) == seen[k]) == (k, 19, True)
    for k in range(1, 20):
        snapshot = table(Travel("step", 1))
        assert (snapshot.step, picture(snapshot) == seen[k]) == (k, True)
    assert not [reply for reply in table.replies if isinstance(reply, Refused)]


def test_curves_and_marks_reach_to_the_latest_step_all_else_to_the_moment(table):
    table(Advance(50), SetKnob("momentum", 0.5), Advance(50))
    snapshot = table(Travel("step", -70))
    assert (snapshot.step, snapshot.latest_step, snapshot.examples) == (30, 100, 300)
    assert snapshot.curves.training.steps[-1] == 100
    assert [change.step for change in snapshot.changes] == [50]
    assert snapshot.knobs.momentum == 0
    assert snapshot.weights.trajectory[-1].tolist() == snapshot.weights.present.tolist()


@pytest.mark.parametrize("unit", ["step", "epoch", "change"])
def test_there_is_nothing_before_the_beginning(table, unit):
    assert "beginning" in table.refused(Travel(unit, -1))
    assert table(Advance(5), Travel("step", -100)).step == 0


@pytest.mark.parametrize("unit", ["step", "epoch", "change"])
def test_there_is_nothing_after_the_latest_step(table, unit):
    assert "latest step" in table.refused(Advance(5), Travel(unit, 1))
    snapshot = table(Travel("step", -2), Travel("step", 100))
    assert (snapshot.step, snapshot.latest_step) == (5, 5)


def test_epochs_back_and_forth_begin_where_the_examples_ran_out(table):
    table(Advance(13), SetKnob("batch_size", 33), Advance(20))  # 130 examples, then 33, 33, 4 | 33, 33, 33, 1 | …
    back = [table(Travel("epoch", -1)) for _ in range(8)]
    assert [snapshot.examples for snapshot in back] == [600, 500, 400, 300, 200, 100, 0, 0]
    forth = [table(Travel("epoch", 1)) for _ in range(7)]
    assert [snapshot.examples for snapshot in forth] == [100, 200, 300, 400, 500, 600, 633]
    assert [snapshot.step for snapshot in forth[:3]] == [10, 16, 20]


def test_jumps_to_knob_changes(table):
    for knob, value in [("momentum", 0.5), ("batch_size", 5), ("learning_rate", 0.1)]:
        table(Advance(20), SetKnob(knob, value))
    table(Advance(20))
    assert [table(Travel("change", -1)).step for _ in range(3)] == [60, 40, 20]
    assert "no knob was changed before" in table.refused(Travel("change", -1))
    assert [table(Travel("change", 1)).step for _ in range(2)] == [40, 60]
    assert "no knob was changed after" in table.refused(Travel("change", 1))


def test_going_back_while_training_pauses(table):
    snapshot = table(Play(True), Travel("step", -1))
    assert not snapshot.running


def test_a_long_way_back_and_a_held_key_replay_few_steps(source, table, monkeypatch):
    replayed = []
    table(Advance(200_000))
    advance = Run.advance
    monkeypatch.setattr(Run, "advance", lambda run, steps: replayed.append(steps) or advance(run, steps))
    table.engine.send(Travel("step", -80_000))
    assert sum(replayed) <= 200_000 / 128  # 256 checkpoints at most, half of them just after a doubling
    replayed.clear()
    for _ in range(400):
        table.engine.send(Travel("step", -1))
    assert sum(replayed) / 400 < 200
    for _ in range(10):
        table.engine.send(Travel("step", 1))
    monkeypatch.undo()
    assert table.run.trainer.weights.tobytes() == alone(source, 119_610).trainer.weights.tobytes()


# --- branches and undo ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("command", "steps"),
    [(Branch(), 40), (Play(True), 41), (Advance(3), 43), (SetKnob("batch_size", 7), 40), (Advance(None), 50)],
    ids=str,
)
def test_going_on_from_a_past_moment_branches_there_and_keeps_the_run(table, command, steps):
    before = table(Advance(100))
    after = table(Travel("step", -60), command)  # playing on takes a step with the frame
    assert (before.number, after.number, after.step, after.latest_step) == (1, 2, steps, steps)
    (ghost,) = after.ghosts
    assert (ghost.number, ghost.training_loss.steps[-1], ghost.trajectory[-1].tolist()) == (
        1,
        100,
        before.weights.trajectory[-1].tolist(),
    )
    assert [(row.number, row.origin and row.origin.step, row.steps) for row in after.comparison.rows] == [
        (1, None, 100),
        (2, 40, steps),
    ]


def test_a_branch_has_the_bits_of_a_run_with_those_changes(source, table):
    table(Advance(100), Travel("step", -60), SetKnob("batch_size", 7), Advance(300))
    assert table.run.trainer.weights.tobytes() == alone(source, 340, [(40, "batch_size", 7)]).trainer.weights.tobytes()


def test_what_is_refused_in_the_past_does_not_branch(table):
    table(Advance(100), Travel("step", -60))
    assert "batch_size" in table.refused(SetKnob("batch_size", 0))
    assert "at least 0" in table.refused(Advance(-1))
    snapshot = table(SetKnob("batch_size", 10))  # as it is
    assert (snapshot.number, snapshot.step, snapshot.latest_step) == (1, 40, 100)


def test_a_branch_at_the_present_leaves_a_ghost_and_goes_on(table):
    snapshot = table(Advance(50), Branch())
    assert (snapshot.number, snapshot.step, len(snapshot.ghosts)) == (2, 50, 1)
    assert "not taken a step" in table.refused(Branch())
    table(Play(True))
    snapshot = table(Branch())
    assert snapshot.running
    assert snapshot.number == 3


def test_undo_goes_back_to_right_before_the_last_change(source, table):
    table(Advance(30), SetKnob("momentum", 0.9), Advance(30), SetKnob("learning_rate", 0.2), Advance(30))
    snapshot = table(Undo())
    assert (snapshot.step, snapshot.knobs.learning_rate, snapshot.knobs.momentum, snapshot.number) == (60, 0.02, 0.9, 2)
    table(Advance(100))
    expected = alone(source, 160, [(30, "momentum", 0.9)])
    assert table.run.trainer.weights.tobytes() == expected.trainer.weights.tobytes()
    snapshot = table(Undo())
    assert (snapshot.step, snapshot.knobs.momentum, [ghost.number for ghost in snapshot.ghosts]) == (30, 0, [1, 2])
    assert "no knob change to undo" in table.refused(Undo())


def test_undoing_at_once_leaves_no_ghost_of_nothing(table):
    table(Advance(30), SetKnob("momentum", 0.9), Advance(30), SetKnob("learning_rate", 0.2), Undo())
    snapshot = table(Undo())
    assert [ghost.number for ghost in snapshot.ghosts] == [1]
    assert (snapshot.number, snapshot.step) == (2, 30)
    (_, row) = snapshot.comparison.rows
    assert (row.origin.number, row.origin.step) == (1, 30)


def test_undo_from_a_past_moment_undoes_what_was_changed_until_then(table):
    table(Advance(30), SetKnob("momentum", 0.9), Advance(30), SetKnob("learning_rate", 0.2), Advance(30))
    assert table(Travel("step", -40), Undo()).step == 30


def test_a_divergence_can_be_undone(table):
    table(Advance(50), SetKnob("learning_rate", 5.0), Advance(5000), Advance(5000))
    assert table.run.trainer.blew_up_at is not None
    assert "latest" in table.refused(Travel("step", 1))
    snapshot = table(Undo())
    assert (snapshot.step, snapshot.status.kind, snapshot.running) == (50, "running", False)
    assert table(Advance(50)).step == 100


def test_a_blow_up_can_be_looked_at_from_both_sides(table):
    blown = table(Advance(50), SetKnob("learning_rate", 5.0), Advance(5000), Advance(5000))
    before = table(Travel("step", -1))
    assert math.isfinite(before.batch_loss)
    after = table(Travel("step", 1))
    assert (after.step, after.status) == (blown.step, blown.status)


# --- ghosts -----------------------------------------------------------------------------------------


def test_the_latest_ghosts_are_drawn_and_more_compared_and_the_rest_counted(table):
    for _ in range(KEPT_GHOSTS + 3):
        table(Advance(1), TrainAgain(), Play(False))
    snapshot = table()
    first = snapshot.number - KEPT_GHOSTS
    assert [ghost.number for ghost in snapshot.ghosts] == [snapshot.number - k for k in range(DRAWN_GHOSTS, 0, -1)]
    assert [row.number for row in snapshot.comparison.rows] == list(range(first, snapshot.number + 1))
    assert snapshot.comparison.forgotten == first - 1


def test_ghosts_are_forgotten_and_numbers_go_on(table):
    table(Advance(5), TrainAgain(), Play(False), Advance(5))
    snapshot = table(ForgetGhosts())
    assert (snapshot.ghosts, [row.number for row in snapshot.comparison.rows]) == ((), [2])
    assert "no earlier run" in table.refused(ForgetGhosts())
    assert table(TrainAgain()).number == 3


def test_another_scenario_begins_without_any(table, make_plane):
    table(Advance(5), TrainAgain(), Race("optimizer", ("sgd", "adam")))
    snapshot = table(Load(Source(make_plane(20, 3)), None))
    assert (snapshot.number, snapshot.ghosts, snapshot.lock_step, len(snapshot.comparison.rows)) == (1, (), "", 1)


def test_training_again_from_a_past_moment_takes_its_knobs(table):
    table(Advance(50), SetKnob("momentum", 0.9), Advance(50), Travel("step", -70))
    assert table(TrainAgain()).knobs.momentum == 0


# --- races ------------------------------------------------------------------------------------------

RACES = [
    ("optimizer", ("sgd", "nesterov", "rmsprop", "adam")),
    ("learning_rate", (0.01, 0.02, 0.05)),
    ("batch_size", (2, 7, 10, 100)),
]


@pytest.mark.parametrize(("knob", "values"), RACES)
def test_every_racer_has_the_bits_of_training_alone(source, table, knob, values):
    table(SetKnob("momentum", 0.5), Race(knob, values), Play(False))
    for steps in (1, 40, 200, 3)[: len(values)]:
        table(Advance(steps), Focus(1))
    for value in values:
        trainer = table.run.trainer
        assert getattr(trainer, knob) == value
        expected = alone(source, trainer.steps, **{"momentum": 0.5, knob: value}).trainer
        assert (trainer.steps > 1, trainer.weights.tobytes()) == (True, expected.weights.tobytes())
        table(Focus(1))


@pytest.mark.parametrize(("knob", "values"), RACES)
def test_racers_are_level_in_updates_or_examples(table, knob, values):
    table(Race(knob, values), Play(False))
    for steps in (1, 3, 50):
        snapshot = table(Advance(steps))
        rows = snapshot.comparison.rows
        if snapshot.lock_step == "updates":
            assert {row.steps for row in rows} == {snapshot.step}
        else:
            most = max(row.examples for row in rows)
            assert knob == "batch_size"
            assert all(0 <= most - row.examples < row.knobs.batch_size for row in rows)
        snapshot = table(Focus(-1))


def test_a_race_is_on_all_panels_and_one_is_in_front(table):
    snapshot = table(Advance(7), Race("optimizer", ("sgd", "adam", "rmsprop")), Play(False), Advance(20))
    assert [(ghost.number, ghost.label) for ghost in snapshot.ghosts] == [(1, ""), (3, "adam"), (4, "rmsprop")]
    assert (snapshot.number, snapshot.label, snapshot.knobs.optimizer) == (2, "sgd", "sgd")
    snapshot = table(Focus(1), SetKnob("batch_size", 5))
    assert (snapshot.number, snapshot.label, snapshot.knobs.optimizer) == (3, "adam", "adam")
    assert [row.knobs.batch_size for row in snapshot.comparison.rows] == [10, 10, 5, 10]
    assert [row.in_front for row in snapshot.comparison.rows] == [False, False, True, False]
    assert table(Focus(-1), Focus(-1)).number == 4


def test_optimizers_may_race_at_a_rate_each(source, table):
    rates = (0.01, None, 0.001, 0.1)
    snapshot = table(Race("optimizer", ("sgd", "adagrad", "adam", "adam"), rates), Play(False), Advance(20))
    assert [row.knobs.learning_rate for row in snapshot.comparison.rows] == [
        0.01,
        0.02,  # that of all
        0.001,
        0.1,
    ]
    assert [row.label for row in snapshot.comparison.rows] == ["sgd 0.01", "adagrad", "adam 0.001", "adam 0.1"]
    table(Focus(-2))
    expected = alone(source, 20, optimizer="adam", learning_rate=0.001).trainer
    assert table.run.trainer.weights.tobytes() == expected.weights.tobytes()


def test_one_that_blows_up_stops_and_the_others_go_on(table):
    table(Race("learning_rate", (5.0, 0.02, 9.0)), Play(True))
    for _ in range(3):
        table.engine.worker.train(2000)
    snapshot = table()
    assert snapshot.running
    assert [row.status.kind for row in snapshot.comparison.rows] == ["diverged", "converged", "diverged"]
    assert [row.steps == 6002 for row in snapshot.comparison.rows] == [False, True, False]  # one with each frame
    assert snapshot.step < 2000  # the one in front is a wreck
    table.engine.worker.train(10)
    assert table(Focus(1)).step > 6010


def test_a_race_in_examples_goes_on_behind_a_wreck_in_front(table):
    table(SetKnob("learning_rate", 2.0), Race("batch_size", (1, 2, 100)), Play(False))
    table(Advance(100_000))
    assert table.engine.worker.runs.stopped
    assert not table(Play(True)).running
    table(SetKnob("learning_rate", 0.9), TrainAgain(), Race("batch_size", (1, 100)), Play(False))
    rows = table(Advance(5000), Advance(500)).comparison.rows[-2:]
    assert rows[0].status.kind == "diverged"
    assert rows[1].examples == max(row.examples for row in rows)


def test_a_race_of_wrecks_pauses(table):
    table(Race("learning_rate", (5.0, 9.0)))
    table.engine.worker.train(5000)
    assert not table().running


def test_training_again_and_branching_leave_the_race(table):
    table(Race("optimizer", ("sgd", "adam")), Play(False), Advance(20), Focus(1))
    snapshot = table(Travel("step", -5), Advance(1))
    assert (snapshot.lock_step, snapshot.number, snapshot.step, snapshot.knobs.optimizer) == ("", 3, 16, "adam")
    assert [(ghost.number, ghost.label) for ghost in snapshot.ghosts] == [(1, "sgd"), (2, "adam")]
    table(Race("optimizer", ("sgd", "adam")), Play(False), Advance(20), Focus(1))
    snapshot = table(TrainAgain())
    assert (snapshot.lock_step, snapshot.knobs.optimizer, len(snapshot.comparison.rows)) == ("", "adam", 6)


def test_looking_back_in_a_race_leaves_the_others_where_they_are(table):
    table(Race("optimizer", ("sgd", "adam")), Play(False), Advance(20))
    snapshot = table(Travel("step", -5))
    assert (snapshot.step, snapshot.ghosts[0].training_loss.steps[-1]) == (15, 20)
    assert table(Focus(1)).step == 20  # at its latest


def test_a_knob_that_does_not_act_is_not_raced(table):
    assert "momentum acts with sgd and nesterov" in table.refused(
        SetKnob("optimizer", "adam"), Race("momentum", (0, 1))
    )


def test_any_knob_that_acts_may_be_raced(table):
    snapshot = table(Race("momentum", (0.0, 0.5, 0.9)), Play(False), Advance(20))
    assert [ghost.label for ghost in snapshot.ghosts] == ["momentum 0.5", "momentum 0.9"]
    snapshot = table(Race("schedule", ("cosine:steps=50", "constant")), Play(False), Advance(20))
    assert (snapshot.label, snapshot.ghosts[-1].label) == ("cosine:steps=50", "constant")


@pytest.mark.parametrize(
    ("race", "words"),
    [
        (Race("optimizer", ("sgd",)), "2 to 4"),
        (Race("optimizer", ("sgd", "adam", "adamw", "rmsprop", "nesterov")), "2 to 4"),
        (Race("optimizer", ("sgd", "sgd")), "twice"),
        (Race("optimizer", ("sgd", "warp")), "optimizer must be one of"),
        (Race("learning_rate", (0.1, -1.0)), "learning_rate must be"),
        (Race("batch_size", (8, 0)), "batch_size must be"),
        (Race("batch_size", (8, 4), (0.1, 0.2)), "with optimizers only"),
        (Race("optimizer", ("sgd", "adam"), (0.1,)), "one for each"),
        (Race("optimizer", ("sgd", "adam"), (0.1, -0.1)), "learning_rate must be"),
        (Race("optimizer", ("adam", "adam"), (0.1, 0.1)), "twice"),
        (Race("impetus", (0.1, 0.2)), "momentum"),
        (Race("momentum", (0.1, 1.0)), "momentum must be"),
    ],
)
def test_an_impossible_race_is_refused_and_training_goes_on(table, race, words):
    table(Advance(5))
    assert words in table.refused(race)
    snapshot = table()
    assert (snapshot.number, snapshot.step, snapshot.ghosts) == (1, 5, ())


def test_there_is_nobody_else_to_put_in_front(table):
    assert "one run only" in table.refused(Focus(1))


# --- the comparison and the goal --------------------------------------------------------------------


def test_the_derived_goal_leaves_a_twentieth_of_the_way_down(source, table):
    comparison = table().comparison
    objective = source.objective
    lowest, first = objective.loss(objective.minimum()), objective.loss(np.zeros(2))
    assert comparison.derived
    assert comparison.level == pytest.approx(lowest + 0.05 * (first - lowest))


def test_a_run_comes_to_its_goal_at_the_first_evaluation_below_it(source, table):
    reached = table(Advance(1000)).comparison.rows[0].reached
    goal, every = table().comparison.level, alone(source, 0).evaluations.stride
    at = next(step for step in range(0, 1000, every) if alone(source, step).trainer.loss() <= goal)
    assert (reached.steps, reached.examples) == (at, 10 * at)


def test_a_goal_that_is_set_later_is_looked_for_in_every_run(table):
    table(Advance(100_000), TrainAgain(), Play(False), Advance(20))
    before = [row.reached for row in table().comparison.rows]
    assert before[0].steps < 200  # to the step, though 100,000 followed
    snapshot = table(SetGoal(1e9))
    assert [row.reached.steps for row in snapshot.comparison.rows] == [0, 0]
    assert not snapshot.comparison.derived
    assert [row.reached for row in table(SetGoal(-1.0)).comparison.rows] == [None, None]
    assert [bool(row.reached) for row in table(SetGoal(None)).comparison.rows] == [True, False]


@pytest.mark.parametrize("loss", [math.nan, math.inf])
def test_an_impossible_goal_is_refused(table, loss):
    assert "finite training loss" in table.refused(SetGoal(loss))


def test_the_goal_holds_for_branches_and_races(table):
    table(
        SetGoal(5.0), Advance(500), Travel("step", -200), Branch(), Race("optimizer", ("sgd", "nesterov")), Play(False)
    )
    rows = table(Advance(500)).comparison.rows
    assert len({row.reached for row in rows}) == 1
    assert all(row.reached for row in rows)


# --- anything at any time ---------------------------------------------------------------------------

COMMANDS = st.one_of(
    st.builds(Advance, st.one_of(st.none(), st.integers(-1, 400))),
    st.builds(Play, st.booleans()),
    st.builds(Travel, st.sampled_from(["step", "epoch", "change"]), st.sampled_from([-300, -2, -1, 1, 2, 300])),
    st.builds(SetKnob, st.just("learning_rate"), st.sampled_from([0.001, 0.05, 3.0, -1.0])),
    st.builds(SetKnob, st.just("batch_size"), st.sampled_from([1, 7, 60, 200])),
    st.builds(SetKnob, st.just("sampling"), st.sampled_from(["reshuffled", "full_batch", "with_replacement"])),
    st.builds(
        Race, st.just("optimizer"), st.sampled_from([("sgd", "adam"), ("sgd",), ("nesterov", "rmsprop", "adamw")])
    ),
    st.builds(Race, st.just("batch_size"), st.sampled_from([(1, 8), (3, 60, 500)])),
    st.builds(Focus, st.sampled_from([-1, 1])),
    st.builds(SetGoal, st.sampled_from([None, 1.0, math.nan])),
    st.builds(TrainAgain, st.booleans()),
    st.sampled_from([Branch(), Undo(), ForgetGhosts()]),
)


@given(commands=st.lists(COMMANDS, max_size=25))
def test_whatever_is_asked_for_is_done_or_refused_and_what_is_shown_fits_together(make_line, commands):
    source = Source(make_line(60))
    table = Table(source)
    snapshot = table()
    for command in commands:
        snapshot = table(command)
        assert isinstance(snapshot, Snapshot)
        assert 0 <= snapshot.step <= snapshot.latest_step
        assert not (snapshot.running and snapshot.step < snapshot.latest_step)
        numbers = [row.number for row in snapshot.comparison.rows]
        assert numbers == sorted(set(numbers))
        assert snapshot.number in numbers
        assert {ghost.number for ghost in snapshot.ghosts} <= set(numbers) - {snapshot.number}
        (row,) = [row for row in snapshot.comparison.rows if row.in_front]
        assert (row.number, row.steps) == (snapshot.number, snapshot.latest_step)
    assert all(isinstance(reply, Snapshot | Refused) for reply in table.replies)
    replayed = source.run(seed=snapshot.seed, knobs=table.run.checkpoints.before(0).trainer.knobs)
    for change in table.run.changes:
        replayed.advance(change.step - replayed.trainer.steps)
        replayed.set_knob(change.knob, change.after)
    replayed.advance(snapshot.step - replayed.trainer.steps)
    assert replayed.trainer.weights.tobytes() == table.run.trainer.weights.tobytes()


@pytest.mark.parametrize("name", ["line-fit", "fuel-economy"])
def test_snapshots_of_a_race_among_ghosts_fit_the_pipes_buffer(name):
    table = Table(scenarios.load(name))
    for _ in range(6):
        table(Advance(2000), TrainAgain())
    table(Race("optimizer", ("sgd", "nesterov", "rmsprop", "adam")), Advance(2000))
    assert len(pickle.dumps(table())) < 128 * 1024  # a socket pair buffers about 200 kB on Linux
