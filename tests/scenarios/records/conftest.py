from types import SimpleNamespace

import pytest

import scenarios
from engine.runs.plan import play
from engine.runs.run_set import Live
from scenarios.records.run_store import RunStore
from scenarios.records.writing.recording_wish import Recording


class Clock:
    """A clock that a test turns."""

    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now


@pytest.fixture
def path(tmp_path):
    return tmp_path / "data" / "runs.sqlite"


@pytest.fixture
def store(path):
    return RunStore(path)


@pytest.fixture
def record(path):
    """Trains a scenario by a plan, recorded, and returns the run. more: of `Recording`. `record.notices`: what the
    recorder of the latest had to say."""

    def train(name="line-fit", steps=300, changes=(), *, seed=None, knobs=None, into=path, called="", **more):
        scenario = scenarios.load(name) if isinstance(name, str) else name
        run = scenario.run(seed=seed, knobs=knobs)
        recorder, live = Recording(into, "test", name=called, **more)(), [Live(run, 1)]
        recorder.follow(scenario, live)
        plan = SimpleNamespace(changes=changes, steps=steps)
        play(run, plan, after=lambda taken: recorder.follow(scenario, live))
        recorder.close(20)
        train.notices = recorder.take_notices()
        return run

    return train
