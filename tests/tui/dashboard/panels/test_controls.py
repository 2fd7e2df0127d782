"""The controls as text: gauges, consequences, and what is said of a run."""

import math
import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

import scenarios
from engine.measurement import RateLimit, unknown
from engine.serving.commands import Advance, RequestFrame, SetKnob, Travel, Undo
from engine.serving.process import LocalEngine
from engine.serving.snapshot import View
from engine.training.knobs import Knobs
from tui.dashboard.panels.controls import age, consequences, noise, stability_gauge
from tui.dashboard.panels.controls.consequences import LastChange
from tui.dashboard.panels.controls.controls_panel import ControlsPanel
from tui.painting import digits
from tui.painting.canvas import Canvas
from tui.painting.look import Look
from tui.painting.palette import HUES, Ink


class Training:
    """A run whose snapshots a controls panel sees."""

    def __init__(self, name="line-fit", steps=30):
        self.snapshot = None
        self.panel = ControlsPanel()
        self.engine = LocalEngine(scenarios.load(name))
        self.engine.listen(self._keep)
        self.send(Advance(steps))

    def _keep(self, snapshot):
        self.snapshot = snapshot
        self.panel.last_change.follow(snapshot)

    def send(self, *commands):
        for command in commands:
            self.engine.send(command)
        self.engine.send(RequestFrame(View()))
        return self

    def settle(self):
        """Ask for frames until all is measured."""
        while self.snapshot.measuring:
            self.send()
        return self

    def text(self, width, height):
        return str(self.panel.paint(self.snapshot.scene, self.snapshot, width, height))


def test_what_cannot_be_known_stands_under_its_name_with_the_reason():
    (line,) = [line for line in Training("edge-of-stability").text(56, 15).split("\n") if "noise floor" in line]
    assert line == " noise floor     – cannot be computed for this model"


def test_a_limit_that_does_not_fit_is_left_out_whole():
    first = Training("plateau").text(78, 4).split("\n")[0]
    assert first.endswith("of the full-batch limit")


@pytest.mark.parametrize(("width", "height"), [(56, 13), (74, 20), (48, 9), (78, 4)])
def test_pictures(width, height, golden):
    golden(f"controls-{width}x{height}", Training().send(SetKnob("learning_rate", 0.1)).text(width, height))


def test_a_diverged_run_says_why_and_how_to_go_back(golden):
    training = Training("one-weight", steps=5).send(SetKnob("learning_rate", 50.0), Advance(400), Advance(400))
    assert not math.isfinite(training.snapshot.training_loss)
    golden("controls-diverged-56x13", training.text(56, 13))
    golden("controls-diverged-78x4", training.text(78, 4))


@pytest.mark.parametrize(
    ("knob", "value", "words"),
    [
        ("learning_rate", 0.1, ["learning rate 0.05 → 0.1", "5.4 % → 11 % of the limit", "floor ≈1.013 → ≈1.015"]),
        ("learning_rate", 2.0, ["5.4 % → 2.2 times the limit"]),
        ("batch_size", 2, ["batch size 32 → 2", "% of the limit", "× the gradient", "8 → 128 steps an epoch"]),
        ("momentum", 0.9, ["momentum 0 → 0.9", "a gradient acts 1 → 10 times"]),
        ("optimizer", "adam", ["optimizer sgd → adam"]),
        ("schedule", "cosine:steps=100", ["schedule constant → cosine"]),
        ("weight_decay", 0.1, ["weight decay 0 → 0.1", "% of the limit"]),
    ],
)
def test_a_change_says_what_it_led_to(knob, value, words):
    training = Training().send(SetKnob(knob, value))
    consequence = training.panel.last_change.consequence
    change, effects = consequences.words(consequence, training.snapshot.scene.num_examples)
    for word in words:
        assert word in " · ".join([change, *effects])
    assert consequence.step == 30
    training.send(Advance(50))
    assert training.panel.last_change.consequence is consequence  # until the next one


@pytest.mark.parametrize(("width", "height"), [(56, 13), (78, 4)])
def test_a_momentum_that_does_not_act_is_not_shown_as_one(width, height):
    training = Training().send(SetKnob("momentum", 0.5))
    assert "momentum 0.5" in training.text(width, height)
    assert "momentum unused" in training.send(SetKnob("optimizer", "adam"), Advance(50)).text(width, height)


