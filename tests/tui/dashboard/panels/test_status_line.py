"""The line at the top, as text."""

from dataclasses import replace

import pytest

import scenarios
from engine.serving.commands import Advance, RequestFrame
from engine.serving.process import LocalEngine
from engine.serving.snapshot import View
from tui.dashboard.panels.status_line import StatusLine


@pytest.fixture(scope="module")
def snapshot():
    replies = []
    engine = LocalEngine(scenarios.load("line-fit"))
    engine.listen(replies.append)
    engine.send(Advance(100))
    engine.send(RequestFrame(View()))
    return replies[-1]


def line(snapshot, width):
    status = StatusLine()
    status.title = "Line fit"
    return str(status.paint(snapshot.scene, snapshot, width, 1))


@pytest.mark.parametrize("width", [80, 120, 200])
def test_pictures(width, snapshot, golden):
    golden(f"status-line-{width}", line(snapshot, width))


@pytest.mark.parametrize(
    ("asked", "measured", "words"),
    [
        (None, 12345.6, "► 12,346 steps/s"),
        (30, 12.0, "► 30 steps/s"),
        (0.5, 0.0, "► 0.5 steps/s"),
        (30_000, 29_000.0, "► 30,000 steps/s"),
        (30_000, 8_000.0, "► 8,000 of 30,000/s"),
        (30_000, 0.0, "► 30,000 steps/s"),
    ],
)
def test_the_speed_is_what_was_asked_or_what_can_be(asked, measured, words, snapshot):
    running = replace(snapshot, running=True, steps_per_second=asked, measured_rate=measured)
    assert words in line(running, 80)


def test_growing_numbers_move_nothing(snapshot):
    for width in (80, 120, 200):
        early = line(replace(snapshot, running=True, step=1, epoch=0.1, examples=32), width)
        late = line(replace(snapshot, running=True, step=12_345_678, epoch=98_765.4, examples=987_654_321), width)
        assert [early.index(word) for word in ("►", "step", "epoch")] == [
            late.index(word) for word in ("►", "step", "epoch")
        ]
