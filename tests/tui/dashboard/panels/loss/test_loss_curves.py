"""The picture of the loss curves, read as text: no app, no terminal, and made-up curves."""

from dataclasses import replace

import numpy as np
import pytest

import scenarios
from engine.runs.curves import Curve
from engine.runs.ghosts import Ghost
from engine.runs.past.knob_change import KnobChange
from engine.serving.commands import Advance, RequestFrame
from engine.serving.process import LocalEngine
from engine.serving.snapshot import View
from engine.serving.views.curves_view import CurvesPicture, CurvesView, Reading
from engine.training.history import Series
from tui.dashboard.panels.loss.loss_curves import Choice, LossCurves
from tui.painting.palette import Ink


@pytest.fixture(scope="module")
def paused():
    """A snapshot of line-fit after forty steps."""
    engine, replies = LocalEngine(scenarios.load("line-fit")), []
    engine.listen(replies.append)
    engine.send(Advance(40))
    engine.send(RequestFrame(View()))
    readings = replies[-1].readings
    outlook = replace(readings.outlook, noise_floor=replace(readings.noise_floor, value=np.nan))
    return replace(replies[-1], readings=replace(readings, outlook=outlook))


def made_up(snapshot, *, steps=40, batch=None, training=None, validation=None, examples=None, **picture):
    """The snapshot with these losses, one a step; nothing where there are none."""
    nothing = np.full(steps, np.nan)
    batch = nothing if batch is None else np.asarray(batch, dtype=float)
    at = np.arange(len(batch), dtype=float)
    every = np.arange(steps + 1, dtype=float)
    envelope = picture.pop("envelope", Series(at, batch, batch, batch))
    curves = CurvesPicture(
        view=picture.pop("view", CurvesView(80)),
        start=picture.pop("start", 0),
        stop=picture.pop("stop", steps),
        batch=envelope,
        smoothed=envelope.mean,
        every=picture.pop("every", 1),
        training=Curve(every, np.full(steps + 1, np.nan) if training is None else training),
        validation=Curve(every, np.full(steps + 1, np.nan) if validation is None else validation),
        examples=examples or Curve(every, 32 * every),
        blew_up_at=picture.pop("blew_up_at", None),
        reading=picture.pop("reading", None),
    )
    loss = np.nan if validation is None else validation[-1]
    return replace(snapshot, step=steps, latest_step=steps, curves=curves, validation_loss=loss, changes=(), **picture)


def painted(snapshot, choice=None, width=40, height=12):
    return LossCurves(choice).paint(snapshot.scene, snapshot, width, height)


def text(snapshot, choice=None, width=40, height=12):
    return str(painted(snapshot, choice, width, height)).split("\n")


STEPS = np.arange(41.0)
FALLING = 10 * np.exp(-STEPS / 10)


def test_a_falling_loss(paused):
    shown = text(made_up(paused, batch=FALLING[:40], training=FALLING), Choice(batch="envelope"))
    # A straight line on a logarithmic axis: ten rows of four dots are two decades, e⁻⁴ is 1.74 of them.
    assert shown == [
        " ⣿ batch  ━ training",
        " 10 ⠛⠶⣤⣄",
        "       ⠈⠛⠶⢦⣄",
        "           ⠈⠛⠳⢦⣄⡀",
        "               ⠈⠙⠳⠶⣤⡀",
        "  1                ⠈⠙⠛⠶⣤⣀",
        "                       ⠈⠉⠛⠶⣤⣀",
        "                            ⠉⠛⠳⢦⣀⡀",
        "                                ⠉⠙⠳⢦⣄⡀",
        "                                    ⠈⠙⠳⠶",
        "0.1",
        "    0      10       20       30       40",
    ]


