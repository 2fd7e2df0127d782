"""What the keys mean in numbers, without a screen."""

from pathlib import Path

import pytest

import scenarios
from engine.serving.commands import Hold, Load, RequestFrame
from engine.serving.loss_grids import LossGridRequest
from engine.serving.process import LocalEngine
from engine.serving.snapshot import EngineFailed, View
from engine.serving.views.weights_view import WeightsView
from engine.training.schedules import CONSTANT, SCHEDULES
from scenarios.reading import parse
from scenarios.scenario_error import ScenarioError
from tui.dashboard.session import Session
from tui.words.usage_error import UsageError

LINE_FIT = (Path(scenarios.__file__).parent / "presets" / "line-fit.toml").read_text()


@pytest.mark.parametrize(("steps", "rates"), [(0, [0.1, 0.2]), (50, [0.05, 0.1]), (100, [0.1, 0.2])])
def test_the_hand_takes_over_where_the_schedule_has_come_to(steps, rates):
    text = LINE_FIT.replace("[training]", '[training]\nschedule = { kind = "cosine", steps = 100 }')
    scenario = scenarios.Scenario("mine.toml", parse(text, ""))
    engine = LocalEngine(scenario)
    session = Session(scenario, engine, LocalEngine)
    session.listen(session.receive)
    session.advance(steps)
    session.request_frame(View())
    trainer = engine.worker.run.trainer
    assert session.snapshot.learning_rate == trainer.learning_rate  # 0.05, half of it, or 0: then as it began
    for expected in rates:  # keys pressed faster than frames arrive
        session.change_learning_rate(1, fine=False)
        assert (trainer.learning_rate, trainer.schedule) == (expected, CONSTANT)


def test_what_was_asked_of_one_scene_is_not_asked_of_the_next():
    replies = []
    engine = LocalEngine(scenarios.load("line-fit"))
    engine.listen(replies.append)
    plane = LossGridRequest((-1.0, 1.0, 9), (-1.0, 1.0, 9))
    line = LossGridRequest((-1.0, 1.0, 9))
    for number, name, grid in ((2, "one-weight", plane), (3, "line-fit", line), (4, "moons", plane)):
        engine.send(Load(scenarios.load(name), None))
        engine.send(RequestFrame(View(scene=number - 1, weights=WeightsView(loss_grid=grid, batch_losses=(0, 1, 5)))))
        assert replies[-1].scene.number == number
        assert replies[-1].weights.loss_grid is None


def line_fit_session():
    scenario = scenarios.load("line-fit")
    engine = LocalEngine(scenario)
    session = Session(scenario, engine, LocalEngine)
    session.listen(session.receive)
    session.advance(50)
    session.request_frame(View())
    return session, engine.worker.run


def test_trying_schedules_in_turn_does_not_wear_the_learning_rate_down():
    session, run = line_fit_session()
    for _ in SCHEDULES:
        session.change_schedule()
        session.advance(5)
    assert (run.trainer.knobs.learning_rate, run.trainer.schedule) == (0.05, CONSTANT)
    assert session.knobs == run.trainer.knobs


def test_undo_after_trying_schedules_goes_back_to_the_one_before():
    session, run = line_fit_session()
    kinds = []
    for _ in range(3):
        kinds.append(run.trainer.knobs)
        session.change_schedule()
        session.advance(5)
    engine = session._engine
    for before in reversed(kinds):
        session.undo()
        assert engine.worker.run.trainer.knobs == before


def test_at_the_end_of_the_ladder_the_hand_still_wins_over_a_schedule():
    session, run = line_fit_session()
    session.set_knob("learning_rate", 1e6)
    session.set_knob("schedule", "cosine:steps=100")
    session.request_frame(View())
    session.change_learning_rate(1)
    assert session.knobs == run.trainer.knobs
    assert (run.trainer.learning_rate, run.trainer.schedule) == (1e6, CONSTANT)
    with pytest.raises(UsageError, match="as high as the keys go"):
        session.change_learning_rate(1)


def test_nothing_can_be_set_where_the_engine_has_stopped():
    session, run = line_fit_session()
    session.receive(EngineFailed("it is over"))
    session.change_learning_rate(1)
    assert session.knobs == run.trainer.knobs


