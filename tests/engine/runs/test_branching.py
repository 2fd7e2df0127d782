import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.model.least_squares import LeastSquares
from engine.runs.branching import branch, undo
from engine.runs.run import Run
from engine.training.knobs import SAMPLINGS, Knobs
from engine.training.optimizers import OPTIMIZERS
from engine.training.schedules import CONSTANT, Cosine
from engine.training.trainer import Trainer

CHANGES = st.one_of(
    st.tuples(st.just("learning_rate"), st.sampled_from([0.001, 0.05, 2.0])),
    st.tuples(st.just("batch_size"), st.integers(1, 70)),
    st.tuples(st.just("optimizer"), st.sampled_from(sorted(OPTIMIZERS))),
    st.tuples(st.just("sampling"), st.sampled_from(SAMPLINGS)),
    st.tuples(st.just("schedule"), st.sampled_from([CONSTANT, Cosine(steps=300, floor=0.1)])),
)
FLIGHTS = st.lists(st.tuples(st.integers(0, 700), CHANGES), max_size=5)


def run_of(objective, validation=None, **knobs):
    start = np.ones(len(objective.weight_names))
    return Run(Trainer(objective, start, knobs=Knobs(**knobs), validation=validation))


def fly(run, flight, stop=None):
    """Fly, changes at `stop` included."""
    stop = sum(steps for steps, _ in flight) + 700 if stop is None else stop
    due = 0
    for steps, (knob, value) in flight:
        due += steps
        if due > stop:
            break
        run.advance(due - run.trainer.steps)
        run.set_knob(knob, value)
    run.advance(stop - run.trainer.steps)
    return run


def everything(run):
    """The bits of all that a run has left."""
    trainer, evaluations = run.trainer, run.evaluations
    window = trainer.history.window("batch_loss", 0, trainer.steps, 50)
    return (
        *(trainer.steps, trainer.examples, trainer.weights.tobytes(), trainer.knobs, trainer.blew_up_at),
        *(
            run.changes,
            run.status,
            run.milestones,
            trainer.history.tail(trainer.steps).tobytes(),
            window.mean.tobytes(),
        ),
        *(evaluations.steps.tobytes(), evaluations.training_loss.tobytes(), evaluations.validation_loss.tobytes()),
        trainer.upcoming_batch().tolist() if trainer.blew_up_at is None else None,
    )


@given(flight=FLIGHTS, share=st.floats(0, 1), examples=st.sampled_from([7, 60, 3000]), after=FLIGHTS)
def test_a_branch_is_as_if_flown_there_and_flies_on_so(make_plane, flight, share, examples, after):
    objective, validation = make_plane(examples, 3), make_plane(20, 3, seed=1)
    run = fly(run_of(objective, validation), flight)
    step = round(share * run.trainer.steps)
    before = everything(run)
    past = branch(run, step)
    flown = fly(run_of(objective, validation), flight, stop=step)
    assert everything(past) == everything(flown)
    assert fly_on(past, after) == fly_on(flown, after)
    assert everything(run) == before


def fly_on(run, flight):
    for steps, (knob, value) in flight:
        run.advance(steps)
        run.set_knob(knob, value)
    run.advance(300)
    return everything(run)


def test_a_branch_of_a_branch(make_line):
    run = fly(run_of(make_line()), [(500, ("momentum", 0.9))])
    flown = fly(run_of(make_line()), [], stop=400)
    assert everything(branch(branch(run, 1100), 400)) == everything(flown)


def test_changes_that_are_joined_are_undone_together(make_line):
    run = fly(run_of(make_line()), [(300, ("momentum", 0.9))])
    run.set_knob("learning_rate", 0.01)
    run.set_knob("batch_size", 8, joined=True)
    run.advance(100)
    once = undo(run)
    assert (once.trainer.momentum, once.trainer.batch_size) == (0.9, 32)
    assert once.changes == run.changes[:1]
    again = branch(run, run.trainer.steps)
    assert again.changes == run.changes
    assert undo(again).changes == once.changes


def test_undo_stands_before_the_last_change_at_its_step(make_line):
    run = run_of(make_line())
    run.advance(300)
    run.set_knob("momentum", 0.9)
    run.set_knob("batch_size", 8)
    run.advance(1000)
    once = undo(run)
    assert (once.trainer.steps, once.trainer.momentum, once.trainer.batch_size) == (300, 0.9, 32)
    assert once.changes == run.changes[:1]
    assert everything(undo(once)) == everything(fly(run_of(make_line()), [], stop=300))
    with pytest.raises(ValueError, match="no knob change to undo"):
        undo(undo(once))


