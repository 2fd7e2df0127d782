"""A tour of the screen: what each panel shows, one after another, at the reader's own pace."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from rich.console import RenderableType
from textual import events
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from tui.dashboard.keys.keymap import Keymap
from tui.dashboard.screens.briefing import markdown
from tui.dashboard.screens.dialog import Dialog, leading, put_beside

_WIDTH = 58  # as the style sheet has it
_ON, _BACK, _SKIP = ("enter", "right"), ("left", "backspace"), ("escape", "q")


class Stop(NamedTuple):
    """A stop of the tour. widget: the type of what is explained, as in a style sheet; "" for none. words: Markdown,
    with the keys of commands in braces."""

    widget: str
    title: str
    words: str


STOPS = (
    Stop(
        "",
        "Welcome",
        "A model learns here while you watch, and you change its settings. This tour shows the parts of the screen. "
        "Training waits until it ends.",
    ),
    Stop(
        "LossPanel",
        "The loss",
        "The *loss* says how wrong the model is: lower is better. Each training step continues the curve to the right. "
        "When you change a setting, a mark shows where.",
    ),
    Stop(
        "WeightsPanel",
        "The weights",
        "A model is a few numbers, its *weights*. This picture shows the loss for many possible weights, and where "
        "training stands among them. The lower, the better. **{weights-picture}** shows another picture.",
    ),
    Stop(
        "DataPanel",
        "The data",
        "The examples that the model learns from, and what it makes of them. **{data-picture}** shows another picture.",
    ),
    Stop(
        "ControlsPanel",
        "The controls",
        "Your settings, called *knobs*, and gauges. **{learning-rate-up} {learning-rate-down}** change the *learning "
        "rate*: how long a step is. **{batch-size-down} {batch-size-up}** change the *batch size*: how many examples a "
        "step looks at. The thick line on the first gauge is the limit: with a higher learning rate, the loss grows.",
    ),
    Stop(
        "GoalLine",
        "The goal",
        "What to reach, and for how many stars. **{verdict}** says how you did. **{next}** goes on to the next "
        "scenario.",
    ),
    Stop(
        "KeyLine",
        "The keys",
        "**{pause}** trains or pauses, **{step}** takes one step, **{again}** trains again from the start, **{undo}** "
        "takes your last change back. **{help}** explains everything, **{quit}** quits.",
    ),
)


class TourScreen(Dialog[None]):
    """Shows one stop after the other, beside the panel that it is about. training: the screen with the panels."""

    def __init__(self, training: Widget, keys: Keymap) -> None:
        super().__init__()
        self._training, self._keys = training, keys
        self._number = 0
        self._body = Static()

    def compose(self) -> ComposeResult:
        with VerticalScroll(classes="dialog small tour"):
            yield self._body

    def on_mount(self) -> None:
        self._show()

    def on_resize(self) -> None:
        self.call_after_refresh(self._show)

    def on_unmount(self) -> None:
        self._mark(None)

    def stops(self) -> Sequence[Stop]:
        """The stops at what is on the screen."""
        return [stop for stop in STOPS if not stop.widget or self._widget(stop) is not None]

    def _widget(self, stop: Stop) -> Widget | None:
        """The widget that a stop is about; None where the layout has no room for it."""
        found = self._training.query(stop.widget).first() if stop.widget else None
        return found if found is not None and found.region.area else None

    def _show(self) -> None:
        stops = self.stops()
        self._number = min(self._number, len(stops) - 1)
        stop = stops[self._number]
        widget = self._widget(stop)
        self._mark(widget)
        box = self.query_one(".tour", VerticalScroll)
        last = self._number == len(stops) - 1
        box.border_title = Content(f"{stop.title} · {self._number + 1} of {len(stops)}")
        back = " · ← back" if self._number else ""
        ends = "" if last else " · esc skip the tour"
        on = "end of the tour" if last else "go on"
        box.border_subtitle = leading(self._keys.shown("pause"), on, f"{back}{ends}")
        self._body.update(self._words(stop))
        put_beside(self, box, widget.region if widget is not None else None, _WIDTH)

    def _words(self, stop: Stop) -> RenderableType:
        words = re.sub(r"\{(.*?)\}", lambda name: self._keys.shown(name[1]), stop.words)
        return markdown(words)

    def _mark(self, chosen: Widget | None) -> None:
        """Let the panel that is explained stand out."""
        for widget in self._training.query(".toured"):
            widget.remove_class("toured")
        if chosen is not None:
            chosen.add_class("toured")

    def on_key(self, event: events.Key) -> None:
        if event.key in (*_ON, *self._keys.keys("pause")):
            if self._number + 1 < len(self.stops()):
                self._number += 1
                self._show()
            else:
                self.dismiss(None)
        elif event.key in _BACK:
            self._number = max(0, self._number - 1)
            self._show()
        elif event.key in _SKIP:
            self.dismiss(None)
        else:
            return
        event.stop()