def test_an_envelope_holds_every_spike(paused):
    steps = np.arange(0, 40, 4.0)
    high = np.where(steps == 20, 9.0, 2.0)
    envelope = Series(steps, np.full(10, 1.0), np.full(10, 1.5), high)
    shown = text(made_up(paused, envelope=envelope), Choice(log=False, batch="envelope"))
    assert shown == [
        " ⣿ batch  ━ training",
        "                    ⢸⡄",
        "                    ⢸⢣",
        "                    ⢸⠸⡀",
        "                    ⢸ ⡇",
        "5                   ⢸ ⢸",
        "                    ⢸  ⡇",
        "                    ⢸  ⢱",
        "  ⣄⡀ ⢠⢄⡀ ⢠⣀  ⡤⣀  ⣄⡀ ⢸  ⠘⣤⣀  ⡤⣀  ⣄⡀ ⢠",
        "  ⠇⠈⠒⠼ ⠈⠒⠼ ⠑⠢⠇ ⠑⠢⠇⠈⠒⠼   ⠻ ⠑⠢⠇ ⠑⠢⠇⠈⠒⠼",
        "0",
        "  0       10       20        30       40",
    ]


def test_the_mean_alone_is_named_with_its_width(paused):
    picture = made_up(paused, batch=FALLING[:40], training=FALLING)
    shown = text(picture, Choice(batch="mean"))
    assert "mean of 7" in shown[0]
    assert "batch" not in shown[0]
    both = text(picture, Choice())
    assert "⣿ batch" in both[0]
    assert "mean of 7" in both[0]


def test_validation_is_named_where_there_is_some(paused):
    assert "validation" not in text(made_up(paused, training=FALLING))[0]
    assert "validation" in text(made_up(paused, training=FALLING, validation=FALLING + 1))[0]


@pytest.mark.parametrize(("unit", "end"), [("updates", "40"), ("examples", "1.5k"), ("epochs", "6")])
def test_the_x_axis_counts_updates_examples_or_epochs(paused, unit, end):
    # 40 steps of 32 examples are 1,280, five epochs of 256: the axis ends at the next round number.
    assert text(made_up(paused, training=FALLING), Choice(unit=unit))[-1].split()[-1] == end


def test_examples_are_counted_piece_by_piece_where_the_batch_size_changed(paused):
    # 20 steps of 1 example, then 20 of 99: in examples the second half is ninety-nine hundredths.
    examples = Curve(np.array([0.0, 20.0, 40.0]), np.array([0.0, 20.0, 2000.0]))
    picture = made_up(paused, training=np.where(STEPS < 20, 10.0, 1.0), examples=examples)
    curves = LossCurves(Choice(unit="examples"))
    canvas = curves.paint(picture.scene, picture, 40, 12)
    inside, ruler = curves.inside, curves.ruler
    assert ruler.place(np.array([10, 20, 30])).tolist() == [10, 20, 1010]
    assert [ruler.step(place) for place in (10, 20, 1010)] == [10, 20, 30]
    assert (inside.x_axis.low, inside.x_axis.high) == (0, 2000)
    assert canvas.rows()[2][: inside.left + 2].strip()  # the high part of the curve is squeezed to the left
    assert not canvas.rows()[2][inside.left + 4 :].strip()


def test_a_window_shows_its_own_steps_and_limits_only(paused):
    picture = made_up(paused, training=FALLING, view=CurvesView(80, span=20, start=20), start=20, stop=40)
    curves = LossCurves()
    canvas = curves.paint(picture.scene, picture, 40, 12)
    inside = curves.inside
    assert (inside.x_axis.low, inside.x_axis.high) == (20, 40)
    assert inside.y_axis.high < 3  # the ten at the beginning is not in it
    assert str(canvas).split("\n")[-1].split() == ["20", "25", "30", "35", "40"]


def test_far_into_a_run_ticks_are_told_apart(paused):
    steps = np.array([9_999_400.0, 9_999_600.0])
    picture = replace(
        made_up(paused, view=CurvesView(80, span=200), start=9_999_400, stop=9_999_600),
        step=9_999_600,
    )
    curves = replace(picture.curves, training=Curve(steps, np.array([2.0, 1.0])), examples=Curve(steps, 32 * steps))
    ticks = text(replace(picture, curves=curves), width=58)[-1].split()
    assert len(set(ticks)) == len(ticks) >= 2
    assert ticks[0] == "9.9994M"


def changes(*steps, knob="learning_rate"):
    return tuple(KnobChange(step, knob, 0.1 * 2**i, 0.1 * 2 ** (i + 1)) for i, step in enumerate(steps))


