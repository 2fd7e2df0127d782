"""The table of runs, read as text: no app, no engine."""

import math
from dataclasses import replace

import pytest

from engine.runs.comparison import Comparison, Origin, RunRow
from engine.runs.standing.milestones import Reached
from engine.runs.standing.status import Status
from engine.training.knobs import Knobs
from tui.dashboard.panels.comparison_panel import left_out, table, title
from tui.painting.palette import Ink
from tui.words.run_words import left_out_words

ROW = RunRow(
    number=1,
    label="",
    training=False,
    in_front=False,
    knobs=Knobs(),
    learning_rate=0.05,
    seed=0,
    origin=None,
    changes=0,
    steps=1234,
    examples=39_488,
    num_examples=256,
    reached=Reached(24, 768),
    training_loss=1.0123,
    validation_loss=math.nan,
    lowest_training=1.0101,
    lowest_validation=math.inf,
    status=Status("converged"),
)
BRANCH = replace(
    ROW,
    number=2,
    training=True,
    in_front=True,
    knobs=Knobs(learning_rate=0.002, batch_size=4, optimizer="nesterov", momentum=0.9),
    learning_rate=0.002,
    origin=Origin(1, 300),
    changes=3,
    steps=12_345_678,
    examples=49_382_712,
    reached=None,
    training_loss=1.0102,
    lowest_training=1.01005,
    status=Status(detail="oscillating"),
)


def lines(rows, width=54, height=20, level=2.275, derived=True, forgotten=0, paused=False):
    comparison = Comparison(level, derived, tuple(rows), forgotten)
    return str(table(comparison, width, height, paused=paused)).split("\n")


def test_a_run_in_front_that_pauses_is_not_said_to_train():
    left, front = replace(ROW, status=Status()), replace(BRANCH, status=Status())
    assert lines([left, front])[16].split() == ["status", "stopped", "training"]
    assert lines([left, front], paused=True)[16].split() == ["status", "stopped", "paused"]


def test_two_runs_side_by_side():
    assert lines([ROW, BRANCH])[:18] == [
        "run                    ╍1          ●2",
        "optimizer             sgd    nesterov",
        "learning rate        0.05       0.002",
        "batch size             32           4",
        "momentum                0         0.9",
        "seed                    0           0",
        "branched off            –     1 @ 300",
        "knob changes            0           3",
        "steps               1,234       12.3M",
        "examples           39,488       49.4M",
        "epochs              154.2   192,901.2",
        "first at step         *24           –",
        "  examples           *768           –",
        "  epochs              3.0           –",
        "training loss       1.012      *1.010",
        "  lowest            1.010      *1.010",
        "status          converged oscillating",
        "",
    ]


def test_validation_losses_where_there_are_some():
    rows = [replace(row, validation_loss=2.5 - row.number, lowest_validation=0.5) for row in (ROW, BRANCH)]
    assert lines(rows)[16:19] == [
        "validation          1.500      *0.500",
        "  lowest            0.500       0.500",
        "status          converged oscillating",
    ]


def test_what_all_runs_share_gives_way_where_there_are_few_rows():
    rows = [ROW, replace(BRANCH, knobs=replace(ROW.knobs, batch_size=8), learning_rate=0.05)]
    names = [line[:13].strip() for line in lines(rows, height=13)]
    assert names == [
        *("run", "optimizer", "learning rate", "batch size", "branched off", "knob changes"),
        *("steps", "examples", "epochs", "first at step", "training loss", "lowest", "status"),
    ]


@pytest.mark.parametrize("rows", [[ROW], [ROW, BRANCH], [replace(ROW, validation_loss=1.1), BRANCH]])
def test_optimizer_and_learning_rate_stand_in_the_smallest_table_and_how_it_stands_does_too(rows):
    names = [line[:13].strip() for line in lines(rows, width=76, height=15)]
    assert {"optimizer", "learning rate", "batch size", "first at step", "training loss", "status"} <= set(names)


def test_the_latest_runs_and_those_that_train_are_shown_and_the_rest_counted():
    rows = [replace(ROW, number=number, training=number in (3, 4), in_front=number == 3) for number in range(1, 9)]
    head = lines(rows, width=54, forgotten=2)[0].split()
    assert [word.strip("●╍╌┄┉╼╴┈∙") for word in head[1:]] == ["3", "4", "7", "8"]
    assert left_out(Comparison(1.0, False, tuple(rows), 2), 54) == 6
    assert [left_out_words(number) for number in (0, 1, 6)] == [
        "",
        "1 older run not shown",
        "6 older runs not shown",
    ]


def test_where_columns_are_narrow_a_text_is_cut_before_it_touches_the_next_one():
    rows = [replace(BRANCH, number=number) for number in range(1, 5)]
    assert lines(rows)[16].split() == ["status", *["oscillat…"] * 4]


def test_numbers_stand_where_they_stood_whatever_they_are():
    wild = replace(BRANCH, steps=7, training_loss=math.inf, lowest_training=math.nan, status=Status("diverged"))
    for row in (ROW, BRANCH, wild):
        for line in lines([ROW, row])[:17]:
            assert len(line) == 37


def test_runs_keep_their_ink_and_the_best_is_marked_without_colour_too():
    canvas = table(Comparison(2.0, True, (ROW, BRANCH), 0), 54, 20, paused=False)
    assert canvas.ink[0, 24] == Ink.RUN_0
    assert canvas.ink[0, 36] == Ink.TRAINING
    assert (canvas.ink[14, 36], canvas.chars[14, 31]) == (Ink.GOOD, "*")


def test_one_run_alone_is_not_the_best():
    assert "*" not in "".join(lines([ROW]))


@pytest.mark.parametrize(
    ("level", "derived", "expected"),
    [
        (2.275, True, "Runs · first at loss ≤ 2.27, 95 % of the drop from the first loss"),
        (1.02, False, "Runs · first at loss ≤ 1.02"),
        (None, True, "Runs"),
    ],
)
def test_the_title_says_what_is_counted_to(level, derived, expected):
    assert title(Comparison(level, derived, (ROW,), 0)) == expected


@pytest.mark.parametrize("size", [(0, 0), (5, 3), (20, 1), (54, 5), (300, 100)])
def test_any_size_is_painted(size):
    width, height = size
    canvas = table(Comparison(2.0, True, (ROW, BRANCH), 0), width, height, paused=False)
    assert (canvas.width, canvas.height) == size
