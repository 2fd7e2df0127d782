"""Why a goal is not reached yet, in words."""

import pytest

from engine.runs.obstacles import Obstacle
from engine.runs.standing.goals import Goal
from tui.words.glossary import labels_in
from tui.words.obstacle_words import in_a_sentence, in_brief

GOAL = Goal("steps", (9, 9, 9), training_loss=1.03, hold_steps=50)
SAID = {
    "held": (Obstacle("held", steps=12), "12 of 50 steps held", "12 of 50 steps are held."),
    "limit": (
        Obstacle("limit", value=1.25, since=210),
        "over the limit since step 210",
        "The learning rate has been over its limit since step 210: it is 1.25 times the largest stable one. Lower it.",
    ),
    "limit here": (
        Obstacle("limit", value=1.25),
        "over the limit",
        "The learning rate is over its limit: it is 1.25 times the largest stable one. Lower it.",
    ),
    "at the limit": (
        Obstacle("limit", value=1.0, since=0),
        "at the limit since step 0",
        "The learning rate has been at its limit since step 0: steps end as high as they begin. Lower it.",
    ),
    "floor": (
        Obstacle("floor", level=1.03, value=1.085, calmed=True),
        "floor 1.085 > 1.03",
        "The floor at these knobs is 1.085, above the goal's 1.03: lower the learning rate or raise the batch size.",
    ),
    "floor of all": (
        Obstacle("floor", level=1.03, value=1.085),
        "floor 1.085 > 1.03",
        "The floor at these knobs is 1.085, above the goal's 1.03: lower the learning rate.",
    ),
    "floor just above": (
        Obstacle("floor", level=1.02, value=1.02034),
        "floor 1.0203 > 1.02",
        "The floor at these knobs is 1.0203, above the goal's 1.02: lower the learning rate.",
    ),
    "rest": (
        Obstacle("rest", value=0.9054),
        "at rest at 0.905",
        "The run has come to rest at a training loss of 0.9054: something has to change.",
    ),
    "rising": (
        Obstacle("rising", "validation_loss", value=0.05395, since=608),
        "validation loss rising since step 608",
        "The validation loss has risen since step 608, where it was lowest, 0.05395: the model learns its examples by "
        "heart.",
    ),
    "restless": (
        Obstacle("restless", level=1.03, value=8, steps=100),
        "8 of the last 100 above it",
        "The training loss jumps over the target: it was above 1.03 at 8 of the last 100 evaluations. A lower learning "
        "rate or a larger batch calms it.",
    ),
    "far": (
        Obstacle("far", steps=4049),
        "about 4,000 steps away",
        "As the training loss falls now, the goal is about 4,000 steps away.",
    ),
    "near": (
        Obstacle("far", steps=1),
        "about 1 step away",
        "As the training loss falls now, the goal is about 1 step away.",
    ),
}


@pytest.mark.parametrize("name", SAID)
def test_each_obstacle_has_its_words(name):
    obstacle, brief, sentence = SAID[name]
    assert in_brief(obstacle, GOAL) == brief
    assert in_a_sentence(obstacle, GOAL) == sentence


@pytest.mark.parametrize("name", SAID)
def test_each_is_explained_where_it_stands(name):
    terms = {entry.term for _, _, entry in labels_in(in_brief(SAID[name][0], GOAL))}
    assert terms & {"not yet", "goal"}
