"""Changes that are still to come, above the curves of the loss."""

import pytest

import scenarios
from engine.runs.plan import Change
from engine.serving.commands import Advance, Play, RequestFrame, ShowSolution, Travel
from engine.serving.process import LocalEngine
from engine.serving.snapshot import View
from engine.training.schedules import parse as schedule
from tui.dashboard.panels.loss.coming_changes import words
from tui.dashboard.panels.loss.loss_curves import LossCurves

COMING = (
    Change(50, "learning_rate", 0.01),
    Change(50, "batch_size", 2),
    Change(1200, "optimizer", "adam"),
    Change(2000, "schedule", schedule("cosine:steps=50")),
)


@pytest.mark.parametrize(
    ("width", "expected"),
    [
        (80, "to come: at 50 lr 0.01, batch 2 · at 1,200 adam · at 2,000 cosine"),
        (64, "at 50 lr 0.01, batch 2 · at 1,200 adam · at 2,000 cosine"),
        (50, "at 50 lr 0.01, batch 2 · at 1,200 adam · 1 more"),
        (36, "at 50 lr 0.01, batch 2 · 2 more"),
        (20, "at 50: 2 changes"),
        (5, "at 50"),
    ],
)
def test_as_many_are_named_as_have_room(width, expected):
    assert words(COMING, width) == expected


def test_they_stand_above_the_curves_until_they_happen():
    engine, replies = LocalEngine(scenarios.load("line-fit")), []
    engine.listen(replies.append)

    def head(*commands):
        for command in (*commands, RequestFrame(View())):
            engine.send(command)
        return str(LossCurves().paint(replies[0].scene, replies[-1], 60, 16)).splitlines()[1].strip()

    engine.send(RequestFrame(View()))
    changes = (Change(5, "batch_size", 2), Change(9, "learning_rate", 0.01))
    begins = head(ShowSolution(changes), Play(False))
    assert begins == "to come: at 5 batch 2 · at 9 lr 0.01"
    assert head(Advance(6)) == "to come: at 9 lr 0.01"
    assert "to come" not in head(Travel("step", -3))  # from there it goes on without them
    assert head(Travel("step", 3)) == "to come: at 9 lr 0.01"
    assert "to come" not in head(Advance(6))
