"""The knobs in a scenario file."""

import math
from pathlib import Path
from typing import get_args, get_type_hints

import pytest

import scenarios
from engine.training.knobs import SAMPLINGS, Knobs
from engine.training.optimizers import OPTIMIZERS
from engine.training.schedules import CONSTANT, SCHEDULES, Cosine
from scenarios.files.schema import Training
from scenarios.reading import parse
from scenarios.scenario_error import ScenarioError

LINE_FIT = (Path(scenarios.__file__).parent / "presets" / "line-fit.toml").read_text()


def with_training(lines):
    return LINE_FIT.replace("[training]", f"[training]\n{lines}")


def test_every_knob_can_be_set():
    lines = """
        optimizer = "adam"
        schedule = { kind = "cosine", steps = 500, floor = 0.1 }
        weight_decay = 0.01
        gradient_clip = 2
        sampling = "full_batch"
        momentum = 0.5
    """
    knobs = Knobs(0.05, 32, 0.5, "adam", Cosine(500, 0.1), 0.01, 2.0, "full_batch")
    file = parse(with_training(lines), "my.toml")
    assert file.training.starting_knobs() == knobs
    assert scenarios.Scenario("my.toml", file).run().trainer.knobs == knobs


def test_knobs_that_are_left_out_have_the_engines_defaults():
    defaults = Knobs(learning_rate=0.05, batch_size=32)
    assert parse(LINE_FIT, "").training.starting_knobs() == defaults
    assert (defaults.schedule, defaults.gradient_clip) == (CONSTANT, math.inf)


def test_the_schema_knows_the_engines_words():
    hints = get_type_hints(Training)
    assert get_args(hints["optimizer"]) == tuple(OPTIMIZERS)
    assert get_args(hints["sampling"]) == SAMPLINGS


KINDS = ", ".join(SCHEDULES)
REFUSALS = {
    'optimizer = "adm"': '`training.optimizer` = "adm" is not one of: sgd, nesterov, adagrad, rmsprop, adam, adamw',
    'sampling = "none"': '`training.sampling` = "none" is not one of: reshuffled, shuffled_once, with_replacement',
    "weight_decay = -1": "`training.weight_decay` = -1: must be a number of at least 0",
    "gradient_clip = 0": "`training.gradient_clip` = 0: must be a number above 0",
    'schedule = "cosine"': '`training.schedule` = "cosine": must be a table',
    "schedule = {}": f"`training.schedule.kind`: must be one of {KINDS}",
    'schedule = { kind = "cosin" }': f'`training.schedule.kind` = "cosin": must be one of {KINDS}; did you mean',
    "schedule = { kind = 5 }": f"`training.schedule.kind` = 5: must be one of {KINDS}",
    'schedule = { kind = "cosine" }': "`training.schedule.steps`: is missing; cosine needs it",
    'schedule = { kind = "cosine", stepz = 5 }': "`training.schedule.stepz` = 5: is none of cosine's numbers; did",
    'schedule = { kind = "cosine", steps = 0 }': "`training.schedule.steps` = 0: must be a whole number of at least 1",
    'schedule = { kind = "cosine", steps = true }': "`training.schedule.steps` = true: must be a whole number of at",
    'schedule = { kind = "cosine", steps = 9, floor = nan }': "`training.schedule.floor` = nan: must be a number of at",
    'schedule = { kind = "cosine", "a\\u001b" = 9 }': "`training.schedule`: 'a\\x1b' is none of cosine's numbers",
}


@pytest.mark.parametrize(("lines", "expected"), REFUSALS.items(), ids=REFUSALS)
def test_impossible_knobs_are_refused_in_words(lines, expected):
    with pytest.raises(ScenarioError) as caught:
        parse(with_training(lines), "my.toml")
    assert str(caught.value).startswith(f"my.toml: {expected}")


def test_a_schedule_of_a_reference_is_refused_at_reading_too():
    text = LINE_FIT.replace("{ step = 50, learning_rate = 0.01 }", '{ step = 50, schedule = { kind = "cosin" } }')
    assert text != LINE_FIT
    with pytest.raises(ScenarioError, match=r'`reference.changes\[1\].schedule.kind` = "cosin": must be one of'):
        parse(text, "my.toml")
