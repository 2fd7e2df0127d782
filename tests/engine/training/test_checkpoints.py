import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.training.knobs import SAMPLINGS, Knobs
from engine.training.optimizers import OPTIMIZERS
from engine.training.schedules import CONSTANT, Cosine
from engine.training.trainer import Trainer

CHANGES = st.one_of(
    st.tuples(st.just("learning_rate"), st.sampled_from([0.001, 0.05, 0.2])),
    st.tuples(st.just("batch_size"), st.integers(1, 70)),
    st.tuples(st.just("momentum"), st.sampled_from([0.0, 0.5, 0.9])),
    st.tuples(st.just("optimizer"), st.sampled_from(sorted(OPTIMIZERS))),
    st.tuples(st.just("sampling"), st.sampled_from(SAMPLINGS)),
    st.tuples(st.just("schedule"), st.sampled_from([CONSTANT, Cosine(steps=50), Cosine(steps=300, floor=0.1)])),
    st.tuples(st.just("weight_decay"), st.sampled_from([0.0, 0.1])),
    st.tuples(st.just("gradient_clip"), st.sampled_from([0.5, float("inf")])),
)
FLIGHTS = st.lists(st.tuples(st.integers(0, 150), CHANGES), max_size=5)


def trainer_of(objective, *, seed=0, start=1.0, **knobs):
    return Trainer(objective, np.full(len(objective.weight_names), start), knobs=Knobs(**knobs), seed=seed)


def fly(trainer, flight):
    for steps, (knob, value) in flight:
        trainer.run(steps)
        trainer.set_knob(knob, value)
    trainer.run(100)


def left_since(trainer, step):
    """The bits of all that a trainer has left since a step."""
    recorded = trainer.history.tail(trainer.steps - step).tobytes() if trainer.steps > step else b""
    return trainer.steps, trainer.examples, trainer.blew_up_at, trainer.knobs, trainer.weights.tobytes(), recorded


@given(
    before=FLIGHTS,
    more=st.integers(0, 150),
    after=FLIGHTS,
    examples=st.sampled_from([1, 7, 60, 3000]),
    look_ahead=st.booleans(),
)
def test_a_restored_trainer_goes_on_with_the_same_bits(make_plane, before, more, after, examples, look_ahead):
    objective = make_plane(examples, 3)
    trainer = trainer_of(objective, seed=3, batch_size=16)
    fly(trainer, before)
    trainer.run(more)
    if look_ahead:
        trainer.upcoming_batch()
    checkpoint = pickle.loads(pickle.dumps(trainer.checkpoint()))
    restored = trainer_of(objective, batch_size=5)
    restored.run(11)
    restored.restore(checkpoint)
    assert restored.upcoming_batch().tolist() == trainer.upcoming_batch().tolist()
    for each in (trainer, restored):
        fly(each, after)
    assert left_since(restored, checkpoint.steps) == left_since(trainer, checkpoint.steps)


@pytest.mark.parametrize("sampling", SAMPLINGS)
@pytest.mark.parametrize("steps", [0, 3, 4])  # at and within an epoch
def test_a_change_of_the_sampling_is_blind_to_looking_ahead_and_restoring(make_plane, sampling, steps):
    looking, restored, alone = (trainer_of(make_plane(60, 3), batch_size=16, seed=seed) for seed in (7, 8, 7))
    for each in (looking, alone):
        each.run(steps)
    looking.upcoming_batch()
    restored.restore(alone.checkpoint())
    for each in (looking, restored, alone):
        each.set_knob("sampling", "with_replacement")
        each.run(2)
        each.set_knob("sampling", sampling)
        each.run(200)
    expected = alone.weights.tobytes()
    assert looking.weights.tobytes() == restored.weights.tobytes() == expected


def test_what_follows_does_not_change_a_checkpoint(make_plane):
    trainer = trainer_of(make_plane(60, 3), optimizer="adam")
    trainer.run(77)
    checkpoint = trainer.checkpoint()
    before = pickle.dumps(checkpoint)
    trainer.run(1000)
    trainer.restore(checkpoint)
    trainer.run(1000)
    assert pickle.dumps(checkpoint) == before


def test_a_run_that_blew_up_is_restored_as_such(make_plane):
    trainer = trainer_of(make_plane(60, 3), learning_rate=1e6)
    trainer.run(1000)
    restored = trainer_of(trainer.objective)
    restored.restore(trainer.checkpoint())
    assert restored.blew_up_at == trainer.blew_up_at is not None
    assert restored.run(10) == 0


def test_without_a_history_the_steps_before_are_a_gap(make_line):
    trainer = trainer_of(make_line())
    trainer.run(3000)
    restored = trainer_of(trainer.objective)
    restored.restore(trainer.checkpoint())
    restored.run(10)
    assert restored.history.steps == 3010
    assert np.isnan(restored.history.tail(3010)[:, :3000]).all()
    assert np.isfinite(restored.history.tail(10)).all()


def test_a_history_of_another_length_is_refused(make_line):
    trainer = trainer_of(make_line())
    trainer.run(5)
    with pytest.raises(ValueError, match="history of 5 steps is needed, not of 0"):
        trainer_of(trainer.objective).restore(trainer.checkpoint(), trainer_of(trainer.objective).history)
