"""Schedules against PyTorch's, and the rule that the hand wins."""

import math
import pickle
from dataclasses import asdict

import numpy as np
import pytest

from engine.training.knobs import Knobs
from engine.training.schedules import (
    CONSTANT,
    SCHEDULES,
    Constant,
    Cosine,
    Exponential,
    InverseTime,
    OneCycle,
    Plateau,
    StepDecay,
    WarmupCosine,
    from_table,
    parse,
)
from engine.training.trainer import Trainer

STEPS = 200
RATE = 0.05


def trainer_of(objective, **knobs):
    knobs = {"learning_rate": RATE, "batch_size": 32} | knobs
    return Trainer(objective, np.zeros(len(objective.weight_names)), knobs=Knobs(**knobs))


def rates(trainer, steps):
    """The learning rates of the next steps."""
    taken = trainer.run(steps)
    return trainer.history.tail(taken)[trainer.history.fields.index("learning_rate")]


# --- against PyTorch --------------------------------------------------------------------------------


def in_torch(name, **options):
    torch = pytest.importorskip("torch")
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=RATE)
    return optimizer, getattr(torch.optim.lr_scheduler, name)(optimizer, **options)


def warmup_then_cosine(step):
    share = (step - 20) / 130
    return (step + 1) / 20 if step < 20 else 0.1 + 0.9 * (1 + math.cos(math.pi * min(share, 1))) / 2


@pytest.mark.parametrize(
    ("schedule", "name", "options"),
    [
        (Constant(), "LambdaLR", {"lr_lambda": lambda step: 1.0}),
        (StepDecay(30, 0.3), "StepLR", {"step_size": 30, "gamma": 0.3}),
        (Exponential(1, 0.98), "ExponentialLR", {"gamma": 0.98}),
        (Exponential(50, 0.5), "LambdaLR", {"lr_lambda": lambda step: 0.5 ** (step / 50)}),
        (InverseTime(40), "LambdaLR", {"lr_lambda": lambda step: 1 / (1 + step / 40)}),
        (Cosine(STEPS, 0.1), "CosineAnnealingLR", {"T_max": STEPS, "eta_min": 0.1 * RATE}),
        (Cosine(STEPS), "CosineAnnealingLR", {"T_max": STEPS}),
        (WarmupCosine(150, 20, 0.1), "LambdaLR", {"lr_lambda": warmup_then_cosine}),
        (OneCycle(STEPS + 1), "OneCycleLR", {"max_lr": RATE, "total_steps": STEPS + 1}),
        (
            OneCycle(STEPS + 1, rise=0.1, start=0.5, end=0.005),
            "OneCycleLR",
            {"max_lr": RATE, "total_steps": STEPS + 1, "pct_start": 0.1, "div_factor": 2, "final_div_factor": 100},
        ),
    ],
    ids=lambda value: str(value) if not isinstance(value, dict) else "",
)
@pytest.mark.filterwarnings("ignore:.*lr_scheduler.step.*")
def test_rates_are_those_of_pytorch(make_line, schedule, name, options):
    optimizer, scheduler = in_torch(name, **options)
    expected = []
    for _ in range(STEPS):
        expected.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    np.testing.assert_allclose(rates(trainer_of(make_line(), schedule=schedule), STEPS), expected, rtol=1e-12)


@pytest.mark.parametrize(("factor", "patience", "floor"), [(0.5, 3, 0.0), (0.1, 0, 0.001), (0.3, 10, 0.0)])
def test_plateau_watches_the_training_loss_as_pytorch_does(make_line, factor, patience, floor):
    schedule = Plateau(factor, patience, threshold=1e-3, floor=floor)
    trainer = trainer_of(make_line(), schedule=schedule, learning_rate=0.4)  # noisy, so that the loss goes up and down
    optimizer, scheduler = in_torch(
        "ReduceLROnPlateau", factor=factor, patience=patience, threshold=1e-3, min_lr=floor * 0.4, eps=0.0
    )
    optimizer.param_groups[0]["lr"] = 0.4
    for _ in range(60):
        epoch = rates(trainer, 8)
        np.testing.assert_allclose(epoch, optimizer.param_groups[0]["lr"], rtol=1e-12)
        scheduler.step(trainer.loss())
    assert epoch[-1] < 0.1  # it has been reduced more than once


# --- the shapes -------------------------------------------------------------------------------------


