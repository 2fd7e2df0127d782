"""The upper border: what stands in it, and what a click on it does."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tui.dashboard.test_dashboard import begin, dashboard, until
from tui.dashboard.commands import COMMANDS
from tui.dashboard.keys.keymap import DEFAULT, Keymap
from tui.dashboard.panels.loss.loss_curves import BATCH_CURVES
from tui.dashboard.panels.ruler import UNITS
from tui.dashboard.panels.top_border import LEFT, Title, Toggle, top_border
from tui.dashboard.screens.guide.word_dialog import WordScreen
from tui.words.glossary import entry_at

LOSS = Title(1, "Loss", (Toggle("log-axis", "log"), Toggle("x-axis", "updates"), Toggle("follow", "follow", False)))
WEIGHTS = Title(2, "Weights · the loss over w, b", (Toggle("gradients", "gradients"),), "weights-picture")
RUNS = Title(5, "Runs · first at loss ≤ 1.02, 95 % of the drop", (Toggle("race", "race"),))


def border(title, width, keys=DEFAULT):
    return top_border(title, keys, width, faint="dim")


def lit(drawn):
    """The letters that are lit as keys."""
    return "".join(drawn.text[span.start : span.end] for span in drawn.content.spans if "footer-key" in str(span.style))


@pytest.mark.parametrize(
    ("title", "width", "text"),
    [
        (LOSS, 60, "1 Loss ────────────────────── log ─ n updates ─ follow"),
        (LOSS, 40, "1 Loss ── log ─ n updates ─ follow"),
        (LOSS, 32, "1 Loss ─── log ─ n updates"),
        (LOSS, 12, "1 Loss"),
        (WEIGHTS, 60, "2 Weights ─ w the loss over w, b ─────────── gradients"),
        (WEIGHTS, 40, "2 Weights ─ w picture ── gradients"),
        (WEIGHTS, 30, "2 Weights ─ w picture"),
        (RUNS, 64, "5 Runs · first at loss ≤ 1.02, 95 % of the drop ─── x race"),
        (RUNS, 58, "5 Runs · first at loss ≤ 1.02 ─────────────── x race"),
    ],
)
def test_what_has_room_stands_in_the_border(title, width, text):
    assert border(title, width).text == text


def test_the_key_is_a_lit_letter_of_the_word_or_stands_before_it():
    assert lit(border(LOSS, 60)) == "1lnf"
    renamed = Keymap({"log-axis": ("k",), "x-axis": ("u",)})
    drawn = border(LOSS, 60, renamed)
    assert "k log ─ updates" in drawn.text
    assert lit(drawn) == "1kuf"


def test_what_is_off_is_faint():
    styles = {LOSS_TEXT[span.start : span.end]: str(span.style) for span in border(LOSS, 60).content.spans}
    assert "dim" in styles["ollow"]
    assert "dim" not in styles["og"]


LOSS_TEXT = border(LOSS, 60).text
WORDS = st.text(st.characters(codec="utf-8", categories=("L", "P", "N")), min_size=1, max_size=20)


@given(
    st.lists(
        st.tuples(
            st.sampled_from([name for name in COMMANDS if not name.startswith("maximise")]), WORDS, st.booleans()
        ),
        max_size=6,
    ),
    st.integers(0, 200),
    WORDS,
)
def test_every_place_holds_its_word(toggles, width, words):
    title = Title(4, words, tuple(Toggle(*toggle) for toggle in toggles))
    drawn = border(title, width)
    for start, stop, command in drawn.places[1:]:
        word = next(toggle.word for toggle in title.toggles if toggle.command == command)
        assert drawn.text[start - LEFT : stop - LEFT].endswith(word) or len(title.toggles) > 1
        assert drawn.command_at(start) == drawn.command_at(stop - 1) == command
    assert len(drawn.text) <= max(width - 2 * LEFT, len(words) + 2)


def place(panel, words):
    """Where on a panel a word of its border stands."""
    return panel.top_border.text.index(words) + LEFT, 0


@pytest.mark.parametrize("words", ["log", "linear", *UNITS, *BATCH_CURVES[:2], "gradients", "cloud", "swarm", "race"])
def test_words_that_are_no_command_are_in_the_glossary(words):
    assert entry_at(words, 0)


async def test_words_of_the_border_act_and_are_explained():
    app, _ = dashboard()
    async with app.run_test(size=(120, 40)) as pilot:
        await begin(pilot)
        loss, weights = app.training.loss, app.training.weights
        await pilot.click(loss, offset=place(loss, "log"))
        await until(pilot, lambda: "linear" in loss.top_border.text)
        await pilot.click(loss, offset=place(loss, "n updates"))
        await until(pilot, lambda: "examples" in loss.top_border.text)
        await until(pilot, lambda: "gradients" in weights.top_border.text)
        await pilot.click(weights, offset=place(weights, "w the loss"))
        await until(pilot, lambda: "over time" in weights.top_border.text)

        await pilot.hover(loss, offset=place(loss, "linear"))
        await until(pilot, lambda: "l: Logarithmic or linear loss axis" in str(loss.tooltip))
        await pilot.click(loss, offset=place(loss, "Loss"))
        await until(pilot, lambda: isinstance(app.screen, WordScreen))
        assert app.screen._entry.term == "loss"