@pytest.mark.parametrize("step", [-1, 501])
def test_a_step_that_was_not_flown_is_refused(make_line, step):
    run = fly(run_of(make_line()), [], stop=500)
    with pytest.raises(ValueError, match=f"one from 0 to 500, not {step}"):
        branch(run, step)


def test_an_end_of_a_schedule_by_the_same_rate_is_logged_and_replayed(make_line):
    run = run_of(make_line(), schedule=Cosine(steps=1000))
    run.advance(500)
    run.set_knob("learning_rate", run.trainer.learning_rate)
    run.advance(500)
    assert branch(run, 1000).trainer.weights.tobytes() == run.trainer.weights.tobytes()
    assert [change.knob for change in run.changes] == ["learning_rate"]


def test_setting_the_schedule_that_runs_lets_it_go_on(make_line):
    run, alone = (run_of(make_line(), schedule=Cosine(steps=1000)) for _ in range(2))
    for each in (run, alone):
        each.advance(500)
    run.set_knob("schedule", Cosine(steps=1000))
    for each in (run, alone):
        each.advance(100)
    assert everything(run) == everything(alone)


def test_a_branch_of_a_long_run_is_drawable_before_and_exact_at_its_end(make_line):
    run = run_of(make_line(64), batch_size=8)
    run.advance(700_000)
    step = 123_457
    past, flown = branch(run, step), run_of(make_line(64), batch_size=8)
    flown.advance(step)
    assert past.trainer.weights.tobytes() == flown.trainer.weights.tobytes()
    assert past.trainer.history.tail(100).tobytes() == flown.trainer.history.tail(100).tobytes()
    assert past.evaluations.training_loss.tobytes() == flown.evaluations.training_loss.tobytes()
    kept = dict(zip(flown.trajectory.steps, flown.trajectory.weights.tolist(), strict=True))
    assert len(past.trajectory.steps) >= 20
    assert all(
        kept[at] == weights.tolist() for at, weights in zip(past.trajectory.steps, past.trajectory.weights, strict=True)
    )
    drawn, expected = (each.trainer.history.window("batch_loss", 0, step, 100) for each in (past, flown))
    assert len(drawn.steps) >= 50
    assert np.isfinite(drawn.mean).all()
    assert (drawn.low.min(), drawn.high.max()) == (expected.low.min(), expected.high.max())
    # Sums in another order: as exact as the buckets are.
    shares = np.diff(np.append(drawn.steps, step)) / step, np.diff(np.append(expected.steps, step)) / step
    assert drawn.mean @ shares[0] == pytest.approx(expected.mean @ shares[1], rel=1e-9)


def test_rewinding_a_million_steps_replays_few_of_them(make_line, monkeypatch):
    run = run_of(make_line())
    run.advance(1_000_000)
    replayed, advance = [], Trainer.advance

    def counted(self, steps):
        chunk = advance(self, steps)
        replayed.append(chunk.steps)
        return chunk

    monkeypatch.setattr(Trainer, "advance", counted)
    for step in (999_999, 500_000, 12_345, 0):
        del replayed[:]
        branch(run, step)
        assert sum(replayed) <= 10_000  # 0.08 s where it was written


def test_a_run_checkpoint_crosses_a_pipe(make_line):
    run = run_of(make_line())
    run.advance(100)
    checkpoint = pickle.loads(pickle.dumps(run.checkpoint()))
    other = run_of(make_line())
    other.advance(7)
    other.restore(checkpoint, run)
    for each in (run, other):
        each.advance(500)
    assert everything(other) == everything(run)


def test_a_run_that_blew_up_can_be_flown_again_from_before(make_line):
    run = run_of(make_line())
    run.advance(200)
    run.set_knob("learning_rate", 1e300)
    run.advance(300)
    assert run.trainer.blew_up_at is not None
    again = branch(run, run.trainer.steps)
    assert (again.trainer.blew_up_at, again.status) == (run.trainer.blew_up_at, run.status)
    saved = undo(run)
    assert saved.advance(100) == 100
    assert saved.status.kind != "diverged"


def test_data_that_is_not_finite_is_no_obstacle():
    run = run_of(LeastSquares(np.array([[np.nan]]), np.array([1.0])))
    run.advance(10)
    assert branch(run, 1).status == run.status
    assert branch(run, 0).trainer.steps == 0
