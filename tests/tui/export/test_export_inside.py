"""The dashboard's run taken away as scripts, through Textual's Pilot."""

import pytest

import scenarios
from engine.serving.commands import Advance
from engine.serving.process import LocalEngine
from tests.tui.dashboards import until
from tui.dashboard.app import Dashboard
from tui.dashboard.session import Session


@pytest.fixture
def app(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    scenario = scenarios.load("line-fit")
    return Dashboard(Session(scenario, LocalEngine(scenario), LocalEngine))


def notices(app):
    return " ".join(notification.message for notification in app._notifications)


async def train_on(pilot, steps):
    session = pilot.app.session
    wanted = session.snapshot.step + steps
    session._send(Advance(steps))
    await until(pilot, lambda: session.snapshot.step == wanted)


async def test_e_writes_scripts_of_the_run_with_its_knob_changes(app, tmp_path):
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: app.session.snapshot is not None)
        await pilot.press("space")
        await until(pilot, lambda: not app.session.snapshot.running)
        await pilot.press("up", "r", "space")  # this run begins with another learning rate than the scenario's
        await until(pilot, lambda: app.session.snapshot.number == 2 and not app.session.snapshot.running)
        await train_on(pilot, 20)
        await pilot.press("left", "o")
        await train_on(pilot, 30)
        snapshot = app.session.snapshot
        await pilot.press("E")
        await until(pilot, lambda: "line-fit-run-keras.py" in notices(app))
        assert f"Wrote {snapshot.step} steps as scripts to {tmp_path / 'line-fit-run-pytorch.py'} and" in notices(app)
    text = (tmp_path / "line-fit-run-pytorch.py").read_text(encoding="utf-8")
    assert f"DESCEND_LOSS = {snapshot.training_loss!r}  #" in text
    assert "torch.optim.SGD(model.parameters(), lr=0.1)" in text
    assert "batch size 32 → 16" in text
    assert "optimizer sgd → nesterov" in text


async def test_e_says_why_where_a_run_is_too_long(app, tmp_path, monkeypatch):
    monkeypatch.setattr("tui.export.recording.MOST_EXAMPLES", 1000)
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: app.session.snapshot is not None)
        await pilot.press("space")
        await until(pilot, lambda: not app.session.snapshot.running)
        await train_on(pilot, 50)
        await pilot.press("E")
        await until(pilot, lambda: "sees more than 1,000 examples" in notices(app))
    assert list(tmp_path.iterdir()) == []
