from dataclasses import asdict

import numpy as np
import pytest

from engine.runs.past.run_checkpoints import Checkpoints, close_stride, first_stride
from engine.runs.run import Run
from engine.training.knobs import Knobs
from engine.training.schedules import Cosine
from engine.training.trainer import Trainer


def trainer_of(objective, **knobs):
    return Trainer(objective, np.full(len(objective.weight_names), 1.0), knobs=Knobs(**knobs))


def test_a_checkpoint_is_plain_data(make_plane):
    run = Run(trainer_of(make_plane(60, 3), schedule=Cosine(steps=100)))
    run.advance(50)

    def plain(value):
        if isinstance(value, dict):
            return all(isinstance(key, str) and plain(part) for key, part in value.items())
        if isinstance(value, tuple):
            return all(plain(part) for part in value)
        return value is None or isinstance(value, int | float | str | np.ndarray)

    fields = asdict(run.checkpoint())
    del fields["watch"]["status"], fields["trainer"]["knobs"]["schedule"]  # frozen dataclasses
    assert plain(fields)


def kept_steps(run, checkpoints):
    return sorted({checkpoints.before(step).trainer.steps for step in range(run.trainer.steps + 1)})


@pytest.mark.parametrize("steps", [0, 2047, 2048, 10_000])
def test_checkpoints_stand_at_multiples_of_the_stride(make_line, steps):
    run = Run(trainer_of(make_line()))
    run.advance(steps)
    assert kept_steps(run, run.checkpoints) == list(range(0, steps + 1, run.checkpoints.stride))


def test_where_checkpoints_stand_does_not_depend_on_how_steps_are_grouped(make_line):
    whole, grouped = (Run(trainer_of(make_line())) for _ in range(2))
    whole.advance(3000)
    for _ in range(300):
        grouped.advance(10)
    assert kept_steps(whole, whole.checkpoints) == kept_steps(grouped, grouped.checkpoints)


def test_large_checkpoints_are_few_and_near(make_line):
    run = Run(trainer_of(make_line()))
    run.checkpoints = Checkpoints(max_bytes=10 * 2**14 + 2**12)  # room for ten
    run.checkpoints.append(run.checkpoint())
    run.advance(20_000)
    kept = kept_steps(run, run.checkpoints)
    assert 5 <= len(kept) <= 10
    assert max(np.diff([*kept, 20_000])) <= 2 * 20_000 / 10


def test_a_run_that_begins_in_mid_flight_keeps_its_beginning(make_line):
    trainer = trainer_of(make_line())
    trainer.run(77)
    run = Run(trainer)
    run.checkpoints = Checkpoints(max_bytes=0)
    run.checkpoints.append(run.checkpoint())
    run.advance(5000)
    assert run.checkpoints.before(0).trainer.steps == 77
    assert len(run.checkpoints) <= 4


def test_the_weights_that_the_watch_remembers_count_as_well(make_plane):
    run = Run(trainer_of(make_plane(30, 1999)))
    rows = run.checkpoint().trainer.rows.nbytes
    assert run.checkpoint().nbytes >= rows + 2 * 2000 * 8
    # Room for eight of the rows alone, and so for half as many with the others: 2 rows of 2,000 and 2 of 2,000.
    run.checkpoints = Checkpoints(stride=16, max_bytes=8 * (rows + 2**14))
    run.advance(2000)
    assert len(run.checkpoints) * run.checkpoint().nbytes <= 8 * (rows + 2**14)


def test_steps_that_take_long_are_replayed_from_near():
    assert first_stride(2, 32) == 2048
    assert first_stride(4810, 32) == 256
    assert first_stride(1_000_000, 128) == 8


def test_the_latest_steps_of_a_large_model_have_checkpoints_of_their_own(make_line):
    assert close_stride(300_000, 32) == 128
    run = Run(trainer_of(make_line()))
    run.checkpoints = Checkpoints(stride=8, close=128, max_bytes=4 * 2**15)
    run.checkpoints.append(run.checkpoint())
    run.advance(10_000)
    far = set(range(0, 10_000, run.checkpoints.stride))
    near = set(range(8960, 10_000, 128))  # from 1,024 before the latest on, which is at 9,984
    assert run.checkpoints.stride > 1024
    assert set(kept_steps(run, run.checkpoints)) == far | near
