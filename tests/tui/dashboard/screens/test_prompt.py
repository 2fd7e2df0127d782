"""Exact values through the prompt, with the training going on behind."""

from textual.widgets import Input

import scenarios
from engine.serving.process import LocalEngine
from tests.tui.dashboards import until
from tui.dashboard.app import Dashboard
from tui.dashboard.screens.prompt import Prompt
from tui.dashboard.session import Session


async def typed(pilot, text):
    await pilot.press(*["space" if char == " " else "underscore" if char == "_" else char for char in text])


def dashboard():
    scenario = scenarios.load("line-fit")
    engine = LocalEngine(scenario)
    return Dashboard(Session(scenario, engine, LocalEngine)), engine


async def test_values_are_set_exactly_while_the_training_goes_on():
    app, engine = dashboard()
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: app.session.snapshot is not None)
        await pilot.press("enter")
        prompt = app.training.query_one(Prompt)
        step = app.session.snapshot.step
        await until(pilot, lambda: app.session.snapshot.step > step)
        await typed(pilot, "batch_size 48")
        assert "examples in a minibatch" in str(prompt.message.render())
        await pilot.press("enter")
        await until(pilot, lambda: not app.training.query(Prompt))
        assert engine.worker.run.trainer.batch_size == 48
        await pilot.press("enter", "2", "enter")  # the knob touched last
        await until(pilot, lambda: engine.worker.run.trainer.batch_size == 2)
        await pilot.press("enter", *"speed", "space", *"full", "enter")
        await until(pilot, lambda: app.session.snapshot.steps_per_second is None)


async def test_what_cannot_be_is_said_and_changes_nothing():
    app, engine = dashboard()
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: app.session.snapshot is not None)
        await pilot.press("enter", "x", "enter")
        prompt = app.training.query_one(Prompt)
        await until(pilot, lambda: "must be a number" in str(prompt.message.render()))
        assert prompt.message.has_class("wrong")
        await pilot.press("escape")
        await until(pilot, lambda: not app.training.query(Prompt))
        assert not engine.worker.run.changes
        await pilot.press("enter", "enter")  # nothing typed closes it
        await until(pilot, lambda: not app.training.query(Prompt))
        await pilot.press("up")
        await until(pilot, lambda: engine.worker.run.trainer.learning_rate == 0.1)


async def test_tab_completes():
    app, engine = dashboard()
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: app.session.snapshot is not None)
        await pilot.press("enter", *"opt")
        typing = app.training.query_one(Input)
        await until(pilot, lambda: typing._suggestion == "optimizer")
        await pilot.press("tab", "space", *"adamw")
        assert typing.value == "optimizer adamw"
        await pilot.press("enter")
        await until(pilot, lambda: engine.worker.run.trainer.optimizer == "adamw")


async def test_it_has_rows_of_its_own_and_covers_neither_the_goal_nor_a_notice():
    app, _ = dashboard()
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        await until(pilot, lambda: app.session.snapshot is not None)
        app.notify("two rows of words " * 12, timeout=60)
        await until(pilot, lambda: bool(app.training.query("Toast")))
        await pilot.press("enter")
        prompt = app.training.query_one(Prompt)
        await until(pilot, lambda: prompt.region.height == 2)
        toast = app.training.query("Toast").first()
        others = [app.training.goal_line, app.training.controls, toast]
        assert all(widget.region.area and not widget.region.overlaps(prompt.region) for widget in others)
        assert toast.region.bottom <= app.size.height
        await pilot.press("escape")
        await until(pilot, lambda: app.training.key_line.region.area > 0)
        assert not toast.region.overlaps(app.training.key_line.region)
