"""The steps that the loss panel shows, and the one that its cursor reads."""

from __future__ import annotations

from engine.serving.views import curves_view

FOLLOWED = 200  # steps, unless training is so fast that this would be a flicker
_FOLLOWED_SECONDS = 10
_SHORTEST = 10


class TimeWindow:
    """A window of steps. span: steps shown, None for the whole run. start: the first of them, None for the latest ones.

    What is asked for here is shown with the next snapshot; `shown` below is what the present one shows: its first step
    and the one after the last. latest: the number of the latest step.
    """

    def __init__(self, span: int | None = None, start: int | None = None, cursor: int | None = None) -> None:
        self.span, self.start, self.cursor = span, start, cursor

    def view(self, columns: int) -> curves_view.CurvesView:
        """The same as a request."""
        return curves_view.CurvesView(columns, self.span, self.start, self.cursor)

    def extent(self, shown: tuple[int, int]) -> tuple[int, int]:
        """The steps that will be shown, as far as that can be said before they are."""
        if self.span is None:
            return shown
        start = max(0, shown[1] - self.span) if self.start is None else self.start
        return start, start + self.span

    def follow_or_whole(self, steps_per_second: float) -> None:
        """Go from the latest steps to all of them; from anything else to the latest ones."""
        if self.span is not None and self.start is None:
            self.span = None
            return
        if self.span is None:
            self.span = FOLLOWED
            while self.span < _FOLLOWED_SECONDS * steps_per_second:
                self.span *= 2
        self.start = None

    def zoom(self, *, closer: bool, shown: tuple[int, int], latest: int, around: int | None = None) -> None:
        """Show half or twice the steps: around a step that keeps its place, else around the cursor, else the latest
        ones or, where the window does not follow them, around its middle."""
        start, stop = self.extent(shown)
        length = stop - start
        span = _shorter(length) if closer else _longer(length)
        if not closer and (self.span is None or span > latest + 1):
            self.span, self.start = None, None
            return
        if around is None:
            around = self.cursor
        if around is None and self.start is not None:
            around = start + length // 2
        if around is not None:
            share = min(max((around - start) / length, 0.0), 1.0)
            place = min(int(share * span), span - 1)
            self.start = max(0, min(around - place, latest + 1 - span // 2))
        self.span = span

    def pan(self, steps: int, *, shown: tuple[int, int], latest: int) -> None:
        """Later or earlier by so many steps; a window of the whole run stays."""
        if self.span is not None:
            start, _ = self.extent(shown)
            self.start = max(0, min(start + steps, latest + 1 - self.span // 2))

    def place_cursor(self, step: int, *, shown: tuple[int, int], latest: int) -> None:
        """Read this step, or the nearest there is; the window comes along by halves of its length."""
        self.cursor = min(max(0, step), latest)
        if self.span is None:
            return
        start, stop = self.extent(shown)
        half = max(1, self.span // 2)
        if self.cursor < start:
            self.start = max(0, start - half * -(-(start - self.cursor) // half))
        elif self.cursor >= stop:
            self.start = start + half * ((self.cursor - stop) // half + 1)


def _shorter(length: int) -> int:
    """The longest of 10, 25, 50, 100, 200, … that is shorter by a third at least."""
    span = 25
    while 2 * span <= length * 2 / 3:
        span *= 2
    return span if span <= length * 2 / 3 else _SHORTEST


def _longer(length: int) -> int:
    """The next longer one."""
    span = 25
    while span <= length:
        span *= 2
    return span