def test_setting_the_rate_that_a_schedule_began_with_ends_the_schedule():
    session, run = line_fit_session()
    session.set_knob("schedule", "cosine:steps=100")
    session.advance(50)
    session.set_knob("learning_rate", 0.05)
    assert (run.trainer.learning_rate, run.trainer.schedule) == (0.05, CONSTANT)
    assert session.last_knob == "learning_rate"


def test_a_frame_that_was_on_its_way_is_not_taken_for_one_of_the_next_scenario():
    session, _ = line_fit_session()
    assert session.arrived
    late = session.snapshot
    session.load(scenarios.load("one-weight"))
    session.receive(late)
    assert not session.arrived
    session.request_frame(View())
    assert session.arrived
    session.train_again(new_seed=False)
    session.request_frame(View(scene=2))
    assert session.arrived


class Unloadable:
    """A scenario that no run can be made of any more, as of a table that has been deleted."""

    def __init__(self, scenario):
        self.id, self.file = "gone.csv", scenario.file

    def with_numbers(self):
        return self

    def run(self, **_):
        raise ScenarioError("gone.csv: cannot be read")


def test_a_scenario_that_is_refused_leaves_the_one_that_is_trained():
    scenario = scenarios.load("line-fit")
    session = Session(scenario, LocalEngine(scenario), LocalEngine)
    replies = []
    session.listen(lambda reply: (replies.append(reply), session.receive(reply)))
    session.request_frame(View())
    session.load(Unloadable(scenarios.load("moons")))
    assert replies[-1].reason == "gone.csv: cannot be read"
    assert session.scenario is scenario
    assert session.arrived
    session.load(scenarios.load("moons"))
    session.request_frame(View())
    assert session.arrived
    assert session.scenario.id == "moons"


def test_nothing_is_trained_while_the_program_is_suspended_or_a_dialog_is_open():
    session, _ = line_fit_session()
    session.begin()
    session.request_frame(View())
    step = session.snapshot.step
    sent = []
    send, session._engine.send = session._engine.send, lambda command: (sent.append(command), send(command))
    with session.held():
        session.hold(True)
        session.request_frame(View())
        assert (session.snapshot.step, session.snapshot.running) == (step, True)
    assert [command for command in sent if not isinstance(command, RequestFrame)] == [Hold(True), Hold(False)]
    session.request_frame(View())
    assert session.snapshot.step > step
    session.hold(True)
    with session.held():  # held before, and so afterwards
        pass
    step = session.snapshot.step
    session.request_frame(View())
    assert session.snapshot.step == step


def test_a_scenario_may_stand_before_its_first_step():
    session, _ = line_fit_session()
    session.begin()
    session.request_frame(View())
    late = session.snapshot
    session.load(scenarios.load("one-weight"), paused=True)
    session.receive(late)  # it was on its way, and says that line-fit trains
    assert not session.running
    session.request_frame(View())
    session.request_frame(View())
    assert (session.snapshot.step, session.snapshot.running) == (0, False)
    session.begin()
    session.request_frame(View())
    assert session.snapshot.step > 0


def test_a_batch_size_that_would_not_act_is_refused():
    session, _ = line_fit_session()
    session.set_knob("sampling", "full_batch")
    session.request_frame(View())
    with pytest.raises(UsageError, match="the batch size does not act"):
        session.change_batch_size(1)
    session.set_knob("sampling", "reshuffled")
    session.change_batch_size(1)
    assert session.knobs.batch_size == 64


def test_an_engine_that_cannot_be_started_is_told_and_can_be_started_again():
    scenario, started = scenarios.load("line-fit"), []

    def start(scenario):
        started.append(scenario)
        if len(started) == 1:
            raise OSError("no further process")
        return LocalEngine(scenario)

    session = Session(scenario, None, start)
    session.listen(session.receive)
    assert session.failure.reason == "it could not be started: no further process"
    assert not session.request_frame(View())
    session.train_again(new_seed=False)
    assert session.failure is None
    assert session.request_frame(View())
    assert session.snapshot.step > 0
    session.close()
