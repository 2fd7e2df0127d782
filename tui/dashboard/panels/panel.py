"""A panel: paints a canvas from the latest snapshot and refreshes only the cells that changed.

Textual resends a whole widget on `refresh()`; at thirty frames a second that is twenty times the bytes.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rich.segment import Segment
from textual import events
from textual.content import Content
from textual.geometry import Size
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from engine.plain_text import plain
from tui.dashboard.commands import COMMANDS
from tui.dashboard.frames.frame_pacing import Turns
from tui.dashboard.keys.keymap import DEFAULT
from tui.dashboard.panels.top_border import LEFT, Title, Toggle, TopBorder, top_border
from tui.painting import contour
from tui.painting.canvas import Canvas
from tui.painting.look import Look
from tui.painting.palette import Ink
from tui.painting.styles import cell_style, palette
from tui.terminal.compositor import CellWidget

if TYPE_CHECKING:
    from engine.serving.snapshot import Snapshot
    from engine.serving.views.scene import Scene
    from tui.words.glossary import Entry


_SUBTITLE_END = 3  # cells from it to the right edge, the corner included


class WordClicked(Message):
    """A word of the glossary was clicked on."""

    def __init__(self, entry: Entry) -> None:
        super().__init__()
        self.entry = entry


class Panel(CellWidget):
    """Shows snapshots. A subclass paints; `every` says how many frames a picture lasts while training, to
    begin with; `turns` counts them.

    number: in the title, and the key that shows the panel alone; 0 for none. detail: of maps, as `Link` has it. keys:
    those that stand in the upper border.
    """

    every = 1
    detail = 2
    keys = DEFAULT

    DEFAULT_CSS = """
    Panel { border: round $frame; border-title-color: $frame; border-title-style: none;
            border-subtitle-color: $text-muted; }
    """

    number = 0
    _plain_title: str | None = None
    _plain_subtitle: str | None = None

    def __init__(self) -> None:
        super().__init__()
        self.scene: Scene | None = None
        self.snapshot: Snapshot | None = None
        self._canvas: Canvas | None = None
        self.look = Look()
        self.turns = Turns(self.every)
        self._repainting = False
        self._bordered: object = None  # what the upper border was drawn of
        self.top_border = TopBorder()

    @property
    def border_title(self) -> str | None:
        """The title as it was set, without the number. Never markup: names of columns and classes are in titles."""
        return self._plain_title

    @border_title.setter
    def border_title(self, title: str | None) -> None:
        self._plain_title = title and plain(title)  # `draw_border` draws it

    @property
    def toggles(self) -> tuple[Toggle, ...]:
        """The words of the upper border that keys act on, the most useful ones first."""
        return ()

    @property
    def other_picture(self) -> str:
        """The command that shows another picture; "" where there is none."""
        return ""

    def draw_border(self) -> None:
        """Draw the upper border where something about it has changed: it sends the whole panel."""
        title = Title(self.number, self._plain_title or "", self.toggles, self.other_picture)
        width, faint = self.outer_size.width, palette(self.look).colors["faint"].split()[0]  # "dim" without colours
        if self._bordered == (bordered := (title, width, faint)):
            return
        self._bordered = bordered
        self.top_border = top_border(title, self.keys, width, faint=faint)
        vars(Widget)["border_title"].__set__(self, self.top_border.content if title.words else None)

    @property
    def border_subtitle(self) -> str | None:
        """The subtitle as it was set; no markup either."""
        return self._plain_subtitle

    @border_subtitle.setter
    def border_subtitle(self, subtitle: str | None) -> None:
        self._plain_subtitle = subtitle = subtitle and plain(subtitle)
        vars(Widget)["border_subtitle"].__set__(self, Content(subtitle) if subtitle else subtitle)

    def paint(self, scene: Scene, snapshot: Snapshot, width: int, height: int) -> Canvas:
        """The picture of a snapshot, width × height cells; blank unless a subclass paints."""
        return Canvas(width, height)

    def begin(self, scene: Scene) -> None:
        """A new run or scenario is going to be shown: forget what was kept of the last one."""

    def begin_anew(self) -> None:
        """Forget all that was shown, as if the next snapshot were the first."""
        self.scene = self.snapshot = self._canvas = None
        self.turns.begin()

    def show(self, scene: Scene, snapshot: Snapshot) -> None:
        """Show a snapshot, or keep it for a later frame where pictures last longer than one."""
        if scene is not self.scene:
            self.begin(scene)
            self.turns.begin()
        # What a key has changed is shown at once.
        changed = self.snapshot is None or snapshot.knobs != self.snapshot.knobs
        self.scene, self.snapshot = scene, snapshot
        self.turns.follow(snapshot.steps_per_second)
        if self.turns.pass_frame() or not snapshot.running or changed:
            self.repaint()

    @property
    def picture(self) -> Canvas:
        """The canvas that is on the screen."""
        return self._canvas or Canvas(0, 0)

    @property
    def due(self) -> bool:
        """True if the next snapshot will be painted even if it is of the same scene and knobs."""
        return self.snapshot is None or not self.snapshot.running or self.turns.due

    def repaint(self) -> None:
        """Paint the latest snapshot and refresh what changed."""
        if self.scene is None or self.snapshot is None or not self.is_mounted or not self.display:
            return
        width, height = self.size
        if width < 1 or height < 1:
            return
        before = self.picture
        self._canvas = settled(self.paint(self.scene, self.snapshot, width, height), self.look, self.detail)
        self.draw_border()
        if (before.width, before.height) != (width, height):
            self.refresh()
        elif spans := self.picture.changed_spans(before):
            self.refresh_cells(spans)

    def has_words(self, row: int) -> bool:
        """Tell whether words to explain stand in a row, and not a picture."""
        return True

    def line(self, row: int) -> tuple[int, str]:
        """The words in a row of the panel, its borders among the rows: the column where they begin, and the text."""
        border = self.content_region.offset - self.region.offset
        inside, picture = row - border.y, self.picture
        if 0 <= inside < picture.height and self.has_words(inside):
            return border.x, "".join(picture.chars[inside])
        if border.y and row == 0:
            return LEFT, self.top_border.text
        if border.y and row == self.outer_size.height - 1 and (words := self.border_subtitle):
            return self.outer_size.width - _SUBTITLE_END - len(words), words
        return 0, ""

    def lines(self) -> Iterator[tuple[int, int, str]]:
        """Yield the lines of words on the panel: column and row where they begin, and the text."""
        for row in range(self.outer_size.height):
            column, text = self.line(row)
            if text:
                yield column, row, text

    def word_at(self, event: events.MouseEvent) -> Entry | None:
        """The entry of the glossary for the word under the mouse."""
        from tui.words.glossary import entry_at  # not needed for the first frame

        column, text = self.line(event.y)
        return entry_at(text, event.x - column)

    def command_at(self, event: events.MouseEvent) -> str:
        """The command of the word under the mouse on the upper border; "" for none."""
        on_border = event.y == 0 and event.get_content_offset(self) is None
        return self.top_border.command_at(event.x) if on_border else ""

    async def on_click(self, event: events.Click) -> None:
        if command := self.command_at(event):
            await self.app.run_action(f"command('{command}')", self.app)
        elif event.chain == 1 and (entry := self.word_at(event)) is not None:
            self.post_message(WordClicked(entry))

    def on_mouse_move(self, event: events.MouseMove) -> None:
        entry, command = self.word_at(event), COMMANDS.get(self.command_at(event))
        told = [f"{self.keys.shown(command.id)}: {command.title}. {command.help}"] if command else []
        told += [f"{entry.term}: {entry.plain}"] if entry else []
        words = "\n".join(told) or None
        if words != self.tooltip:
            self.tooltip = words

    def repaint_soon(self) -> None:
        """Repaint once for all the events that wait, such as turns of the wheel."""
        if not self._repainting:
            self._repainting = True
            self.call_later(self._repaint_now)

    def _repaint_now(self) -> None:
        self._repainting = False
        self.repaint()

    def on_resize(self, _: events.Resize) -> None:
        self.draw_border()
        self.repaint()

    def change_look(self, look: Look) -> None:
        """Show the same picture with other colours or characters."""
        self.look = look
        self.draw_border()
        self.repaint()
        self.refresh()

    def render_line(self, y: int) -> Strip:
        if self._canvas is None:  # in the first frame: a canvas would bring NumPy with it, a third of all imports
            return Strip.blank(self.size.width, cell_style(self.look, Ink.PLAIN, 0))
        return strip(self._canvas, y, self.size.width, self.look)

    def cells(self, row: int, start: int, stop: int, size: Size) -> list[Segment] | None:
        canvas = self._canvas
        if canvas is None or (canvas.width, canvas.height) != size:
            return None
        return _segments(canvas, row, self.look, start, stop)


def settled(painted: Canvas, look: Look, detail: int) -> Canvas:
    """The canvas that is shown of what was painted: with no more levels than the link's detail lets a map have, with
    lines in place of a map where the look has no colours for one."""
    painted = contour.fewer_levels(painted, detail)
    canvas = contour.contour_lines(painted) if palette(look).ansi else painted
    canvas.settle()
    return canvas


def strip(canvas: Canvas, y: int, width: int, look: Look) -> Strip:
    """A row of a canvas, so many cells wide: in the middle of a resize the canvas may still have the old size."""
    ground = cell_style(look, Ink.PLAIN, 0)
    if y >= canvas.height:
        return Strip.blank(width, ground)
    return Strip(_segments(canvas, y, look, 0, canvas.width), canvas.width).adjust_cell_length(width, ground)


def _segments(canvas: Canvas, row: int, look: Look, start: int, stop: int) -> list[Segment]:
    return [Segment(text, cell_style(look, ink, paper)) for text, ink, paper in canvas.runs(row, start, stop)]
