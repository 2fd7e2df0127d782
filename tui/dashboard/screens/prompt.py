"""The prompt for exact values: two lines in the place of the line of keys, with the training going on above. Like a
notice it has rows of its own: what stands above them makes room."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.suggester import Suggester
from textual.widgets import Input, Static

from engine.plain_text import plain
from engine.training.knobs import KNOBS
from tui.dashboard.commands import typed_entry
from tui.dashboard.session import Session
from tui.words.assignments import metavar
from tui.words.usage_error import UsageError

_HINT = "as in lr 0.3 or optimizer adam · tab completes · enter sets it · esc closes"


class _Completion(Suggester):
    def __init__(self, session: Session) -> None:
        super().__init__(use_cache=False)  # the present values change
        self._session = session

    async def get_suggestion(self, value: str) -> str | None:
        knobs = self._session.knobs
        return typed_entry.complete(value, knobs, self._session.schedule_length()) if knobs else None


class Prompt(Vertical):
    """Sets a knob, or says in words why not, and changes nothing then."""

    DEFAULT_CSS = """
    Prompt { height: auto; background: $surface; }
    Prompt Static { height: 1; padding: 0 1; color: $text-muted; text-wrap: nowrap; text-overflow: ellipsis; }
    Prompt Static.wrong { color: $text-error; height: auto; text-wrap: wrap; }
    Prompt Input { height: 1; border: none; padding: 0 1; }
    """
    BINDINGS: ClassVar = [
        Binding("escape", "close", "Close", show=False),
        Binding("tab", "complete", "Complete", show=False),
    ]

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self.message = Static(_HINT, markup=False)
        self.input = Input(
            placeholder=typed_entry.example(session.last_knob), suggester=_Completion(session), compact=True
        )

    def compose(self) -> ComposeResult:
        yield self.message
        yield self.input

    def on_mount(self) -> None:
        self.screen.add_class("prompting")

    def on_unmount(self) -> None:
        self.screen.remove_class("prompting")

    def on_input_changed(self, event: Input.Changed) -> None:
        name, _ = typed_entry.split(event.value)
        knob = KNOBS.get(name)
        self._say(f"{name} {metavar(knob)}: {knob.about}" if knob else _HINT)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        if not event.value.strip():
            self.action_close()
            return
        try:
            name, value = typed_entry.parse(event.value, self._session.last_knob)
            if name == typed_entry.SPEED and not isinstance(value, str):
                self._session.set_speed(value)
            elif value is not None:
                self._session.set_knob(name, value)
        except UsageError as error:
            self._say(plain(str(error)), wrong=True)
        else:
            self.action_close()

    def _say(self, text: str, *, wrong: bool = False) -> None:
        self.message.set_class(wrong, "wrong")
        self.message.update(text)

    def action_complete(self) -> None:
        self.input.action_cursor_right() if self.input.cursor_at_end else self.input.action_end()

    def action_close(self) -> None:
        self.remove()