@pytest.mark.parametrize(("width", "height"), [(56, 13), (78, 4)])
def test_a_look_back_to_before_a_change_does_not_speak_of_it(width, height):
    training = Training().send(SetKnob("learning_rate", 0.1), Advance(50))
    assert "0.05 → 0.1" in training.text(width, height)
    training.send(Travel("step", -60))
    assert training.snapshot.step == 20
    assert "0.05 → 0.1" not in training.text(width, height)
    training.send(Travel("step", 15))
    assert "0.05 → 0.1" in training.text(width, height)


def test_a_knob_that_is_changed_in_a_look_back_has_its_consequence_and_undoing_it_has_none():
    training = Training().send(SetKnob("learning_rate", 0.1), Advance(20)).send(Travel("step", -10))
    training.send(SetKnob("batch_size", 2))
    assert training.snapshot.number == 2
    change, _ = consequences.words(training.panel.last_change.consequence, 256)
    assert change == "batch size 32 → 2"
    training.send(Advance(5)).send(Undo())
    assert training.panel.last_change.consequence is None


def test_keys_faster_than_frames_are_one_change_from_the_first_to_the_last():
    training = Training().send(SetKnob("learning_rate", 0.1), SetKnob("learning_rate", 0.2), SetKnob("batch_size", 8))
    change, effects = consequences.words(training.panel.last_change.consequence, 256)
    assert change == "learning rate 0.05 → 0.2, batch size 32 → 8"
    assert any(effect.startswith("5.4 % → ") and effect.endswith("of the limit") for effect in effects)


def test_readings_of_the_knobs_before_are_not_taken_for_those_after():
    before = Training().snapshot
    changed = Training().send(SetKnob("batch_size", 8)).snapshot
    late, memory = replace(changed, readings=before.readings), LastChange()
    memory.follow(before)
    memory.follow(late)
    assert memory.consequence is None
    memory.follow(changed)
    assert memory.consequence.before == changed.readings.before
    assert memory.consequence.after == changed.readings.outlook


def test_what_drifts_while_it_trains_on_is_no_consequence_of_a_change():
    training = Training("fuel-economy", steps=50)
    before = training.snapshot.readings
    training.engine.send(SetKnob("momentum", 0.5))
    training.engine.send(Advance(400))
    training.send()
    consequence, sharpness = training.panel.last_change.consequence, training.snapshot.readings.sharpness.value
    assert consequence.before.knobs == before.knobs
    assert consequence.before.limit.full_batch.value == pytest.approx(2 / sharpness)
    assert consequence.after.limit.full_batch.value == pytest.approx(3 / sharpness)


def old(snapshot, steps=300, took=0):
    """The snapshot of a training that has gone on since the readings."""
    return replace(snapshot, step=snapshot.step + steps, readings=replace(snapshot.readings, took=took))


@pytest.mark.parametrize(
    ("steps", "took", "words"),
    [
        (1, 0, ""),
        (2, 0, "2 steps ago"),
        (1, 1, "1 step ago"),
        (174, 0, "170 steps ago"),
        (15_049, 0, "15,000 steps ago"),
    ],
)
def test_readings_older_than_a_twentieth_of_the_steps_say_so(steps, took, words):
    assert age.words(old(Training(steps=30).snapshot, steps, took)) == words


def test_old_losses_have_their_age_beside_them():
    training = Training("digits", steps=40)
    snapshot, panel = training.snapshot, training.panel
    for step, times in ((40, 0), (39, 0), (17, 2)):  # training and validation
        canvas = panel.paint(snapshot.scene, replace(snapshot, losses_step=step), 100, 24)
        assert str(canvas).count("23 steps ago") == times, canvas


@pytest.mark.parametrize(("width", "height"), [(74, 20), (56, 13), (78, 4)])
def test_old_readings_are_faint_with_their_age(width, height):
    training = Training("digits").settle()
    snapshot = old(training.snapshot)
    canvas = training.panel.paint(snapshot.scene, snapshot, width, height)
    rows = str(canvas).split("\n")
    assert any("% of the" in row and "300 steps ago" in row for row in rows)
    for number, row in enumerate(rows):
        if (start := row.find("300 steps ago")) >= 0:
            assert set(canvas.ink[number, start : start + 13]) == {Ink.FAINT}
        if (start := row.find("° off")) >= 0:
            assert canvas.ink[number, start] == Ink.FAINT
    fresh = training.panel.paint(training.snapshot.scene, training.snapshot, width, height)
    assert "steps ago" not in str(fresh)


