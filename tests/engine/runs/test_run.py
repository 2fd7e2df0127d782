import numpy as np
import pytest

from engine.runs.past.knob_change import KnobChange
from engine.runs.run import Run
from engine.training.knobs import Knobs
from engine.training.trainer import Trainer


def run_of(objective, *, validation=None, **knobs):
    start = np.zeros(len(objective.weight_names))
    return Run(Trainer(objective, start, knobs=Knobs(**knobs), validation=validation))


def test_a_run_leaves_the_trainers_bits_alone(make_plane):
    run = run_of(make_plane(100, 8), validation=make_plane(30, 8, seed=1))
    alone = Trainer(run.trainer.objective, np.zeros(9), knobs=Knobs())
    run.advance(500)
    alone.run(500)
    assert run.trainer.weights.tobytes() == alone.weights.tobytes()


def test_changes_are_logged_with_the_step_they_act_from(make_line):
    run = run_of(make_line())
    run.advance(3)
    run.set_knob("learning_rate", 0.1)
    run.advance(4)
    run.set_knob("batch_size", 8)
    assert run.changes == [KnobChange(3, "learning_rate", 0.05, 0.1), KnobChange(7, "batch_size", 32, 8)]
    assert run.trainer.knobs == Knobs(0.1, 8, 0.0)


def test_setting_the_same_value_is_no_change(make_line):
    run = run_of(make_line(), batch_size=256)
    run.advance(5000)
    run.set_knob("learning_rate", 0.05)
    assert run.changes == []
    assert run.status.kind == "converged"


def test_a_change_makes_the_status_be_judged_anew(make_line):
    run = run_of(make_line(), batch_size=256)
    run.advance(5000)
    assert run.status.kind == "converged"
    run.set_knob("learning_rate", 2.0)
    assert (run.status.kind, run.status.step) == ("running", 5000)
    run.advance(200)
    assert run.status.kind == "diverged"


@pytest.mark.parametrize(("knob", "value"), [("learning_rate", float("nan")), ("batch_size", 0), ("momentum", 1.0)])
def test_a_refused_change_is_not_logged(make_line, knob, value):
    run = run_of(make_line())
    with pytest.raises(ValueError, match=knob):
        run.set_knob(knob, value)
    assert run.changes == []
    assert run.trainer.knobs == Knobs()


def test_validation_loss_is_over_the_validation_examples(make_line):
    validation = make_line(40, seed=1)
    run = run_of(make_line(), validation=validation)
    run.advance(100)
    assert run.trainer.validation_loss() == validation.loss(run.trainer.weights)


def test_without_validation_examples_there_is_no_validation_loss(make_line):
    run = run_of(make_line())
    run.advance(10)
    assert np.isnan(run.trainer.validation_loss())
    assert np.isnan(run.evaluations.validation_loss).all()


def test_evaluations_are_over_all_examples_before_the_step(make_line):
    objective, validation = make_line(), make_line(40, seed=1)
    run = run_of(objective, validation=validation)
    run.advance(300)
    weights = run.trainer.history.tail(300)[5:].T
    assert run.evaluations.steps.tolist() == list(range(300))
    # By the quadratic formula instead of a sum: the same but for roundings.
    expected = [objective.loss(row) for row in weights], [validation.loss(row) for row in weights]
    np.testing.assert_allclose(run.evaluations.training_loss, expected[0], rtol=1e-12)
    np.testing.assert_allclose(run.evaluations.validation_loss, expected[1], rtol=1e-12)
