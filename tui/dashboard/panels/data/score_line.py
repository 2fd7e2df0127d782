"""Scores of the model's predictions, in a row above the picture of the data."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from tui.painting.canvas import Canvas
from tui.painting.numbers import fixed
from tui.painting.palette import Ink

if TYPE_CHECKING:
    from engine.measurement import Scores
    from engine.serving.views.data_view import DataPicture

_GAP = 2


def draw(canvas: Canvas, row: int, picture: DataPicture) -> None:
    """Write `training RMSE 3.247 R² 0.824  validation RMSE 3.461 R² 0.811`, or accuracies.

    ≈ stands before a score over some of the examples only. Where there is no room, the first word goes, whose colour
    says the same, and then what is last.
    """
    parts = [
        ("training", picture.training_scores, Ink.TRAINING),
        ("validation", picture.validation_scores, Ink.VALIDATION),
    ]
    told = [(part, in_words(scores), ink) for part, scores, ink in parts if scores is not None]
    needed = sum(len(part) + 1 + len(words) + _GAP for part, words, _ in told)
    column = 1
    for index, (part, words, ink) in enumerate(told):
        name = "" if index == 0 and needed > canvas.width else f"{part} "
        if column + len(name) + len(words) > canvas.width:
            return
        column = canvas.text(column, row, name, Ink.FAINT)
        column = canvas.text(column, row, words, ink) + _GAP


def in_words(scores: Scores) -> str:
    """`RMSE 3.247 R² 0.824`, or `accuracy 98.7 %`; a score that is not a number is –."""
    about = "≈ " if scores.examples < scores.num_examples else ""
    if math.isnan(scores.accuracy):
        return f"RMSE {about}{fixed(scores.rmse)} R² {about}{fixed(scores.r_squared)}"
    return f"accuracy {about}{100 * scores.accuracy:.1f} %"