def test_a_noise_scale_beyond_all_examples_is_only_more():
    training = Training()

    def painted(value, error=0.0):
        reading = replace(training.snapshot.readings.noise_scale, value=value, error=error)
        snapshot = replace(training.snapshot, readings=replace(training.snapshot.readings, noise_scale=reading))
        return str(training.panel.paint(snapshot.scene, snapshot, 150, 20))

    assert "noise scale     >256    more than all 256 examples: noise rules" in painted(1.6e6)
    assert "noise rules" in painted(math.inf)
    assert "noise scale     ≈123    ± 12" in painted(123.0, 12.0)
    assert "noise scale     –" in painted(math.nan)


def test_the_full_batch_is_all_examples_whatever_the_knob_says():
    text = Training().send(SetKnob("sampling", "full_batch")).text(74, 20)
    assert "all 256" in text
    assert "of 256" not in text
    snapshot = replace(Training().send(SetKnob("sampling", "full_batch")).snapshot, measured_rate=10.0)
    assert "examples/s      2,560" in str(ControlsPanel().paint(snapshot.scene, snapshot, 74, 20))


def test_examples_a_second_count_the_short_batch_at_the_end_of_an_epoch():
    snapshot = replace(Training().send(SetKnob("batch_size", 200)).snapshot, measured_rate=10.0)
    assert "examples/s      1,280" in str(ControlsPanel().paint(snapshot.scene, snapshot, 74, 20))


@pytest.mark.parametrize(
    ("knob", "value", "edge"),
    [("momentum", 0.5, "edge 60"), ("weight_decay", 1.0, "edge 39"), ("learning_rate", 0.1, "edge 20")],
)
def test_the_sharpness_stands_beside_the_edge_of_the_optimizer_as_it_is(knob, value, edge):
    assert edge in Training().send(SetKnob(knob, value)).text(100, 20)


def test_the_hand_taking_over_from_a_schedule_is_one_change():
    training = Training().send(SetKnob("schedule", "cosine:steps=100"), Advance(50))
    training.send(SetKnob("learning_rate", 0.05))
    change, _ = consequences.words(training.panel.last_change.consequence, 256)
    assert "schedule cosine → constant" in change
    assert "learning rate 0.025 → 0.05" in change


@pytest.mark.parametrize(
    ("rate", "picture"),
    [
        (0.001, "▌───────────────────────────────┃━━━━━━━"),
        (0.55, "███████████████████─────────────┃━━━━━━━"),
        (1.0, "████████████████████████████████┃██━━━━━"),
        (40.0, "████████████████████████████████┃██████▸"),
    ],
)
def test_the_gauge_fills_up_to_the_redline_and_beyond(rate, picture):
    training = Training().send(SetKnob("learning_rate", rate))
    canvas = Canvas(40, 1)
    stability_gauge.draw(canvas, 0, 0, 40, training.snapshot)
    assert str(canvas).replace("┊", "━") == picture
    assert canvas.ink[0, 39] == Ink.DANGER
    filled = [int(ink) for ink in canvas.ink[0] if Ink.HEAT_0 <= ink < Ink.HEAT_0 + HUES]
    assert filled[0] == Ink.HEAT_0  # from safe up to where the rate is
    assert filled == sorted(filled)
    assert (filled[-1] == Ink.HEAT_0 + HUES - 1) == (rate >= 1)


@pytest.mark.parametrize(("value", "words"), [(math.nan, "stable limit unknown"), (math.inf, "nothing limits it here")])
def test_a_limit_that_is_not_there_is_said(value, words):
    snapshot = Training().snapshot
    limit = replace(unknown("limit", "for a reason that takes a long time to tell in a few words"), value=value)
    outlook = replace(snapshot.readings.outlook, limit=RateLimit(limit, limit, 1))
    readings = replace(snapshot.readings, outlook=outlook)
    snapshot = replace(snapshot, readings=readings)
    canvas = Canvas(30, 1)
    stability_gauge.draw(canvas, 0, 0, 30, snapshot)
    assert str(canvas) == "┄" * 30
    assert stability_gauge.text(snapshot, 40) == words
    if math.isnan(value):
        assert "takes a long time" in stability_gauge.text(snapshot, 100)


def test_gradient_noise_is_that_of_batches_without_replacement():
    for knobs, expected in (
        (Knobs(batch_size=32), math.sqrt(50 / 32 * 224 / 255)),
        (Knobs(batch_size=32, sampling="with_replacement"), math.sqrt(50 / 32)),
        (Knobs(sampling="full_batch"), 0.0),
        (Knobs(batch_size=4096), 0.0),
    ):
        assert noise.gradient_noise(knobs, 50.0, 256) == pytest.approx(expected)
    assert math.isnan(noise.gradient_noise(Knobs(), math.nan, 256))