def test_marks_say_what_was_changed(paused):
    picture = replace(made_up(paused, training=FALLING), changes=changes(10, 30))
    shown = text(picture, height=18)
    assert "lr ↑0.2" in "".join(shown[1:3])
    assert "lr ↑0.4" in "".join(shown[1:3])
    assert sum("┊" in row for row in shown) > 10


def test_many_marks_stay_legible(paused):
    picture = replace(made_up(paused, training=FALLING), changes=changes(*range(0, 40, 2)))
    shown = text(picture, height=18)
    words = " ".join(shown[1:3])
    assert "(" in words  # how many became one
    assert "lr ↑" in words
    dashes = [row.count("┊") for row in shown if "┊" in row]
    assert len(dashes) == 2  # ticks above and below: lines so close would hide the curves


def test_the_cursor_shows_its_step_and_leaves_the_curves_whole(paused):
    reading = Reading(20, 20, 1, 640.0, 1.25, 0.5, 0.05, 32.0, 16, 2.0, np.nan)
    without = painted(made_up(paused, training=FALLING), height=16)
    canvas = painted(made_up(paused, training=FALLING, reading=reading), height=20)
    words = " ".join(str(canvas).split())
    for value in ("step 20", "epoch 2.50", "examples 640", "batch 1.250", "training 2.000 at 16", "lr 0.05"):
        assert value in words
    assert "batch size 32" in words
    assert "gradient 0.500" in words
    assert "validation" not in words
    assert (canvas.chars == "│").any()
    assert (canvas.ink == Ink.TRAINING).sum() > (without.ink == Ink.TRAINING).sum()  # and that is the longer reading


def test_a_reading_of_a_bucket_says_so(paused):
    reading = Reading(20, 16, 8, 512.0, 1.25, 0.5, 0.05, 32.0, 16, 2.0, np.nan)
    words = " ".join(" ".join(text(made_up(paused, training=FALLING, reading=reading), width=58, height=20)).split())
    assert "step 16–23" in words
    assert "batch ≈1.250" in words


def test_the_reading_moves_nothing_while_its_numbers_change(paused):
    def starts(reading):
        rows = text(made_up(paused, training=FALLING, reading=reading), width=58, height=20)
        return [(row.find(name), i) for name in ("batch ", "training", "gradient") for i, row in enumerate(rows[1:])]

    small = Reading(1, 1, 1, 32.0, 0.001, 0.5, 0.05, 32.0, 0, 1.0, np.nan)
    large = Reading(39, 39, 1, 1248.0, 123.4, 12345.0, 0.000123, 1.0, 39, 1234.5, np.nan)
    assert starts(small) == starts(large)


def test_where_the_numbers_end_the_step_is_said(paused):
    growing = np.where(STEPS < 25, 10.0 ** np.minimum(STEPS, 25), np.nan)
    shown = text(made_up(paused, batch=growing[:40], training=growing, blew_up_at=25))
    assert any("not finite at step 25 ✕" in row for row in shown)
    early = text(made_up(paused, batch=growing[:40], training=growing, blew_up_at=8))
    assert any("✕ not finite at step 8" in row for row in early)


def test_nothing_but_gaps_is_an_empty_picture(paused):
    for choice in (Choice(), Choice(log=False), Choice(batch="mean", unit="epochs")):
        assert text(made_up(paused), choice)


def test_wide_panels_name_the_values_at_the_right_edge(paused):
    picture = made_up(paused, training=FALLING, validation=FALLING + 1)
    narrow, wide, widest = (text(picture, width=width) for width in (58, 80, 120))
    assert not any(row.endswith("0.183") for row in narrow)
    assert any(row.endswith("0.183") for row in wide)
    assert any("validation" in row and row.endswith("1.183") for row in widest[1:])


