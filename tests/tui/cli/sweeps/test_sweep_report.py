"""What is said of a sweep: the table, the best place, the line that trains there; the map in the terminal; the page."""

import io
import math
import re
import xml.etree.ElementTree as ET
from dataclasses import replace

import pytest
from rich.console import Console

import scenarios
from engine.measurement import Measurement
from scenarios.building import Parts
from scenarios.sweeps.sweep_map import CellResult, SweepMap
from scenarios.sweeps.sweep_plan import Axis, Cell, SweepPlan
from tui.cli.sweeps.html_page import html_page
from tui.cli.sweeps.live_map import live_map, pictures
from tui.cli.sweeps.printed_canvas import InLook, printed
from tui.cli.sweeps.range_report import range_report
from tui.cli.sweeps.sweep_curves import batch_report
from tui.cli.sweeps.sweep_report import best_in_words, rows, table
from tui.painting.look import Depth, Look

LINE = scenarios.load("line-fit")
RATES, BATCHES = Axis("learning_rate", (0.1, 0.2, 0.4)), Axis("batch_size", (1, 32))
LIMITS = {(0, 0): Measurement(0.29, "", "exact"), (0, 1): Measurement(0.92, "", "exact")}


def plan(*axes, seeds=(0, 1, 2)):
    return SweepPlan(axes or (RATES, BATCHES), LINE.file.training.starting_knobs(), seeds, 100)


def sweep(losses=((3.0, 2.0, math.inf), (1.5, 1.25, 1.75)), axes_of=(), **said):
    """A sweep of three seeds with these medians, by batch size and rate."""
    known = SweepMap(plan(*axes_of, **said), "training_loss")
    for row, some in enumerate(losses):
        for column, loss in enumerate(some):
            status = "running" if loss < math.inf else "diverged"
            known.add(
                CellResult(Cell((column, row), seed), 100, 3200, status, loss + seed / 100, math.nan, 9.0, 99.0)
                for seed in known.plan.seeds
            )
    return known


def text_of(renderable, width=80):
    console = Console(file=io.StringIO(), width=width, color_system=None)
    console.print(renderable)
    return console.file.getvalue()


def test_the_table_has_a_row_for_each_batch_size_with_its_best_rate():
    assert [row.place for row in rows(sweep())] == [(1, 0), (1, 1)]
    lines = [line.rstrip() for line in text_of(table(sweep(), LIMITS)).splitlines()]
    assert lines == [
        "batch size  best lr  training loss  over the seeds  blew up from  stable to",
        "         1      0.2           2.01        2 … 2.02           0.4       0.29",
        "        32      0.2           1.26     1.25 … 1.27             –       0.92",
    ]


def test_the_best_is_said_with_its_spread_and_the_line_that_trains_there():
    assert best_in_words(sweep(), LINE) == [
        "Best: learning rate 0.2, batch size 32: training loss 1.26, from 1.25 to 1.27 over 3 seeds.",
        "To train there: descend line-fit --learning-rate 0.2",
    ]


def test_a_best_at_the_edge_is_said_to_be_at_the_edge():
    words = best_in_words(sweep(((3.0, 2.0, 1.0), (3.0, 2.0, 1.5)), seeds=(7,)), LINE)
    assert words == [
        "Best: learning rate 0.4, batch size 1: training loss 1.07.",
        "It lies at the edge of the map: a learning rate beyond it may be better.",
        "To train there: descend line-fit --learning-rate 0.4 --batch-size 1 --seed 7",
    ]


@pytest.mark.parametrize(("batch_size", "is_said"), [(64, True), (256, False), (512, False)])
def test_an_edge_with_nothing_beyond_is_none(batch_size, is_said):
    """A batch of all 256 examples cannot be larger."""
    last, middle = Axis("batch_size", (1, 32, batch_size)), (3.0, 1.0, 3.0)
    known = sweep(((3.0, 2.0, 3.0), (3.0, 2.0, 3.0), middle), axes_of=(RATES, last), seeds=(7,))
    assert any("a batch size beyond" in line for line in best_in_words(known, LINE)) == is_said


def test_without_a_best_it_is_said_why():
    assert best_in_words(SweepMap(plan(), "training_loss"), LINE)[-1] == "Nothing was trained yet."
    lost = sweep(((math.inf,) * 3,) * 2)
    assert best_in_words(lost, LINE) == ["Every training blew up: try smaller learning rates."]
    assert "–" in text_of(table(lost, {}))
    unseen = SweepMap(plan(), "validation_loss", sweep().results.values())
    assert best_in_words(unseen, LINE) == ["No training has a value of validation loss."]


def test_what_is_still_to_come_is_counted():
    known = sweep()
    known.results = dict(list(known.results.items())[:-1])
    assert best_in_words(known, LINE)[0] == "1 training of 18 still to come; the same command goes on."


