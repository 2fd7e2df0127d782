"""The glossary: whole, plain, and with an entry for every word, figure and sign of the screen."""

import re
import sys
from pathlib import Path

import pytest

from engine.training.knobs import KNOBS, OPTIMIZER_NAMES, SAMPLINGS
from engine.training.schedules import SCHEDULES
from tests.tui.dashboard.test_dashboard import begin, dashboard, until
from tests.tui.moments import moment
from tui.dashboard.panels import comparison_panel
from tui.dashboard.panels.comparison_panel import ComparisonPanel
from tui.dashboard.panels.controls import status_words
from tui.dashboard.panels.controls.controls_panel import ControlsPanel
from tui.dashboard.panels.goal_line import GoalLine
from tui.dashboard.panels.loss.loss_panel import LossPanel
from tui.dashboard.panels.status_line import StatusLine
from tui.dashboard.panels.weights.weights_panel import WeightsPanel
from tui.dashboard.screens.guide.word_dialog import WordScreen
from tui.dashboard.screens.help_dialog import HelpScreen
from tui.words.glossary import entries, entry_at, labels_in

DOCS = Path(__file__).parents[3] / "docs"
LINES = (*comparison_panel._SETTINGS, *comparison_panel._PROGRESS, *comparison_panel._TRAINING)
NAMES = [
    *(knob.title for knob in KNOBS.values()),
    *(name.replace("_", " ") for name in (*OPTIMIZER_NAMES, *SAMPLINGS, *SCHEDULES)),
    *(line.name.strip() for line in (*LINES, *comparison_panel._VALIDATION, comparison_panel._STATUS)),
    *(words.partition(":")[0] for words in status_words._BRIEFLY.values()),
    *(f"Converged at step 9{where}" for where in status_words._WHERE.values()),
    *("converged", "diverged", "saturated", "RMSE", "R²", "accuracy", "★★☆", "✛ minimum", "● now", "redline"),
]
# Words between the words: who reads English has them.
ORDINARY = {
    *(
        "a",
        "above",
        "about",
        "all",
        "an",
        "and",
        "are",
        "as",
        "at",
        "away",
        "back",
        "being",
        "hold",
        "but",
        "by",
        "can",
        "cannot",
        "could",
    ),
    *(
        "data",
        "down",
        "few",
        "for",
        "from",
        "forward",
        "here",
        "how",
        "in",
        "is",
        "it",
        "its",
        "less",
        "means",
        "model",
    ),
    *(
        "more",
        "most",
        "new",
        "not",
        "nothing",
        "of",
        "once",
        "one",
        "only",
        "or",
        "over",
        "past",
        "since",
        "than",
        "that",
    ),
    *("the", "there", "this", "times", "to", "too", "under", "until", "weight", "were", "with", "yet", "you", "mine"),
    *("above", "along", "began", "drawn", "first", "growing", "hold", "meaningful", "where"),
    # what keys do, and why something is not known
    *(
        "again",
        "back",
        "cannot",
        "computed",
        "ends",
        "go",
        "goes",
        "grown",
        "hardly",
        "large",
        "on",
        "proportion",
        "rest",
    ),
    *(
        "row",
        "come",
        "falls",
        "out",
        "pay",
        "slows",
        "starts",
        "takes",
        "trains",
        "unknown",
        "waiting",
        "may",
        "space",
        "has",
    ),
}


def test_every_entry_is_whole_and_every_label_is_of_one_entry():
    labels = [label.lower() for entry in entries() for label in entry.labels]
    assert sorted(set(labels)) == sorted(labels)
    for entry in entries():
        assert entry.plain.endswith("."), entry.term
        assert entry.advice.endswith("."), entry.term
        sentences = re.split(r"(?<=[.:;])\s", f"{entry.plain} {entry.advice}")
        assert max(len(sentence.split()) for sentence in sentences) <= 34, entry.term


@pytest.mark.parametrize("name", sorted(set(NAMES)))
def test_a_name_of_the_screen_has_an_entry(name):
    assert [entry for _, _, entry in labels_in(name)], name


def without_entries(text):
    """The words of a text that neither belong to a label nor are ordinary."""
    left = []
    for line in text.splitlines():
        covered = {place for start, label, _ in labels_in(line) for place in range(start, start + len(label))}
        words = re.finditer(r"[^\W\d_]{3,}", line)
        left += [word[0] for word in words if word.start() not in covered]
    return {word for word in left if word.lower() not in ORDINARY}


SCENES = (
    *("one weight", "one weight, diverged", "two weights", "two weights, no step yet", "two weights, looked back"),
    *(
        "two weights, ghosts",
        "two weights, averages",
        "race of optimizers",
        "race of rates, one diverged",
        "full batch, scheduled",
    ),
    *(
        "unusual knobs",
        "changes to come",
        "many changes",
        "landscape",
        "two classes, diverged",
        "many features",
        "edge of stability",
    ),
)


