"""The pacing of frames: when the engine is asked for one, which panels are painted in it, what waits for the next.

One frame is under way at a time: asked for on the screen's timer, or at once after a key, and only where something can
have changed and the terminal has room. Its snapshot goes to the small panels at once and to the large ones in turn:
on a slow link or a busy machine one of them a frame, and none while a key waits to be seen. A panel whose picture
lasts several frames counts them in its own `Turns`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Literal, Protocol

from tui.terminal import link

if TYPE_CHECKING:
    from engine.serving.snapshot import Snapshot, View
    from engine.serving.views.scene import Scene
    from tui.terminal.link import Link

Asked = Literal["at once", "with news"]

_PATIENCE = 2.0  # seconds without an answer, after which the engine is called silent


class Paintable(Protocol):
    """A panel, as far as it is paced. detail: of maps, as `Link` has it."""

    detail: int

    def show(self, scene: Scene, snapshot: Snapshot) -> None: ...


class Turns:
    """Turns: the frames a picture is painted in, while training: the first of every so many. every: how many thirtieths
    of a second it lasts, however many frames there are."""

    def __init__(self, every: int = 1) -> None:
        self.every = every
        self._frames = 0
        self._speed: float | None = None

    def follow(self, steps_per_second: float | None) -> None:
        """Take note of the speed: slow steps come in fewer frames, of which a picture then lasts fewer. None: full
        speed."""
        self._speed = steps_per_second

    def begin(self) -> None:
        """Let the next frame be one to paint in."""
        self._frames = 0

    @property
    def due(self) -> bool:
        """True if the picture is painted in the next frame."""
        frames = link.FRAMES_PER_SECOND if self._speed is None else min(link.FRAMES_PER_SECOND, self._speed)
        return self._frames % max(1, round(self.every * frames / 30)) == 0

    def pass_frame(self) -> bool:
        """Count a frame; return whether the picture is painted in it."""
        due = self.due
        self._frames += 1
        return due


class FramePacing:
    """The one object that knows what is under way between engine and screen.

    latest: the scene and the snapshot that came last.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.latest: tuple[Scene, Snapshot] | None = None
        self._clock = clock
        self._asked_at: float | None = None  # None: it has come
        self._deaf_since: float | None = None
        self._patient = False  # the engine may answer it with the next step
        self._wanted = True
        self._view: View | None = None
        self._waiting: list[Paintable] = []
        self._held = False

    # Asking the engine.

    def want(self) -> None:
        """Have the next frame asked for though nothing is trained: a command may have changed something."""
        self._wanted = True

    def want_anew(self) -> None:
        """Have the next frame asked for, whatever became of the one that is under way."""
        self._asked_at, self._wanted = None, True

    def asks(self, view: View, *, training: bool, measuring: bool) -> Asked | None:
        """Return whether a frame of this view is to be asked for now, and for when; it then counts as asked for.

        None while one is under way, and where nothing has changed since the last one. "with news" where the only thing
        that can change is the next step that is trained: between slow steps, frames would be all alike. Such a one is
        asked for anew where something else is wanted meanwhile; the engine answers the latest request.
        """
        at_once = measuring or self._wanted or view.weights.loss_grid is not None or self._view != view
        if (self.under_way and not (self._patient and at_once)) or not (at_once or training):
            return None
        if self._asked_at is None:
            self._asked_at = self._clock()
        self._view, self._wanted, self._patient = view, False, not at_once
        return "at once" if at_once else "with news"

    @property
    def under_way(self) -> bool:
        """True if a frame was asked for and has not come yet."""
        return self._asked_at is not None

    def passes(self, *, painting: bool) -> bool:
        """Tell whether the next frame may pass without asking the engine: no picture is painted in it, and none of
        before is under way."""
        return not (painting or self._wanted or self.under_way)

    def came(self) -> None:
        """Take note that the frame that was asked for is here."""
        self._asked_at = None

    @contextmanager
    def deaf(self) -> Iterator[None]:
        """Leave the time within the block out of the waiting: the screen takes in no answer meanwhile, because it works
        off keys or is stopped, and the engine is not silent for that."""
        self._deaf_since = begun = self._clock()
        try:
            yield
        finally:
            self._deaf_since, now = None, self._clock()
            if self._asked_at is not None:
                self._asked_at = min(now, self._asked_at + now - begun)

    @property
    def silence(self) -> float:
        """Seconds for which the engine has not answered, 0.0 while that is no longer than usual."""
        now = self._clock() if self._deaf_since is None else self._deaf_since
        waited = 0.0 if self._asked_at is None else now - self._asked_at
        return waited if waited >= _PATIENCE else 0.0

    # Painting what came.

    @property
    def complete(self) -> bool:
        """True if every panel has the latest snapshot."""
        return not self._waiting

    def next_paints(self, link: Link) -> bool:
        """True if the next frame is for the panels that wait, and not for another snapshot, which a key waits for."""
        return not self.complete and not link.hurried

    def spread(self, scene: Scene, snapshot: Snapshot, large: Sequence[Paintable], *, held: bool) -> bool:
        """Put a snapshot before the large panels, behind those that wait already; return whether to `paint` now. Held,
        they wait for the next frame, for a key to be seen first, but not twice in a row."""
        self.latest = scene, snapshot
        self._waiting += [panel for panel in large if panel not in self._waiting]
        self._held = held and not self._held
        return not self._held

    def paint(self, *, slowly: bool, detail: int) -> None:
        """Show the latest snapshot on the panels that wait for it, maps in so much detail; slowly: on one of them."""
        if self.latest is None:
            return
        turn = self._waiting[:1] if slowly else self._waiting
        self._waiting = self._waiting[len(turn) :]
        for panel in turn:
            panel.detail = detail
            panel.show(*self.latest)
