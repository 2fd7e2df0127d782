"""The screen on which runs are watched: four panels, a status line, a footer; beside them the table of runs and a
column with the briefing."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Container
from textual.geometry import Size
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Static

from engine.plain_text import counted, plain
from engine.serving import snapshot as replies
from engine.serving.views import data_view, weights_view
from scenarios import Scenario
from tui.dashboard.frames.frame_pacing import FramePacing
from tui.dashboard.keys import keymap
from tui.dashboard.keys.keymap import Keymap
from tui.dashboard.panels.comparison_panel import ComparisonPanel
from tui.dashboard.panels.controls.controls_panel import ControlsPanel
from tui.dashboard.panels.data.data_panel import DataPanel
from tui.dashboard.panels.goal_line import GoalLine
from tui.dashboard.panels.key_line import KeyLine
from tui.dashboard.panels.loss.loss_panel import LossPanel
from tui.dashboard.panels.panel import Panel
from tui.dashboard.panels.status_line import StatusLine
from tui.dashboard.panels.sweep.sweep_panel import SweepPanel
from tui.dashboard.panels.weights.weights_panel import WeightsPanel
from tui.dashboard.screens.layout import LAYOUTS, LOW, MIN_HEIGHT, MIN_WIDTH, layout_for
from tui.dashboard.screens.side_column import SideColumn
from tui.painting.look import Look

if TYPE_CHECKING:
    from engine.serving.views.scene import Scene
    from tui.dashboard.screens.guide.word_cursor import Spot


class TrainingScreen(Screen[None], inherit_bindings=False):
    """Shows snapshots, and says what the next one should bring."""

    AUTO_FOCUS = ""  # `_focus_sweep` says what has the keys

    # Of a screen's own keys all but tab, which would move a focus that nothing here has.
    BINDINGS: ClassVar = [Binding("ctrl+c", "screen.copy_text", "Copy selected text", show=False)]

    def __init__(self, keys: Keymap = keymap.DEFAULT, pacing: FramePacing | None = None) -> None:
        super().__init__()
        self._keys = keys
        self._pacing = pacing or FramePacing()
        self.status_line = StatusLine()
        self.loss, self.weights, self.data, self.controls = LossPanel(), WeightsPanel(), DataPanel(), ControlsPanel()
        self.comparison, self.sweep = ComparisonPanel(), SweepPanel()
        self._pictures: list[Panel] = [self.loss, self.weights, self.data]
        self.numbered: list[Panel] = [*self._pictures, self.controls, self.comparison, self.sweep]
        for number, panel in enumerate(self.numbered, 1):
            panel.number, panel.keys = number, keys
            panel.border_title = panel.BORDER_TITLE
        self.goal_line = GoalLine()
        self.key_line = KeyLine(keys)
        self.column, self.failure = SideColumn(keys), Static(id="failure", markup=False)
        self._comparing: bool | None = None  # as the layout has it
        self._silence = 0  # seconds, as it is shown
        self._repainting = False  # every panel, as soon as the layout is known

    def compose(self) -> ComposeResult:
        self._lay_out(self.app.size)  # as long as there is nothing to be styled anew
        yield self.status_line
        panels = (self.loss, self.comparison, self.weights, self.sweep, self.column, self.data, self.controls)
        yield Container(*panels, id="panels")
        yield self.failure
        yield self.goal_line
        need = f"descend needs at least {MIN_WIDTH} × {MIN_HEIGHT} cells.\nPlease enlarge the terminal."
        need += f"\n{self._keys.shown('pause')} pauses the training, {self._keys.shown('quit')} quits."
        yield Static(need, id="too-small", markup=False)
        yield self.key_line

    def on_mount(self) -> None:
        self._arrange()

    def on_resize(self, event: events.Resize) -> None:
        self._lay_out(event.size)

    def _lay_out(self, size: Size) -> None:
        layout = layout_for(size.width, size.height)
        for name in LAYOUTS:
            self.set_class(name == layout, name)
        self.set_class(layout == "full" and size.height < LOW, "low")
        self._arrange()

    def maximise(self, number: int) -> None:
        """Show this panel alone, over a few lines of controls; all of them again where it is so already."""
        chosen = self.numbered[number - 1] if 0 < number <= len(self.numbered) else None
        for panel in self.numbered:
            panel.set_class(panel is chosen and not panel.has_class("maximised"), "maximised")
        self._arrange()

    def go_back(self) -> bool:
        """Show all panels, in the place of the sweep and the table too; returns whether they were not there already."""
        if self.has_class("maximised"):
            self.maximise(0)
        elif self.has_class("sweeping"):
            self.show_sweep(False)
        elif self.has_class("comparing") and not self.has_class("wide"):
            self.toggle_comparison()
        else:
            return False
        return True

    def show_all(self) -> str:
        """Show all panels. Where only two of them fit and they are there already, show the other one of the pictures,
        and return words for that."""
        if self.go_back() or not self.has_class("compact"):
            return ""
        self.toggle_class("view-data")
        self._arrange()
        shown, hidden = ("data", "weights") if self.has_class("view-data") else ("weights", "data")
        return f"The {shown}, in the place of the {hidden}. {self._keys.shown('all-panels')} changes back."

    @property
    def shows_sweep(self) -> bool:
        """True if the sweep is on the screen, in the place of the weights or alone."""
        alone = self.sweep.has_class("maximised")
        return alone or (self.has_class("sweeping") and not self.has_class("maximised"))

    def show_sweep(self, shown: bool) -> None:
        """Show the sweep in the place of the weights, on a small terminal of more panels; or no more."""
        self.set_class(shown, "sweeping")
        if shown and not self.has_class("wide"):
            self._comparing = False
        if shown and self.sweep.has_class("maximised"):
            self._arrange()
        else:
            self.maximise(0)

    def toggle_comparison(self) -> None:
        """Show the table of runs beside the panels or in the place of some, or hide it."""
        self._comparing = not self.has_class("comparing")
        if self._comparing and not self.has_class("wide"):
            self.remove_class("sweeping")
        self.maximise(0)

    def _arrange(self) -> None:
        alone = any(panel.has_class("maximised") for panel in self.numbered)
        self.set_class(alone, "maximised")
        wide = self.has_class("wide")
        self.set_class(not alone and (wide if self._comparing is None else self._comparing), "comparing")
        # At the lower right under the column, else beside the curves.
        before = self.controls if wide and not alone else self.loss
        for panels in self.query("#panels"):  # none while composing
            if panels.children.index(self.comparison) != panels.children.index(before) + 1:
                panels.move_child(self.comparison, after=before)
        few_rows = alone or self.has_class("compact") or (self.has_class("low") and self.has_class("comparing"))
        strip = few_rows and not self.controls.has_class("maximised")
        self.controls.set_class(strip, "strip")
        self._focus_sweep()
        if not self._repainting:
            self._repainting = True
            self.call_after_refresh(self._repaint)

    def _focus_sweep(self) -> None:
        """Let the sweep have the keys for its cursor while it is shown, unless something is typed."""
        if self.shows_sweep and self.focused is None:
            self.set_focus(self.sweep, scroll_visible=False)
        elif not self.shows_sweep and self.focused is self.sweep:
            self.set_focus(None)

    def _repaint(self) -> None:
        self._repainting = False
        for panel in self.numbered:
            panel.repaint()

    def describe(self, scenario: Scenario) -> None:
        """Show what is trained."""
        self.status_line.title = scenario.file.title
        self.set_class(scenario.file.screen.view == "data", "view-data")
        self.goal_line.goal = scenario.file.goal.goal() if scenario.file.goal else None
        self.set_class(scenario.file.goal is None, "without-goal")

    def await_scenario(self) -> None:
        """Blank the lines that tell of the run before, until a snapshot of the scenario comes."""
        for panel in (self.status_line, self.goal_line):
            panel.begin_anew()
            panel.refresh()

    def view(self, scene: Scene | None) -> replies.View:
        """The request for the next snapshot, of a screen that knows `scene`.

        A panel that waits for its first picture of that scene asks for nothing: what suits the one before may not
        suit this one.
        """
        columns = max(40, 2 * self.loss.size.width)  # two dots to a column
        nothing = weights_view.WeightsView(columns, trajectory=False)
        return replies.View(
            scene=scene.number if scene else -1,
            curves=self.loss.view(),
            weights=self.weights.view(columns) if self.weights.scene is scene else nothing,
            data=self.data.view() if self.data.scene is scene else data_view.DataView(),
            gauges=self.controls.view(),
            comparison=self.has_class("comparing") or self.comparison.has_class("maximised"),
            rate_range=self.sweep.view(),
        )

    def show(
        self,
        scene: Scene,
        snapshot: replies.Snapshot,
        *,
        arrived: bool = True,
        slowly: bool = False,
        detail: int = 2,
        held: bool = False,
    ) -> None:
        """Show a snapshot on every panel: on the small ones at once, on the large ones as `FramePacing` lets them.
        arrived: whether it is of the scenario that is described; the lines that name that show no other."""
        self.remove_class("failed")
        self.key_line.show(paused=not snapshot.running)
        lines = (self.status_line, self.goal_line) if arrived else ()
        self._focus_sweep()
        for panel in (self.controls, self.comparison, self.sweep, *lines):
            panel.show(scene, snapshot)
        if self._pacing.spread(scene, snapshot, self._pictures, held=held):
            self._pacing.paint(slowly=slowly, detail=detail)

    @property
    def _panels(self) -> list[Panel]:
        return [self.status_line, *self.numbered, self.goal_line]

    def lines(self) -> list[str]:
        """The lines of words that stand on the panels."""
        return [text for panel in self._shown() for _, _, text in panel.lines()]

    def _shown(self) -> list[Panel]:
        return [panel for panel in self._panels if panel.display and panel.region.area]

    @property
    def due(self) -> bool:
        """True if some panel paints the next snapshot."""
        return any(panel.display and panel.due for panel in self._panels)

    def pass_frame(self) -> None:
        """Count a frame that nothing is painted in."""
        for panel in self._panels:
            panel.turns.pass_frame()

    def rebuild(self, broken: Widget | None) -> None:
        """Let the panel that broke begin anew with the latest snapshot; where it was the prompt, close that."""
        broken_ones = broken.ancestors_with_self if broken is not None else []
        for panel in self._panels:
            if panel in broken_ones:
                panel.begin_anew()
                if self._pacing.latest is not None:
                    panel.show(*self._pacing.latest)
        for prompt in self.query("Prompt"):
            if prompt in broken_ones:
                self.set_focus(None)
                prompt.remove()

    def spots(self) -> list[Spot]:
        """Find the words of the glossary on the panels that are shown, one panel after the other."""
        from tui.dashboard.screens.guide.word_cursor import Spot
        from tui.words.glossary import words_in

        found = []
        for panel in self._shown():
            for column, row, text in panel.lines():
                left, top = panel.region.x + column, panel.region.y + row
                found += [Spot(left + start, top, word, entry) for start, word, entry in words_in(text)]
        return found

    def shows(self, scene: Scene) -> bool:
        """Tell whether every panel has a picture of this scene, and there is room for them."""
        return not self.has_class("too-small") and all(panel.scene is scene for panel in self._pictures)

    def change_look(self, look: Look) -> None:
        """Show every panel in other colours or characters."""
        for panel in self._panels:
            panel.change_look(look)

    def show_failure(self, reason: str, recorded: int | None = None) -> None:
        """Say that the engine has stopped, and leave the last picture standing. recorded: the steps after which there
        is a record to go on with."""
        self._silence = self.status_line.silence = 0
        words = f"The engine has stopped: {reason}."
        if recorded is not None:
            words += f" {self._keys.shown('pause')} goes on from its record, after {counted(recorded, 'step')} ·"
        self._tell(words)

    def show_silence(self, seconds: float) -> None:
        """Say for how long the engine has not answered, and what can be done; 0.0 takes it back."""
        if int(seconds) == self._silence:
            return
        self._silence = self.status_line.silence = int(seconds)
        self.status_line.repaint()
        if self._silence:
            long = "a long step, or much data to read, takes this time"
            self._tell(f"The engine has not answered for {self._silence} s: {long}.")
        else:
            self.remove_class("failed")

    def _tell(self, what: str) -> None:
        """Show what is wrong with the engine, and the keys that help."""
        again, pick, leave = (self._keys.shown(command) for command in ("again", "scenarios", "quit"))
        self.failure.update(plain(f"{what} {again} starts it again · {pick} picks a scenario · {leave} quits"))
        self.add_class("failed")