def test_large_numbers_fall_back_to_small_ones():
    for text, width, first_row in (("0.05", 16, "┏━┓ ┏━┓┏━╸"), ("1e−09", 16, ""), ("0.0001234", 16, "")):
        canvas = Canvas(20, 3)
        digits.draw(canvas, 0, 0, width, text, Ink.STRONG)
        assert canvas.rows()[0].rstrip() == first_row
        if not first_row:
            assert canvas.rows()[1].rstrip() == text


def test_large_numbers_in_ascii_are_ten_that_differ_of_strokes_that_ascii_has():
    drawn = {}
    for text in "0123456789":
        canvas = Canvas(3, 3)
        digits.draw(canvas, 0, 0, 3, text, Ink.STRONG, in_ascii=True)
        drawn[text] = tuple(canvas.rows())
    assert len(set(drawn.values())) == 10
    assert {*"".join("".join(rows) for rows in drawn.values())} == {*" _|"}
    assert drawn["0"] == (" _ ", "| |", "|_|")
    training = Training("line-fit", 1)
    training.panel.change_look(Look(ascii=True))
    assert " _" in training.text(74, 20).splitlines()[1]


@given(st.integers(0, 120), st.integers(0, 30))
def test_every_size_is_painted(width, height):
    for training in (LINE, DIVERGED):
        picture = training.panel.paint(training.snapshot.scene, training.snapshot, width, height)
        assert (picture.width, picture.height) == (width, height)


LINE = Training().send(SetKnob("batch_size", 8))
DIVERGED = Training("one-weight", steps=5).send(SetKnob("learning_rate", 50.0), Advance(400), Advance(400))


@pytest.mark.parametrize("learning_rate", [10.0, 99.0, 999.0])
def test_of_a_network_that_died_the_limit_is_said_to_mean_nothing(learning_rate):
    training = Training("moons", 300)
    training.send(SetKnob("learning_rate", learning_rate), Advance(100)).settle()
    for size in ((56, 13), (74, 20), (78, 4)):
        text = training.text(*size)
        assert "nothing limits it here" not in text
        assert "0 % of the limit" not in text
    assert "the limit means nothing here" in training.text(90, 20)
    assert "most units are saturated (" in " ".join(training.text(74, 20).split())
    training.send(SetKnob("learning_rate", learning_rate / 10)).settle()  # paused: no step has been taken since
    assert "nothing limits it here" not in training.text(74, 20)
    assert "of the limit" not in training.text(74, 20)


def test_a_plateau_and_a_noise_floor_are_told_apart():
    assert "On a plateau since step" in Training("spirals", 2000).text(74, 20)
    assert "at the noise floor, where only a smaller" in " ".join(Training("noisy-batches", 1500).text(74, 20).split())
    assert re.search(r"Converged at step \d+ at its noise floor\.", Training("noisy-batches", 1500).text(78, 4))


@pytest.mark.parametrize("width", [46, 40, 30])
def test_a_status_without_room_ends_in_a_mark(width):
    status = Training("noisy-batches", 1500).text(width, 8).splitlines()[-1].strip()
    assert status.startswith("Converged at step ")
    assert status[-1] in ".…"


@pytest.mark.parametrize(("width", "height"), [(74, 20), (56, 13)])
@pytest.mark.parametrize("knob", [None, ("learning_rate", 0.3), ("momentum", 0.5)])
def test_the_seed_is_on_a_panel_of_any_usual_size(width, height, knob):
    training = Training("noisy-batches")
    text = training.send(*([SetKnob(*knob)] if knob else [])).text(width, height)
    assert len(re.findall(r"\bseed +0\b", text)) == 1


def test_the_limit_of_minibatches_is_one_on_average():
    training = Training()
    assert "of the batch-32 limit 0.921 on average · 0.977 on all data" in training.text(120, 20)
    assert "average" not in training.send(SetKnob("sampling", "full_batch")).text(120, 20)


@pytest.mark.parametrize("rate", [40.0, 300.0])
def test_a_change_that_kills_the_units_is_not_said_to_be_within_the_limit(rate):
    training = Training("moons", steps=200).send(SetKnob("learning_rate", rate)).send(Advance(3)).send()
    text = training.send(Advance(60)).text(74, 20)
    assert "units are saturated" in " ".join(text.split())
    assert "learning rate 0.1 →" in text
    assert "% of the limit" not in text
