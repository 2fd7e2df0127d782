"""The row of scores above the picture of the data, as text."""

import numpy as np
import pytest

import scenarios
from engine.serving.views import data_view
from engine.serving.views.data_view import DataView
from tui.dashboard.panels.data import score_line
from tui.painting.canvas import Canvas


def written(preset, width=100):
    run = scenarios.load(preset).run()
    run.advance(20)
    canvas = Canvas(width, 1)
    score_line.draw(canvas, 0, data_view.capture(run, DataView(predictions=False, scores=True)))
    return str(canvas).strip(), run


def test_a_regression_has_an_error_in_its_own_units_and_r_squared():
    text, run = written("fuel-economy")
    model = run.trainer.objective
    error = model.predict(run.trainer.weights, model.inputs) - model.targets
    assert text.startswith(f"training RMSE {np.sqrt(np.mean(error**2)):.2f} R² ")
    assert "validation RMSE " in text


def test_classes_have_an_accuracy():
    text, run = written("moons")
    probabilities = run.trainer.objective.predict(run.trainer.weights, run.trainer.objective.inputs)
    share = np.mean((probabilities > 0.5) == run.trainer.objective.targets)
    assert text.startswith(f"training accuracy {100 * share:.1f} %  validation accuracy ")


def test_a_score_over_some_of_the_examples_says_so(monkeypatch):
    assert "≈" not in written("digits")[0]
    monkeypatch.setattr(data_view, "_WORK", 1e5)  # as if the model were larger
    assert "accuracy ≈ " in written("digits")[0]


@pytest.mark.parametrize(("width", "begins", "parts"), [(70, "training RMSE", 2), (58, "RMSE", 2), (40, "RMSE", 1)])
def test_a_narrow_panel_leaves_words_out_and_cuts_none(width, begins, parts):
    text, _ = written("fuel-economy", width)
    assert text.startswith(begins)
    assert text.count("R²") == parts
    assert len(text) <= width


def test_a_landscape_has_no_scores():
    assert written("ravine")[0] == ""
