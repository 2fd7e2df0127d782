"""The screen on which a run is watched: four panels, a status line, a footer, and the briefing beside them."""

from __future__ import annotations

from textual import events
from textual.app import ComposeResult
from textual.containers import Container
from textual.screen import Screen
from textual.widgets import Footer, Static

from engine.snapshot import Snapshot, View
from engine.views.scene import Scene
from scenarios import Scenario
from tui.layout import LAYOUTS, MIN_HEIGHT, MIN_WIDTH, layout_for
from tui.panels.controls import ControlsPanel
from tui.panels.data import DataPanel
from tui.panels.loss import LossPanel
from tui.panels.status_line import StatusLine
from tui.panels.weights import WeightsPanel


class TrainingScreen(Screen[None]):
    """Shows snapshots, and says what the next one should bring."""

    def __init__(self) -> None:
        super().__init__()
        self.status_line = StatusLine()
        self.loss, self.weights, self.data, self.controls = LossPanel(), WeightsPanel(), DataPanel(), ControlsPanel()
        self.briefing, self.failure = Static(id="briefing"), Static(id="failure")

    def compose(self) -> ComposeResult:
        yield self.status_line
        yield Container(self.loss, self.weights, self.data, self.controls, id="panels")
        yield self.briefing
        yield self.failure
        need = f"descend needs at least {MIN_WIDTH} × {MIN_HEIGHT} cells.\nPlease enlarge the terminal."
        yield Static(need, id="too-small")
        yield Footer(compact=True, show_command_palette=False)

    def on_resize(self, event: events.Resize) -> None:
        layout = layout_for(event.size.width, event.size.height)
        for name in LAYOUTS:
            self.set_class(name == layout, name)

    def describe(self, scenario: Scenario) -> None:
        """Show what is trained."""
        from rich.markdown import Markdown  # not needed for the first frame

        self.status_line.title = scenario.file.title
        self.set_class(scenario.file.screen.view == "data", "view-data")
        self.briefing.update(Markdown(f"# {scenario.file.title}\n{scenario.file.briefing}"))

    def view(self, scene: Scene | None) -> View:
        """What the next snapshot should bring, for a screen that knows `scene`."""
        columns = max(40, 2 * self.loss.size.width)  # two dots to a column
        return View(
            scene=scene.number if scene else -1,
            curves=self.loss.view(),
            weights=self.weights.view(columns),
            data=self.data.view(),
        )

    def show(self, scene: Scene, snapshot: Snapshot) -> None:
        """Show a snapshot on every panel."""
        self.remove_class("failed")
        for panel in (self.status_line, self.loss, self.weights, self.data, self.controls):
            panel.show(scene, snapshot)

    def show_failure(self, reason: str) -> None:
        """Say that the engine has stopped, and leave the last picture standing."""
        text = f"The engine has stopped: {reason}. r starts it again · p picks a scenario · q quits"
        self.failure.update(text)
        self.add_class("failed")