def test_landmarks():
    assert [StepDecay(10, 0.5).at(step) for step in (0, 9, 10, 20)] == [1, 1, 0.5, 0.25]
    assert [Exponential(10, 0.25).at(step) for step in (0, 5, 10)] == [1, 0.5, 0.25]
    assert [InverseTime(10).at(step) for step in (0, 10, 30)] == [1, 0.5, 0.25]
    assert [Cosine(10, 0.2).at(step) for step in (0, 5, 10, 99)] == pytest.approx([1, 0.6, 0.2, 0.2])
    assert Cosine(10).at(10) == 0.0
    assert [WarmupCosine(20, 4).at(step) for step in (0, 3, 4, 12, 20, 99)] == pytest.approx([0.25, 1, 1, 0.5, 0, 0])
    assert [OneCycle(101).at(step) for step in (0, 100, 999)] == pytest.approx([1 / 25, 4e-6, 4e-6])
    assert max(OneCycle(100).at(step) for step in range(100)) == 1.0


def test_plateau_in_a_mid_epoch_looks_first_at_the_epochs_end(make_line):
    trainer = trainer_of(make_line(), learning_rate=1e-12)  # nothing improves
    trainer.run(5)
    trainer.schedule = Plateau(factor=0.5, patience=1)
    # Seen at steps 8 (the first loss), 16 (no better: waits), 24 (reduced).
    assert (rates(trainer, 24) / 1e-12).tolist() == pytest.approx([1] * 19 + [0.5] * 5)


def test_plateau_follows_the_epochs_of_a_changed_sampling(make_line):
    trainer = trainer_of(make_line(), learning_rate=1e-12)
    trainer.run(5)
    trainer.sampling = "with_replacement"  # begins an epoch: they end at 13, 21, 29
    trainer.schedule = Plateau(factor=0.5, patience=1)
    assert (rates(trainer, 30) / 1e-12).tolist() == pytest.approx([1] * 24 + [0.5] * 6)


def test_plateau_takes_no_comfort_from_losses_that_are_not_numbers():
    schedule, memory = Plateau(patience=1), None
    for loss in (math.nan, 2.0, math.nan, math.inf):
        memory = schedule.observe(memory, loss)
    assert memory == (1, 2.0, 0)
    for loss in (-1.0, -1.0, -1.0):  # equal is no better, below zero too
        memory = schedule.observe(memory, loss)
    assert memory == (2, -1.0, 0)


# --- the hand wins ----------------------------------------------------------------------------------


def test_setting_the_learning_rate_ends_the_schedule(make_line):
    trainer = trainer_of(make_line(), schedule=Cosine(100))
    trainer.run(50)
    assert trainer.learning_rate == pytest.approx(RATE / 2)
    trainer.learning_rate = 0.03
    assert trainer.schedule == CONSTANT
    assert rates(trainer, 20).tolist() == [0.03] * 20


def test_setting_a_schedule_starts_it_there_from_the_rate_of_that_moment(make_line):
    trainer = trainer_of(make_line(), schedule=Cosine(100))
    trainer.run(50)
    trainer.schedule = StepDecay(10, 0.5)
    assert rates(trainer, 20) == pytest.approx([RATE / 2] * 10 + [RATE / 4] * 10)


def test_setting_constant_holds_the_rate_of_that_moment(make_line):
    trainer = trainer_of(make_line(), schedule=Cosine(100))
    trainer.run(50)
    trainer.schedule = CONSTANT
    assert rates(trainer, 20) == pytest.approx([RATE / 2] * 20)


def test_a_schedule_after_one_that_ended_at_zero_begins_where_that_one_began(make_line):
    trainer = trainer_of(make_line(), schedule=Cosine(10))
    assert rates(trainer, 20)[-1] == trainer.learning_rate == 0.0
    trainer.schedule = Exponential(10)
    assert trainer.learning_rate == RATE


def test_setting_the_running_schedule_again_leaves_it_running(make_line):
    untouched, again = (trainer_of(make_line(), schedule=Cosine(100)) for _ in range(2))
    expected = rates(untouched, 60)
    before = rates(again, 30)
    again.schedule = "cosine:steps=100"
    assert [*before, *rates(again, 30)] == expected.tolist()


