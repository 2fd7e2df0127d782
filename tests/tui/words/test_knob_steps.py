"""The steps of the knobs."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.runs.past.knob_change import KnobChange
from engine.training.schedules import CONSTANT, SCHEDULES, Cosine, WarmupCosine, parse
from tui.words import knob_steps


@pytest.mark.parametrize(
    ("learning_rate", "up", "down"),
    [(0.05, 0.1, 0.02), (0.1, 0.2, 0.05), (0.9, 1.0, 0.5), (1e-9, 2e-9, 1e-9), (1e6, 1e6, 5e5)],
)
def test_the_learning_rate_goes_along_1_2_5(learning_rate, up, down):
    assert knob_steps.next_learning_rate(learning_rate, 1) == up
    assert knob_steps.next_learning_rate(learning_rate, -1) == down


def test_fine_steps_are_a_tenth():
    assert knob_steps.nearby_learning_rate(0.05, 1) == 0.055
    assert knob_steps.nearby_learning_rate(0.055, -1) == 0.05


@pytest.mark.parametrize(
    ("batch_size", "up", "down"), [(32, 64, 16), (1, 2, 1), (256, 314, 128), (314, 314, 256), (4096, 314, 256)]
)
def test_the_batch_size_doubles_and_halves_within_the_examples(batch_size, up, down):
    assert knob_steps.next_batch_size(batch_size, 1, 314) == up
    assert knob_steps.next_batch_size(batch_size, -1, 314) == down


def test_momentum_and_speed_have_ends():
    assert knob_steps.next_on_ladder("momentum", 0.0, -1) == 0.0
    assert knob_steps.next_on_ladder("momentum", 0.85, 1) == 0.9
    assert knob_steps.next_on_ladder("momentum", 0.99, 1) == 0.99
    assert knob_steps.next_speed(10, 1) == 30
    assert knob_steps.next_speed(30_000, 1) is None
    assert knob_steps.next_speed(None, 1) is None
    assert knob_steps.next_speed(None, -1) == 30_000
    assert knob_steps.next_speed(1, -1) == 1
    assert knob_steps.next_speed(7, 1) == 10


@given(st.floats(1e-12, 1e9), st.lists(st.sampled_from([-1, 1]), max_size=30))
def test_any_walk_of_the_learning_rate_stays_valid(learning_rate, directions):
    for direction in directions:
        learning_rate = knob_steps.next_learning_rate(learning_rate, direction)
    assert 1e-12 <= learning_rate <= 1e9


def test_changes_are_labelled_with_their_direction():
    assert knob_steps.change_label(KnobChange(5, "learning_rate", 0.05, 0.1)) == "lr ↑0.1"
    assert knob_steps.change_label(KnobChange(5, "batch_size", 32, 8)) == "batch ↓8"
    assert knob_steps.change_label(KnobChange(5, "weight_decay", 0.0, 0.01)) == "decay ↑0.01"
    assert knob_steps.change_label(KnobChange(5, "gradient_clip", 2.0, math.inf)) == "clip ↑∞"


def test_changes_to_words_are_labelled_with_the_word():
    assert knob_steps.change_label(KnobChange(5, "optimizer", "sgd", "adam")) == "adam"
    assert knob_steps.change_label(KnobChange(5, "sampling", "reshuffled", "full_batch")) == "full batch"
    assert knob_steps.change_label(KnobChange(5, "schedule", CONSTANT, Cosine(500))) == "cosine"
    assert knob_steps.change_label(KnobChange(5, "schedule", Cosine(500), CONSTANT)) == "constant"


def test_schedules_go_round_over_the_length_of_the_run():
    schedule, kinds = CONSTANT, []
    for _ in SCHEDULES:
        schedule = knob_steps.next_schedule(schedule, 300)
        kinds.append(schedule.kind)
    assert kinds == [*list(SCHEDULES)[1:], "constant"]
    assert knob_steps.next_schedule(Cosine(5), 300) == WarmupCosine(300, 30)


@pytest.mark.parametrize(("step", "length"), [(0, 200), (150, 50), (151, 200), (5000, 200)])
def test_a_schedule_takes_what_is_left_of_the_run(step, length):
    assert knob_steps.schedule_length(25, 8, step) == knob_steps.schedule_length(None, 8, step) == length


def test_schedules_in_words():
    assert knob_steps.schedule_words(CONSTANT) == "constant"
    assert knob_steps.schedule_words(Cosine(1500)) == "cosine over 1,500 steps"
    assert knob_steps.schedule_words(knob_steps.schedule_over("step", 300)) == "step × 0.1 every 100 steps"
    gentle = parse("exponential:steps=50,factor=0.5")
    assert knob_steps.schedule_words(gentle) == "exponential × 0.5 in 50 steps"
