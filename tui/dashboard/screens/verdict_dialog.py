"""The verdict on the run: how it stands to its goal, what that is compared with, what the knob changes did."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from engine.plain_text import counted, plain
from scenarios.files.goal_forms import in_words as goal_in_words
from scenarios.trainings.verdict import Verdict
from scenarios.trainings.verdict_process import Measured, measured
from tui.dashboard.screens.briefing import markdown
from tui.dashboard.screens.dialog import Dialog, LaidOut, leading
from tui.words.question_words import told
from tui.words.verdict_words import effect_in_words, verdict_in_words

if TYPE_CHECKING:
    from engine.serving.views.run_outcome import RunOutcome
    from scenarios import Scenario
    from tui.dashboard.keys.keymap import Keymap
    from tui.home.progress_contents import Study


_SOLUTIONS = {
    "shown": "This run is the solution that was shown.",
    "taken over": "This run goes on from the solution that was shown: its stars are not kept.",
    "replayed": "This run is the replay of an earlier one.",
}


class VerdictScreen(Dialog[bool]):
    """The verdict on one outcome. What is compared with it is filled in as soon as it is trained. Dismissed with
    whether to go on to the next scenario. after: words on that one, "" where there is none. study: the answer to the
    scenario's question, and the help that was had."""

    BINDINGS: ClassVar = [("escape,V,q,enter", "dismiss(False)", "Close")]

    def __init__(
        self,
        scenario: Scenario,
        outcome: RunOutcome,
        after: str,
        keys: Keymap,
        study: Study,
    ) -> None:
        super().__init__()
        self._after, self._keys = after, keys
        self._scenario, self._outcome, self._study = scenario, outcome, study
        self._body = Static()

    def compose(self) -> ComposeResult:
        with VerticalScroll(classes="dialog") as dialog:
            dialog.border_title = Content(f"Verdict · {plain(self._scenario.file.title)}")
            others = "↑↓ scroll · esc close"
            dialog.border_subtitle = Content(others)
            if self._after:
                dialog.border_subtitle = leading(self._keys.shown("next"), plain(self._after), f" · {others}")
            yield self._body

    def on_mount(self) -> None:
        self.query_one(VerticalScroll).focus()
        file = self._scenario.file
        asks = file.goal is not None or file.question is not None
        self._show(None, "Training the runs to compare with …" if asks else "")
        if asks:
            self.run_worker(self._measure(), exclusive=True)

    def on_key(self, event: events.Key) -> None:
        if self._after and event.key in self._keys.keys("next"):
            event.stop()
            self.dismiss(True)

    async def _measure(self) -> None:
        found = await measured(self._scenario, self._outcome.seed)
        self._show(found, "" if found else "The trainings to compare with could not be made.")

    def _show(self, found: Measured | None, missing: str) -> None:
        file, text = self._scenario.file, _on_goal(self._scenario, self._outcome, found, missing)
        if found and file.question:
            goal = file.goal.goal() if file.goal else None
            text += ["## The question before training", *told(file.question, goal, found.finding, self._study.answer)]
        text += _on_help(self._scenario, self._study)
        words = markdown("\n\n".join([*text, *_on_changes(self._outcome)]))
        self._body.update(LaidOut(self._body, words))


def _on_goal(scenario: Scenario, outcome: RunOutcome, found: Measured | None, missing: str) -> list[str]:
    """Paragraphs of Markdown on how the run stands."""
    table, state = scenario.file.goal, outcome.goal
    if table is None or state is None:
        return ["This scenario has no goal."]
    goal, comparison = table.goal(), found.comparison if found else None
    return [
        f"**{goal_in_words(goal)}**",
        *([_SOLUTIONS[outcome.solution]] if outcome.solution else []),
        *(verdict_in_words(Verdict(goal, state, comparison), outcome.obstacle) if comparison else [missing]),
    ]


def _on_help(scenario: Scenario, study: Study) -> list[str]:
    """A paragraph of Markdown on the help that was had in this scenario, in any run; none without."""
    hints = f"{study.hints} of {counted(len(scenario.file.hints), 'hint')}" if study.hints else ""
    had = " and ".join(filter(None, (hints, "the solution" if study.solution else "")))
    return [f"Looked at in this scenario so far: {had}."] if had else []


def _on_changes(outcome: RunOutcome) -> list[str]:
    """Paragraphs of Markdown on the changes of knobs."""
    heading = "## What the knob changes did"
    if outcome.effects:
        return [heading, "\n".join(f"- {effect_in_words(effect)}" for effect in outcome.effects)]
    if outcome.changed:
        return [heading, "Nothing to tell yet: it takes some steps before a change, and some after it."]
    return [heading, "No knob has been changed in this run."]