@pytest.mark.parametrize("name", SCENES)
def test_all_that_stands_beside_the_pictures_is_explained(name):
    scene, found, panels = moment(name)
    (snapshot, *_) = found.values()
    sizes = {
        ControlsPanel: ((74, 20), (78, 4)),
        StatusLine: ((200, 1),),
        GoalLine: ((160, 1),),
        ComparisonPanel: ((76, 24),),
    }
    beside = [panel for panel in panels if type(panel) in sizes]
    texts = [str(panel.paint(scene, snapshot, *size)) for panel in beside for size in sizes[type(panel)]]
    pictures = [panel for panel in panels if type(panel) not in sizes]
    heads = [str(panel.paint(scene, snapshot, w, 20)).splitlines()[:2] for panel in pictures for w in (120, 56, 38)]
    texts += [head[0] for head in heads] + [head[1] for head in heads if snapshot.coming]
    named = set(re.findall(r"[^\W\d_]+", " ".join([*scene.weight_names, *scene.classes, panels[-2].title])))
    assert not without_entries("\n".join(texts)) - named


def test_the_longest_label_counts():
    for text, column, term in (
        ("batch gradient norm 3.1", 8, "gradient norm"),
        ("47 % of the batch-32 limit 0.921", 14, "limit"),
        ("loss ≤ 2.3", 0, "loss"),
        (" ⣿ batch  ━ training  ─ mean of 7", 24, "mean of steps"),
        ("at its noise floor", 4, "noise floor"),
    ):
        assert entry_at(text, column).term == term
    assert entry_at("nothing here", 3) is None
    assert entry_at("floors and lossy", 2) is None  # whole words only


def test_the_page_is_that_of_the_glossary(monkeypatch):
    monkeypatch.setattr(sys, "path", [*sys.path, str(DOCS)])
    import write_glossary

    assert (DOCS / "glossary.md").read_text("utf-8") == write_glossary.page(), "python docs/write_glossary.py"


def place_of(app, kind, words):
    """Where on the screen a word of a panel stands."""
    panel = app.training.query_one(kind)
    row, line = next((row, line) for row, line in enumerate(str(panel.picture).splitlines()) if words in line)
    return panel.content_region.x + line.index(words), panel.content_region.y + row


@pytest.mark.parametrize(
    ("kind", "words", "term"),
    [
        (ControlsPanel, "learning rate", "learning rate"),
        (ControlsPanel, "limit", "limit"),
        (LossPanel, "training", "loss"),
        (WeightsPanel, "true gradient", "gradient"),
        (GoalLine, "★", "goal"),
        (StatusLine, "epoch", "epoch"),
    ],
)
async def test_a_click_on_a_word_explains_it(kind, words, term):
    app, _ = dashboard()
    async with app.run_test(size=(120, 40)) as pilot:
        await begin(pilot)
        await until(pilot, lambda: words in str(app.training.query_one(kind).picture))
        await pilot.click(offset=place_of(app, kind, words))
        await until(pilot, lambda: isinstance(app.screen, WordScreen))
        assert app.screen._entry.term == term
        assert app.training.loss.curves.time.cursor is None  # a word is no place on the curves
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is app.training)


async def test_the_mouse_over_a_word_says_what_it_is():
    app, _ = dashboard()
    async with app.run_test(size=(120, 40), tooltips=True) as pilot:
        await begin(pilot)
        panel = app.training.query_one(ControlsPanel)
        await until(pilot, lambda: "sharpness" in str(panel.picture))
        await pilot.hover(offset=place_of(app, ControlsPanel, "sharpness"))

        def text():
            return "\n".join(strip.text for strip in app.screen._compositor.render_strips())

        await until(pilot, lambda: "sharpness: How strongly the loss is" in text())
        await pilot.hover(offset=place_of(app, GoalLine, "★"))
        await until(pilot, lambda: "sharpness: How strongly" not in text())


async def test_help_and_then_the_word():
    app, _ = dashboard()
    async with app.run_test(size=(80, 24)) as pilot:
        await begin(pilot)
        await pilot.press("question_mark", *"sharpness")
        await until(pilot, lambda: isinstance(app.screen, HelpScreen) and app.screen.typed == "sharpness")

        def text():
            return " ".join(" ".join(strip.text for strip in app.screen._compositor.render_strips()).split())

        await until(pilot, lambda: "How strongly" in text() and "eigenvalue" in text() and "Compare with" in text())


@pytest.mark.parametrize("word", ["curvature", "newton"])
def test_a_word_of_the_briefings_is_found(word):
    assert [entry.term for entry in entries() if word in entry.plain.lower()] == ["sharpness"]
