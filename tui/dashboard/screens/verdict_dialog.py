"""The verdict on the run: how it stands to its goal, what that is compared with, what the knob changes did."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from engine.plain_text import plain
from scenarios.files.goal_forms import in_words as goal_in_words
from scenarios.trainings.verdict import Comparison, Verdict
from scenarios.trainings.verdict_process import comparison
from tui.dashboard.screens.briefing import markdown
from tui.dashboard.screens.dialog import Dialog, leading
from tui.words.verdict_words import effect_in_words, verdict_in_words

if TYPE_CHECKING:
    from engine.serving.views.run_outcome import RunOutcome
    from scenarios import Scenario
    from tui.dashboard.keys.keymap import Keymap


class VerdictScreen(Dialog[bool]):
    """The verdict on one outcome. The comparison is filled in as soon as it is trained. Dismissed with whether to go on
    to the next scenario. after: that one, if there is one."""

    BINDINGS: ClassVar = [("escape,V,q,enter", "dismiss(False)", "Close")]

    def __init__(self, scenario: Scenario, outcome: RunOutcome, after: Scenario | None, keys: Keymap) -> None:
        super().__init__()
        self._after, self._keys = after, keys
        self._scenario, self._outcome = scenario, outcome
        self._body = Static()

    def compose(self) -> ComposeResult:
        with VerticalScroll(classes="dialog") as dialog:
            dialog.border_title = Content(f"Verdict · {plain(self._scenario.file.title)}")
            others = "↑↓ scroll · esc close"
            dialog.border_subtitle = Content(others)
            if self._after is not None:
                words = f"next: {plain(self._after.file.title)}"
                dialog.border_subtitle = leading(self._keys.shown("next"), words, f" · {others}")
            yield self._body

    def on_mount(self) -> None:
        self.query_one(VerticalScroll).focus()
        self._show(None)
        if self._scenario.file.goal is not None:
            self.run_worker(self._compare(), exclusive=True)

    def on_key(self, event: events.Key) -> None:
        if self._after is not None and event.key in self._keys.keys("next"):
            event.stop()
            self.dismiss(True)

    async def _compare(self) -> None:
        found = await comparison(self._scenario, self._outcome.seed)
        self._show(found, missing="The trainings to compare with could not be made.")

    def _show(self, found: Comparison | None, missing: str = "Training the two that it is compared with …") -> None:
        self._body.update(markdown("\n\n".join(_paragraphs(self._scenario, self._outcome, found, missing))))


def _paragraphs(scenario: Scenario, outcome: RunOutcome, found: Comparison | None, missing: str) -> list[str]:
    """Paragraphs of Markdown."""
    table, state, effects = scenario.file.goal, outcome.goal, outcome.effects
    text = ["This scenario has no goal."]
    if table is not None and state is not None:
        goal = table.goal()
        text = [f"**{goal_in_words(goal)}**"]
        text += verdict_in_words(Verdict(goal, state, found)) if found else [missing]
    text.append("## What the knob changes did")
    if effects:
        text.append("\n".join(f"- {effect_in_words(effect)}" for effect in effects))
    elif outcome.changed:
        text.append("Nothing to tell yet: a change needs a few evaluations of the loss before and after it.")
    else:
        text.append("No knob has been changed in this run.")
    return text
