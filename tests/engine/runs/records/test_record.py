"""What is kept of a run: its marks, its curves, and the way back into it."""

import numpy as np
import pytest

import scenarios
from engine.runs.plan import Change, Plan, plan_of, play
from engine.runs.records.marks import Marks, weights_sha256
from engine.runs.records.record import CURVES, MOST_BUCKETS, record_of, stride_of
from engine.serving.opening import Past, resume

CHANGES = (Change(700, "learning_rate", 0.2), Change(900, "optimizer", "adam"), Change(1500, "batch_size", 3))


def trained(name, steps, changes=(), pieces=10**9, marks=None):
    run = scenarios.load(name).run()
    if marks is not None:
        run.observers.append(marks)
    play(run, Plan(run.trainer.seed, run.trainer.knobs, changes, steps), pace=lambda run, taken: pieces)
    return run


@pytest.mark.parametrize("pieces", [1, 7, 64, 10**9])
def test_marks_are_the_weights_after_powers_of_two_however_the_steps_are_grouped(pieces):
    marks = Marks()
    trained("line-fit", 70, pieces=pieces, marks=marks)
    assert [mark.steps for mark in marks.upto(70)] == [1, 2, 4, 8, 16, 32, 64]
    assert [mark.steps for mark in marks.upto(31)] == [1, 2, 4, 8, 16]
    weights = trained("line-fit", 32).trainer.weights
    (mark,) = [mark for mark in marks.upto(70) if mark.steps == 32]
    assert weights_sha256(weights).startswith(mark.digest)
    assert mark.length == pytest.approx(np.linalg.norm(weights), rel=1e-15)


@pytest.mark.parametrize("steps", [0, 1, 1999, 2000, 2001, 4000, 4001, 10**6, 10**12])
def test_a_bucket_is_the_shortest_power_of_two_of_which_there_are_few(steps):
    stride = stride_of(steps)
    assert stride & (stride - 1) == 0
    assert -(-steps // stride) <= MOST_BUCKETS
    assert stride == 1 or -(-steps // (stride // 2)) > MOST_BUCKETS


@pytest.mark.parametrize("steps", [5, 3000])
def test_curves_have_the_least_the_mean_and_the_most_of_every_bucket(steps):
    run = trained("line-fit", steps)
    record = record_of(run, (), fresh=True)
    curves, exact = record.curves, run.trainer.history.tail(steps)
    assert record.plan == plan_of(run)
    assert curves.buckets.shape == (3, len(CURVES), -(-steps // curves.stride))
    for row, field in enumerate(CURVES):
        values = exact[run.trainer.history.fields.index(field)]
        buckets = [values[k : k + curves.stride] for k in range(0, steps, curves.stride)]
        for reduce, kept in zip((np.min, np.mean, np.max), curves.buckets, strict=True):
            assert kept[row] == pytest.approx(np.array([reduce(bucket) for bucket in buckets]), rel=1e-6)
    steps_of_losses, examples, training, validation = curves.evaluations
    assert training == pytest.approx(run.evaluations.training_loss)
    assert examples == pytest.approx(32 * steps_of_losses)
    assert np.isnan(validation).all()
    assert curves.trajectory[0] == pytest.approx(run.trainer.initial_weights)
    assert record.training_loss == run.trainer.loss()


@pytest.mark.parametrize("name", ["line-fit", "moons", "fuel-economy"])
def test_a_run_that_goes_on_from_a_checkpoint_has_the_bits_of_one_that_was_never_interrupted(name):
    whole = trained(name, 2500, CHANGES)
    earlier = trained(name, 2200, CHANGES)
    checkpoint = earlier.checkpoints.before(2200)
    assert checkpoint.trainer.steps > 0
    run, curves = scenarios.load(name).run(), record_of(earlier, (), fresh=False).curves
    past = Past(checkpoint, tuple(earlier.changes), curves)
    play(run, resume(run, Plan(0, run.trainer.knobs, CHANGES, 2500), past))
    for field in (*CURVES, "examples"):
        known, true = (one.trainer.history.window(field, 0, 2500, 50) for one in (run, whole))
        behind = true.steps < checkpoint.trainer.steps - curves.stride - 50
        for part in ("low", "mean", "high"):
            values = getattr(known, part)[: behind.sum()]
            few = 40 if field == "examples" else 0  # it is reckoned from the batches, some of which are short
            assert values == pytest.approx(getattr(true, part)[: behind.sum()], rel=1e-5, abs=few), (field, part)
    assert run.trainer.weights.tobytes() == whole.trainer.weights.tobytes()
    assert run.changes == whole.changes
    assert plan_of(run) == plan_of(whole)
    assert run.status == whole.status
    assert run.goal_state == whole.goal_state
    assert run.milestones == whole.milestones
    assert run.evaluations.training_loss.tobytes() == whole.evaluations.training_loss.tobytes()
