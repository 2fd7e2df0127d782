"""What the keys mean in numbers, without a screen."""

from pathlib import Path

import pytest

import scenarios
from engine.process import LocalEngine
from engine.schedules import CONSTANT
from engine.snapshot import View
from scenarios.reading import parse
from tui.session import Session

LINE_FIT = (Path(scenarios.__file__).parent / "presets" / "line-fit.toml").read_text()


@pytest.mark.parametrize(("steps", "rates"), [(0, [0.1, 0.2]), (50, [0.05, 0.1]), (100, [0.1, 0.2])])
def test_the_hand_takes_over_where_the_schedule_has_come_to(steps, rates):
    text = LINE_FIT.replace("[training]", '[training]\nschedule = { kind = "cosine", steps = 100 }')
    scenario = scenarios.Scenario("mine.toml", parse(text, ""))
    engine = LocalEngine(scenario)
    session = Session(scenario, engine, LocalEngine)
    session.listen(session.take)
    session.advance(steps)
    session.request_frame(View())
    trainer = engine.worker.run.trainer
    assert session.snapshot.learning_rate == trainer.learning_rate  # 0.05, half of it, or 0: then as it began
    for expected in rates:  # keys pressed faster than frames arrive
        session.change_learning_rate(1, fine=False)
        assert (trainer.learning_rate, trainer.schedule) == (expected, CONSTANT)