@pytest.mark.parametrize("depth", list(Depth))
@pytest.mark.parametrize("size", [(80, 24), (200, 60), (20, 5)])
def test_the_map_is_printed_in_every_look(depth, size):
    look = Look(depth=depth, ascii=depth == Depth.NONE)
    text = text_of(InLook(printed(pictures(sweep(), LIMITS, look, *size).canvas, look), look), size[0])
    assert ("x" if look.ascii else "×") in text
    assert all(len(line) <= size[0] for line in text.splitlines())
    assert text.isascii() == look.ascii


def test_the_live_map_fills_as_results_come(monkeypatch, capsys):
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("LINES", "24")
    results, known = list(sweep().results.values()), SweepMap(plan(), "training_loss")
    with live_map(known, LIMITS, Look(depth=Depth.NONE, ascii=True), "Line [fit]", lambda: False) as take:
        take(results[:9])
        take(results[9:])
    shown = capsys.readouterr().err
    assert known.missing == []
    assert "1.26" in shown
    assert re.search(r"Line \[fit\] .*18/18", shown)
    assert shown.isascii()


def test_a_live_map_that_is_to_end_says_what_it_waits_for(monkeypatch, capsys):
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", "80")
    with live_map(SweepMap(plan(), "training_loss"), LIMITS, Look(depth=Depth.NONE), "Line fit", lambda: True):
        pass
    assert "It ends with what is under way; ctrl+c again ends it now." in capsys.readouterr().err


def test_the_page_is_whole_by_itself_and_every_text_in_it_is_escaped():
    page = html_page(sweep(), LIMITS, "<script>alert(1)</script> & co", best_in_words(sweep(), LINE))
    assert "<script" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; co" in page
    assert not re.search(r"https?:|src=|@import|url\(", page)
    for svg in re.findall(r"<svg.*?</svg>", page, re.DOTALL):
        ET.fromstring(svg)  # well-formed
    assert page.count("<tr>") == 1 + 6
    assert page.count('class="lost"') == 1
    assert "★ 1.26" in page
    assert 'class="limit"' in page
    assert "18 trainings of 100 steps each; momentum 0, optimizer sgd, schedule constant." in page


def test_the_page_of_an_empty_sweep_is_a_page():
    assert "Nothing was trained yet." in html_page(
        SweepMap(plan(), "training_loss"), {}, "x", best_in_words(SweepMap(plan(), "training_loss"), LINE)
    )


def curve(law, sizes=(1, 4, 16, 64, 256)):
    """A sweep in which each batch size takes so many steps to the goal."""
    axes = Axis("learning_rate", (0.1, 0.2)), Axis("batch_size", sizes)
    known = SweepMap(plan(*axes, seeds=(0,)), "training_loss")
    for row, size in enumerate(sizes):
        for column, worse in enumerate((2, 1)):
            steps = worse * law(size)
            known.add([CellResult(Cell((column, row), 0), 9, 9, "running", 1.0, math.nan, steps, steps * size)])
    return known


def test_steps_to_the_target_are_drawn_with_the_critical_batch_size_beside_the_noise_scale():
    report = batch_report(curve(lambda size: 10 * (1 + 8 / size)), Parts.of(LINE.file), 100, colors=False)
    assert "steps to the target" in report
    assert "examples to the target" in report
    assert "Critical batch size 8:" in report
    assert "The fewest steps, with large batches: 10. The fewest" in report
    assert "Measured noise scale on the way to the target: 34.3" in report
    assert all(len(line) <= 100 for line in report.splitlines())


@pytest.mark.parametrize(
    ("law", "said"),
    [(lambda size: 1000 / size, "half as many steps throughout"), (lambda size: 7.0, "do not save any steps")],
)
def test_without_a_bend_it_is_said_so(law, said):
    assert said in batch_report(curve(law), Parts.of(LINE.file), 80, colors=False).replace("\n", " ")


def test_without_batch_sizes_or_a_goal_there_is_no_curve():
    assert batch_report(curve(lambda size: math.inf), Parts.of(LINE.file), 80, colors=False) == ""
    one = SweepMap(plan(RATES), "training_loss")
    assert batch_report(one, Parts.of(LINE.file), 80, colors=False) == ""


def test_the_range_test_says_its_suggestion_and_the_true_limit():
    run = LINE.run(seed=0, knobs=replace(LINE.file.training.starting_knobs(), batch_size=8))
    report = range_report(run, 80, colors=False).replace("\n", " ")
    assert "The test suggests a learning rate of 0.0328: a tenth of" in report
    assert "The largest stable learning rate here is 0.763, for minibatches of 8, in the mean square." in report
    assert "limit 0.763" in report
    assert run.trainer.steps == 0
