"""Pictures as text, without an app: scenarios to draw, and what a picture asks for and shows of them."""

import scenarios
from engine.serving.commands import Advance, Play, RequestFrame, ShowSwarm
from engine.serving.process import LocalEngine
from engine.serving.snapshot import View
from engine.serving.views.weights_view import WeightsView
from scenarios.reading import parse

HEAD = 'title = "Mine"\nsummary = "mine"\nbriefing = "mine"\n'
HIMMELBLAU = HEAD + (
    '[objective]\nkind = "himmelblau"\nscale = 0.01\nnoise = 1.0\n'
    "[training]\nlearning_rate = 0.1\nbatch_size = 8\nweights = [0.0, 0.0]\n"
)
MOONS = HEAD + (
    '[data]\nkind = "moons"\nexamples = 100\nvalidation_share = 0.2\n[objective]\nkind = "network"\nhidden = [6]\n'
    '[training]\nlearning_rate = 0.3\nbatch_size = 8\n[screen]\nview = "data"\n'
)
BLOBS = MOONS.replace('kind = "moons"', 'kind = "blobs"\nclasses = 3\nfeatures = 4')


def scenario(text):
    return scenarios.Scenario("mine.toml", parse(text, "mine.toml"))


def picture_of(text, make, *, steps=30, size=(60, 20), swarm=False, frames=3):
    """The picture after so many steps, from snapshots that it asked for."""
    engine, replies = LocalEngine(scenario(text)), []
    engine.listen(replies.append)
    for command in (Play(False), ShowSwarm(swarm), Advance(steps), RequestFrame(View())):
        engine.send(command)
    scene = replies[-1].scene
    picture = make(scene)
    for _ in range(frames):
        wanted = picture.view(*size)
        part = "weights" if isinstance(wanted, WeightsView) else "data"
        view = View(scene.number, **{part: wanted})
        engine.send(RequestFrame(view))
        assert picture.complete(replies[-1])
        canvas = picture.paint(scene, replies[-1], *size)
    return canvas, picture, replies[-1]
