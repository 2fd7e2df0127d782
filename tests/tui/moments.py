"""Snapshots of every kind that the panels may be given, and every way to paint them, without an app."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, partial
from itertools import product
from typing import Any

import scenarios
from engine.runs.plan import Change
from engine.serving import commands
from engine.serving.commands import (
    Advance,
    Play,
    Race,
    SetKnob,
    ShowAverages,
    ShowSolution,
    ShowSwarm,
    TrainAgain,
    Travel,
)
from engine.serving.process import LocalEngine
from engine.serving.snapshot import Snapshot, View
from engine.serving.views.curves_view import CurvesView
from engine.serving.views.gauges_view import GaugesView
from engine.serving.views.scene import Scene
from engine.training.schedules import parse as schedule
from scenarios.reading import parse
from tui.dashboard.panels.comparison_panel import ComparisonPanel
from tui.dashboard.panels.controls.controls_panel import ControlsPanel
from tui.dashboard.panels.data.data_panel import DataPanel
from tui.dashboard.panels.goal_line import GoalLine
from tui.dashboard.panels.loss.loss_curves import BATCH_CURVES, Choice
from tui.dashboard.panels.loss.loss_panel import LossPanel
from tui.dashboard.panels.panel import Panel
from tui.dashboard.panels.pictures import PicturesPanel
from tui.dashboard.panels.ruler import UNITS
from tui.dashboard.panels.status_line import StatusLine
from tui.dashboard.panels.weights.loss_graph import LossGraph
from tui.dashboard.panels.weights.loss_map import LossMap
from tui.dashboard.panels.weights.weights_panel import WeightsPanel
from tui.painting.canvas import Canvas

HEAD = 'title = "A [bold]title[/] of\'s 🚀"\nsummary = "mine"\nbriefing = "mine"\n'
HILLS = HEAD + (
    '[objective]\nkind = "himmelblau"\nscale = 0.01\nnoise = 1.0\n'
    "[training]\nlearning_rate = 0.1\nbatch_size = 8\nweights = [0.0, 0.0]\n"
)
THREE_CLASSES = HEAD + (
    '[data]\nkind = "blobs"\nexamples = 60\nvalidation_share = 0.2\nclasses = 3\nfeatures = 2\n'
    '[objective]\nkind = "network"\nhidden = [3]\n[training]\nlearning_rate = 0.3\nbatch_size = 8\n'
)
MANY_FEATURES = THREE_CLASSES.replace("features = 2", "features = 4")

SETTINGS = (Advance(3), SetKnob("learning_rate", 0.01), SetKnob("momentum", 0.9), SetKnob("batch_size", 2), Advance(40))
# What is trained, by preset or text, and what is done in it before the snapshots are taken.
MOMENTS: dict[str, tuple[str, tuple[Any, ...]]] = {
    "one weight": ("one-weight", (Advance(40),)),
    "one weight, no step yet": ("one-weight", ()),
    "one weight, diverged": ("one-weight", (SetKnob("learning_rate", 1e3), Advance(400))),
    "one weight, swarm, one step": ("one-weight", (ShowSwarm(True), Advance(1))),
    "two weights": ("line-fit", SETTINGS),
    "two weights, no step yet": ("line-fit", ()),
    "two weights, one step": ("line-fit", (Advance(1),)),
    "two weights, diverged": ("line-fit", (Advance(20), SetKnob("learning_rate", 50.0), Advance(600))),
    "two weights, training": ("line-fit", (*SETTINGS, Play(True))),
    "two weights, looked back": ("line-fit", (*SETTINGS, Travel("step", -30))),
    "two weights, swarm": ("line-fit", (Advance(5), ShowSwarm(True), Advance(30))),
    "two weights, averages": (
        "line-fit",
        (Advance(30), ShowAverages(True), SetKnob("learning_rate", 0.2), Advance(90)),
    ),
    "two weights, ghosts": ("line-fit", (*SETTINGS, *(TrainAgain(True), Advance(30)) * 7)),
    "race of optimizers": ("line-fit", (Race("optimizer", ("sgd", "nesterov", "adam", "rmsprop")), Advance(40))),
    "race of rates, one diverged": ("line-fit", (Race("learning_rate", (0.01, 0.1, 500.0)), Advance(300))),
    "full batch, scheduled": (
        "line-fit",
        (SetKnob("sampling", "full_batch"), SetKnob("schedule", schedule("cosine:steps=50")), Advance(60)),
    ),
    "changes to come": (
        "line-fit",
        (
            ShowSolution(
                (Change(0, "batch_size", 2), Change(30, "learning_rate", 0.01), Change(90, "optimizer", "adam"))
            ),
            Advance(20),
        ),
    ),
    "unusual knobs": (
        "line-fit",
        (
            SetKnob("weight_decay", 0.1),
            SetKnob("gradient_clip", 0.5),
            SetKnob("sampling", "with_replacement"),
            Advance(9),
        ),
    ),
    "many changes": (
        "line-fit",
        tuple(
            x
            for i in range(90)
            for x in (SetKnob("batch_size", 1 + i % 5), SetKnob("learning_rate", 0.01 * (1 + i % 3)), Advance(2))
        ),
    ),
    "landscape": (HILLS, (Advance(60),)),
    "landscape, another minimum": ("potholes", (Advance(100),)),
    "two classes": ("moons", (Advance(30),)),
    "two classes, diverged": ("moons", (Advance(5), SetKnob("learning_rate", 1e9), Advance(60))),
    "three classes": (THREE_CLASSES, (Advance(30), TrainAgain(True), Advance(12))),
    "many features": (MANY_FEATURES, (Advance(30),)),
    "many features, no step yet": (MANY_FEATURES, ()),
    "numbers": ("fuel-economy", (Advance(30),)),
    "numbers, diverged": ("fuel-economy", (SetKnob("learning_rate", 1e6), Advance(90))),
    "edge of stability": ("edge-of-stability", (Advance(12), ShowSwarm(True), Advance(12))),
}
GRADIENTS = ((True, True), (True, False), (False, False))
PINS = ((0.1, 0.2), None)
WINDOWS = {
    "whole": CurvesView(),
    "zoomed": CurvesView(columns=40, span=10, start=4, cursor=7),
    "far ahead": CurvesView(columns=40, span=25, start=10_000, cursor=0),
    "followed": CurvesView(columns=300, span=200, cursor=10_000),
}


@cache
def moment(name: str) -> tuple[Scene, dict[tuple[str, int, int], Snapshot], list[Panel]]:
    """The scene; snapshots for every window on the steps, complete for every picture of the weights and of the data (by
    their numbers); and the panels that show them."""
    source, what = MOMENTS[name]
    scenario = (
        scenarios.load(source) if "\n" not in source else scenarios.Scenario("mine.toml", parse(source, "m.toml"))
    )
    engine = LocalEngine(scenario)
    replies: list[Any] = []
    engine.listen(replies.append)
    for command in (Play(False), *what, commands.RequestFrame(View())):
        engine.send(command)
    scene = next(reply.scene for reply in replies if isinstance(reply, Snapshot))
    weights, data = WeightsPanel(), DataPanel()
    panels = [LossPanel(), weights, data, ControlsPanel(), ComparisonPanel(), StatusLine(), GoalLine()]
    panels[-1].goal = scenario.file.goal.goal() if scenario.file.goal else None
    panels[-2].title = scenario.file.title
    found: dict[tuple[str, int, int], Snapshot] = {}
    for panel in panels:
        panel.show(scene, replies[-1])
    for window, curves in WINDOWS.items():
        for index, other in _pairs(len(weights._pictures), len(data._pictures)):
            view = View(
                scene.number, curves=curves, gauges=GaugesView(readings=True), comparison=True,
                weights=weights._pictures[index].view(60, 20), data=data._pictures[other].view(60, 20),
            )  # fmt: skip
            for _ in range(3):
                engine.send(commands.RequestFrame(view))
                weights._shown = index
                weights.paint(scene, replies[-1], 60, 20)  # to ask for what the next picture needs
            found[window, index, other] = replies[-1]
    engine.close()
    return scene, found, panels


def _pairs(weights: int, data: int) -> Iterator[tuple[int, int]]:
    """Each picture of the weights and each of the data at least once: one does not depend on the other."""
    return ((number % weights, number % data) for number in range(max(weights, data)))


@dataclass(frozen=True)
class Painting:
    """One way to paint a moment. kind: of picture, the name of its class. words: which moment, and how."""

    kind: str
    words: str
    paint: Callable[[int, int], Canvas]


@cache
def paintings() -> dict[str, list[Painting]]:
    """Every way to paint every moment, by the kind of picture."""
    found: dict[str, list[Painting]] = {}
    for name in MOMENTS:
        for painting in _paintings(name):
            found.setdefault(painting.kind, []).append(painting)
    return found


def _paintings(name: str) -> Iterator[Painting]:
    scene, snapshots, panels = moment(name)
    for (window, index, other), snapshot in snapshots.items():
        for panel in panels:
            chosen = {WeightsPanel: index, DataPanel: other}.get(type(panel))
            if chosen is None and (index or other):
                continue
            for kind, words, prepare in _ways(panel, chosen):
                yield Painting(kind, f"{name}, {window}: {words}", partial(_paint, panel, prepare, scene, snapshot))


def _paint(
    panel: Panel, prepare: Callable[[], None], scene: Scene, snapshot: Snapshot, width: int, height: int
) -> Canvas:
    prepare()
    return panel.paint(scene, snapshot, width, height)


def _ways(panel: Panel, chosen: int | None) -> Iterator[tuple[str, str, Callable[[], None]]]:
    """(kind, words, what brings the panel to paint so)."""
    if isinstance(panel, LossPanel):
        for way in product((True, False), UNITS, BATCH_CURVES):
            yield "LossPanel", f"{way}", partial(setattr, panel.curves, "choice", Choice(*way))
    elif isinstance(panel, WeightsPanel | DataPanel):
        picture = panel._pictures[chosen]
        pins = PINS if isinstance(panel, WeightsPanel) and picture.ground is not None else PINS[:1]
        for way in product(GRADIENTS if isinstance(picture, LossGraph | LossMap) else GRADIENTS[:1], pins):
            yield type(picture).__name__, f"{way}", partial(_choose, panel, chosen, *way)
    else:
        yield type(panel).__name__, "", lambda: None


def _choose(panel: PicturesPanel, index: int, gradients: tuple[bool, bool], pin: tuple[float, float] | None) -> None:
    panel._shown, panel._complete = index, None
    if isinstance(panel, WeightsPanel):
        panel.gradients.arrows, panel.gradients.cloud = gradients
        if panel.shown.ground is not None:
            panel.shown.ground.pin = pin
    panel.describe()