@pytest.mark.parametrize(
    ("knob", "value"),
    [
        ("batch_size", 8),
        ("momentum", 0.9),
        ("optimizer", "adam"),
        ("weight_decay", 0.1),
        ("gradient_clip", 1.0),
        ("sampling", "full_batch"),
    ],
)
def test_other_knobs_leave_the_schedule_running(make_line, knob, value):
    untouched, changed = (trainer_of(make_line(), schedule=Cosine(100, 0.1)) for _ in range(2))
    expected = rates(untouched, 60)
    before = rates(changed, 30)
    changed.set_knob(knob, value)
    assert [*before, *rates(changed, 30)] == expected.tolist()


def test_a_learning_rate_of_zero_moves_nothing(make_line):
    trainer = trainer_of(make_line(), schedule=Cosine(10))
    trainer.run(10)
    weights = trainer.weights
    trainer.run(100)
    assert trainer.weights.tobytes() == weights.tobytes()


# --- writing and reading ----------------------------------------------------------------------------

EXAMPLES = [
    (CONSTANT, "constant"),
    (StepDecay(100), "step:steps=100"),
    (Exponential(3, 0.5), "exponential:steps=3,factor=0.5"),
    (InverseTime(7), "inverse_time:steps=7"),
    (Cosine(500, 0.1), "cosine:steps=500,floor=0.1"),
    (WarmupCosine(50, 5), "warmup_cosine:steps=50,warmup=5"),
    (OneCycle(500, end=0.0), "one_cycle:steps=500,end=0.0"),
    (Plateau(patience=3), "plateau:patience=3"),
]


def test_every_schedule_has_an_example_here():
    assert {schedule.kind for schedule, _ in EXAMPLES} == set(SCHEDULES)


@pytest.mark.parametrize(("schedule", "text"), EXAMPLES)
def test_a_schedule_is_written_as_it_is_read(schedule, text):
    assert str(schedule) == text
    assert parse(text) == schedule
    assert from_table({"kind": schedule.kind, **asdict(schedule)}) == schedule
    assert pickle.loads(pickle.dumps(schedule)) == schedule
    assert Knobs(schedule=text).schedule == schedule


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "schedule must be one of constant, step, .*, not ''"),
        ("cosin:steps=5", "schedule must be one of .*, not 'cosin'; did you mean cosine?"),
        ("cosine", "schedule cosine: steps is missing; cosine needs it"),
        ("cosine:", "schedule 'cosine:': numbers are written name=number,name=number, each once"),
        ("cosine:steps", "schedule 'cosine:steps': numbers are written"),
        ("cosine:steps=5,steps=6", "each once"),
        ("cosine:stepz=5", "schedule cosine: stepz is none of cosine's numbers; did you mean steps?"),
        ("cosine:kind=5,steps=5", "kind"),
        ("constant:steps=5", "steps is none of constant's numbers; there is none"),
        ("cosine:steps=0", "schedule cosine: steps must be a whole number of at least 1, not 0"),
        ("cosine:steps=2.5", "steps must be a whole number of at least 1, not 2.5"),
        ("cosine:steps=many", "steps must be a whole number of at least 1, not 'many'"),
        ("cosine:steps=5,floor=nan", "floor must be a number of at least 0 and at most 1, not nan"),
        ("cosine:steps=5,floor=-0.1", "floor must be a number of at least 0 and at most 1, not -0.1"),
        ("step:steps=5,factor=0", "factor must be a number above 0 and at most 1, not 0"),
        ("plateau:factor=1", "factor must be a number above 0 and below 1, not 1"),
        ("plateau:patience=-1", "patience must be a whole number of at least 0, not -1"),
        ("warmup_cosine:steps=5,warmup=5", "warmup must be below steps, which is 5, not 5"),
        ("one_cycle:steps=10,rise=0.1", "rise must be above 1/10"),
    ],
)
def test_impossible_schedules_are_refused_in_words(text, words):
    with pytest.raises(ValueError, match=words):
        Knobs(schedule=text)


@pytest.mark.parametrize("value", [None, 5, {"kind": "cosine"}, Cosine])
def test_what_is_no_schedule_is_refused(value):
    with pytest.raises(ValueError, match="schedule must be one of"):
        Knobs(schedule=value)


@pytest.mark.parametrize("table", [{}, {"kind": 5}, {"kind": ["cosine"]}, {"steps": 5}])
def test_a_table_needs_its_kind(table):
    with pytest.raises(ValueError, match=r"^kind must be one of constant, step"):
        from_table(table)


def test_numbers_of_numpy_become_plain_ones():
    schedule = Cosine(np.int64(5), np.float32(0.5))
    assert [type(schedule.steps), type(schedule.floor)] == [int, float]
