"""A panel that shows one of several pictures, and asks the engine for what that one needs."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from textual import events

from tui.dashboard.panels.panel import Panel
from tui.painting.canvas import Canvas
from tui.painting.labels import fitting

if TYPE_CHECKING:
    from engine.serving.snapshot import Snapshot
    from engine.serving.views.scene import Scene

_CORNERS = 4  # columns of the border that its words cannot have
_FOLLOWED = 60  # steps a second
_LEAST_WIDTH, _LEAST_HEIGHT = 8, 3


Request_co = TypeVar("Request_co", covariant=True)


class Picture(Protocol[Request_co]):
    """A picture of a panel. every: how many frames it lasts while training."""

    every: int

    @property
    def title(self) -> str: ...

    @property
    def subtitle(self) -> str: ...

    def view(self, width: int, height: int) -> Request_co:
        """The request for what the next picture needs, of so many cells."""

    def complete(self, snapshot: Snapshot) -> bool:
        """Tell whether a snapshot has what the picture needs: those between two pictures have not."""

    def paint(self, scene: Scene, snapshot: Snapshot, width: int, height: int) -> Canvas:
        """The picture of the moment of a complete snapshot."""


Kind = TypeVar("Kind", bound=Picture[Any])


def frames_at(snapshot: Snapshot) -> int:
    """The number of frames that a picture with a minibatch in it lasts: where many pass between two frames nobody
    follows a single one, and every change of it has to be sent."""
    speed = snapshot.steps_per_second
    return 3 if speed is None or speed > _FOLLOWED else 1


class PicturesPanel(Panel, Generic[Kind]):
    """A panel with several pictures. A picture's content comes with the frame after it is known which one is shown, and
    how large it is; so that frame is painted too.

    suitable: makes the pictures of a scene, the most telling one first. picture_command: shows the next one.
    """

    picture_command = ""

    def __init__(self, suitable: Callable[[Scene], list[Kind]]) -> None:
        super().__init__()
        self._suitable = suitable
        self._pictures: list[Kind] = []
        self._shown = 0
        self._described = ("", "")
        self._complete: Snapshot | None = None  # the latest one

    @property
    def shown(self) -> Kind | None:
        """The picture that is shown."""
        return self._pictures[self._shown] if self._pictures else None

    @property
    def other_picture(self) -> str:
        return self.picture_command if len(self._pictures) > 1 else ""

    @property
    def expected(self) -> Kind | None:
        """The picture that the next snapshot is for; None where none will be painted, or there is no room for one."""
        width, height = self.size
        room = self.display and width >= _LEAST_WIDTH and height >= _LEAST_HEIGHT
        return self.shown if room and self.due else None

    def begin(self, scene: Scene) -> None:
        self._pictures, self._shown = self._suitable(scene), 0
        self._complete = None
        self.describe()

    def show(self, scene: Scene, snapshot: Snapshot) -> None:
        is_new = scene is not self.scene
        super().show(scene, snapshot)
        if is_new:
            self.turns.begin()

    def on_resize(self, _: events.Resize) -> None:  # Textual calls the panel's own as well
        self.turns.begin()

    def has_words(self, row: int) -> bool:
        """Only above the picture."""
        return row == 0

    def next_picture(self) -> None:
        """Show the next one of the pictures."""
        self._shown = (self._shown + 1) % max(1, len(self._pictures))
        self._complete = None
        self.turns.begin()
        self.describe()
        self.repaint()

    def describe(self) -> None:
        """Say on the border what is shown."""
        if self.shown is not None:
            self.turns.every = self.shown.every
            room = max(1, self.size.width - _CORNERS)
            described = self.shown.title, fitting(self.shown.subtitle.split(" · "), room)
            if described != self._described:  # setting them sends the whole panel
                self.border_title, self.border_subtitle = self._described = described
            self.draw_border()

    def paint(self, scene: Scene, snapshot: Snapshot, width: int, height: int) -> Canvas:
        if self.shown is not None and self.shown.complete(snapshot):
            self._complete = snapshot
        if self.shown is None or self._complete is None:
            return Canvas(width, height)
        canvas = self.shown.paint(scene, self._complete, width, height)
        self.describe()
        return canvas