@pytest.mark.parametrize("size", [(1, 1), (5, 3), (12, 4), (38, 14), (118, 38), (300, 90)])
@pytest.mark.parametrize("unit", ["updates", "epochs"])
def test_any_size_can_be_painted(paused, size, unit):
    reading = Reading(20, 20, 1, 640.0, 1.25, 0.5, 0.05, 32.0, 16, 2.0, np.nan)
    picture = made_up(paused, batch=FALLING[:40], training=FALLING, reading=reading, blew_up_at=39)
    canvas = painted(replace(picture, changes=changes(3, 30)), Choice(unit=unit), *size)
    assert (canvas.width, canvas.height) == size


def test_where_single_steps_are_no_longer_held_that_is_said(paused):
    envelope = Series(np.array([0.0, 16.0]), np.array([1.0, 1.0]), np.array([2.0, 2.0]), np.array([9.0, 4.0]))
    shown = text(made_up(paused, envelope=envelope, every=16, steps=32), width=58)
    assert any("16 together" in row for row in shown)
    fine = Series(np.arange(40.0), *(np.full(40, value) for value in (1.0, 2.0, 4.0)))
    assert not any("together" in row for row in text(made_up(paused, envelope=fine), width=58))


def test_the_cursor_reads_other_runs_where_they_were_as_far(paused):
    reading = Reading(20, 20, 1, 640.0, 1.25, 0.5, 0.05, 32.0, 16, 2.0, np.nan)
    # Another run with batches of 64: it had seen 640 examples at its step 10.
    ghost = Ghost(3, "", Curve(STEPS, 100 + STEPS), 64 * STEPS, np.empty((0, 2)))
    picture = replace(made_up(paused, training=FALLING, reading=reading), ghosts=(ghost,))
    for unit, loss in (("updates", "120.0"), ("examples", "110.0")):
        words = " ".join(" ".join(text(picture, Choice(unit=unit), width=58, height=24)).split())
        assert f"3 {loss}" in words


def race(paused, rate=""):
    """Of four, beside an earlier run."""
    values = ((1, ""), *((3 + i, f"{name}{rate}") for i, name in enumerate(("nesterov", "rmsprop", "adam"))))
    ghosts = tuple(Ghost(number, name, Curve(STEPS, FALLING), 32 * STEPS, np.empty((0, 2))) for number, name in values)
    return replace(
        made_up(paused, batch=2 * FALLING[:40], training=FALLING), ghosts=ghosts, number=2, label=f"sgd{rate}"
    )


@pytest.mark.parametrize(
    ("width", "rate"), [(39, ""), (58, ""), (80, ""), (44, " 0.001"), (58, " 0.001"), (80, " 0.001")]
)
def test_the_legend_of_a_race_names_what_is_raced(paused, width, rate):
    legend = text(race(paused, rate), width=width)[0].split()
    assert ("0.001" in legend) == (bool(rate) and width == 80)
    assert {"sgd", "nesterov", "rmsprop", "adam"} <= set(legend)
    earlier = Ghost(6, "k3f9xw", Curve(STEPS, FALLING), 32 * STEPS, np.empty((0, 2)), faint=True)
    picture = race(paused, rate)
    beside = text(replace(picture, ghosts=(*picture.ghosts, earlier)), width=width)[0].split()
    assert {"sgd", "nesterov", "rmsprop", "adam"} <= set(beside)


@pytest.mark.parametrize("width", [39, 58, 80, 140])
def test_a_mean_that_the_legend_of_a_race_has_no_room_for_is_not_drawn(paused, width):
    canvas = painted(race(paused), width=width)
    drawn = bool((canvas.ink[1:, : width - 20] == Ink.SMOOTHED).any())
    assert drawn == ("mean of" in canvas.rows()[0]) == (width >= 80)
    assert (painted(race(paused), Choice(batch="mean"), width=width).ink[1:] == Ink.SMOOTHED).any()  # it was asked for


@pytest.mark.parametrize("width", range(10, 60))
def test_what_does_not_fit_the_legend_is_left_out_whole(paused, width):
    picture = made_up(paused, batch=FALLING[:40], training=FALLING, validation=FALLING)
    legend = text(picture, width=width)[0]
    assert set(legend.split()) <= {"⣿", "batch", "━", "training", "┅", "validation", "─", "mean", "of", "7"}
    assert ("mean" in legend) == ("of 7" in legend)
