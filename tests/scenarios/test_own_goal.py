"""The goal of a table of one's own: 95 % of the way to the best that a short search finds."""

import dataclasses
import math
import random
import re

import msgspec
import pytest

import scenarios
from scenarios.files.schema import ScenarioFile
from scenarios.trainings.attempts import reference, untouched
from scenarios.trainings.own_goal import with_goal


def table(path, rows, row):
    chance = random.Random(3)
    path.write_text("x,y,t\n" + "".join(f"{row(chance)}\n" for _ in range(rows)))
    return scenarios.load(str(path))


def numbers(chance):
    x, y = chance.gauss(0, 1), chance.gauss(3, 2)
    return f"{x:.4f},{y:.4f},{2 * x - y + chance.gauss(0, 0.5):.4f}"


def classes(chance):
    x, y = chance.gauss(0, 1), chance.gauss(3, 2)
    return f"{x:.4f},{y:.4f},{'yes' if x + y + chance.gauss(0, 0.5) > 3 else 'no'}"


def three(chance):
    x, y = chance.gauss(0, 1), chance.gauss(0, 1)
    return f"{x:.4f},{y:.4f},{'abc'[(x > 0) + (y > 0)]}"


@pytest.fixture(params=[numbers, classes, three])
def own(request, tmp_path):
    return with_goal(table(tmp_path / "own.csv", 300, request.param))


def test_the_target_is_95_percent_of_the_way_to_what_the_briefing_says(own):
    start, best = (
        float(number)
        for number in re.search(r"first training loss, ([\d.e-]+), to ([\d.e-]+):", own.file.briefing).groups()
    )
    assert start == pytest.approx(own.trainer().loss(), rel=1e-3)
    assert own.file.goal.target.training_loss == pytest.approx(best + 0.05 * (start - best), rel=2e-3)
    assert "the best of 10 short trainings of 4,800 examples each" in own.file.briefing  # 240 of 300, 20 times


def test_the_reference_has_three_stars_with_other_seeds_and_nobody_at_the_knobs_has_fewer(own):
    for seed in range(3):
        assert reference(own, seed=seed).goal_state.stars == 3
        assert untouched(own, seed=seed).goal_state.stars < 3


def test_the_best_of_a_line_is_hardly_above_the_closed_form(tmp_path):
    own = with_goal(table(tmp_path / "own.csv", 300, numbers))
    trainer = own.trainer()
    lowest = trainer.objective.loss(trainer.objective.minimum())
    best = float(re.search(r"to ([\d.e-]+): the best", own.file.briefing)[1])
    assert lowest * 0.999 <= best <= 1.05 * lowest


def test_the_same_table_has_the_same_goal(own):
    again = with_goal(scenarios.load(own.id))
    assert again == own
    assert again.content == own.content


def test_a_file_that_says_the_same_has_the_same_fingerprint(own):
    again = msgspec.json.decode(msgspec.json.encode(own.file), type=ScenarioFile)
    assert dataclasses.replace(own, file=again).content == own.content


def test_what_is_no_table_or_has_a_goal_stays_as_it_is():
    for name in ("line-fit", "fuel-economy"):
        assert with_goal(scenarios.load(name)) == scenarios.load(name)


def test_a_table_of_few_rows_has_a_goal_or_none_but_never_one_that_is_met_at_the_start(tmp_path):
    for rows in (2, 3, 5, 12):
        own = with_goal(table(tmp_path / f"{rows}.csv", rows, numbers))
        goal = own.file.goal
        if goal is not None:
            assert goal.target.training_loss < own.trainer().loss()
            assert all(math.isfinite(most) and most >= 1 for most in goal.stars)


def test_where_there_is_nothing_to_learn_there_is_no_reason_to_fail(tmp_path):
    own = with_goal(
        table(tmp_path / "own.csv", 200, lambda chance: f"{chance.gauss(0, 1)},{chance.gauss(0, 1)},1\n2,3,4")
    )
    assert own.file.goal is None or own.file.goal.target.training_loss < own.trainer().loss()
