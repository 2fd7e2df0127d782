"""The link to the terminal, and what it takes: frames are dropped where it is slow, and never queued.

ssh and TCP hide a megabyte of buffers, so a frame that was written has not been seen. After each display
the terminal is asked for its cursor position; the answer says that everything before it has been drawn.
Where nothing answers, the bytes are held to what a slow link takes.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable

FRAMES_PER_SECOND = 30.0
_FEWEST_FRAMES = 3.0
_EASY = 2 / 3  # of the frames: a link that takes so many is not slow
_DETAIL = (0.0, 0.2, 0.4)  # of the frames, below which less detail is drawn
_QUEUED, _FREE = 0.08, 0.04  # seconds of waiting in buffers: fewer frames above, more below
_ROUND_TRIP_SECONDS = 30.0  # after which a round trip no longer counts as the shortest: routes change
_PATIENCE, _SLOWEST = 2.0, 4000.0  # an answer is lost after 2 s and a second for every 4,000 bytes before it
_SOON = 0.5  # seconds within which a terminal answers for the first time, if it is to get a map in all colours at once
_SILENT_BYTES = 12_000.0  # a second, where nothing answers
_SILENT_SECONDS, _SILENT_HURRY = 0.1, 0.3  # how much of that may be under way when another frame is sent
_SILENT_KEY_FRAMES = 8.0  # a second, however much is under way: what shows a key is small
_BEHIND_SECONDS = 0.2  # that what was written may wait for the system to take it
_LARGE, _THIN = 4000, 30_000.0  # bytes of a picture; bytes a second that let one in all its colours keep a key waiting
_RISE_SECONDS = 10.0  # of a free link before it is trusted with more detail; twice that after each relapse


class Link:
    """Says when a frame may be sent, and how rich it may be.

    `written` is called by the thread that writes, `answered` by the one that reads, the rest by the loop.
    fps: frames a second that the link takes. detail: of maps, 2 for all levels and colours, 1 for half as many, 0 for
    a quarter.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.fps = FRAMES_PER_SECOND
        self.detail = 2
        self.answering: bool | None = None  # not known yet
        self.hurried = False
        self._clock = clock
        self._lock = threading.Lock()
        self._rise_after = _RISE_SECONDS
        self._begin()

    def _begin(self) -> None:
        now = self._clock()
        self._asked: deque[tuple[float, int, bool]] = deque()  # when, after how many bytes, with nothing before it
        self._sent = self._written = self._asked_after = self._seen = 0
        self._untaken: deque[tuple[float, int]] = deque()  # when, after how many bytes; not taken yet
        self._heard_at = now
        self._last_frame = now - 1.0
        self._slowed_at = now
        self._poor_since = now
        self._trips: deque[tuple[float, float]] = deque()  # when, how long: rising from the shortest
        self._under_way, self._under_way_at = 0.0, now

    def restart(self) -> None:
        """The terminal was let go of and taken again: nothing is under way."""
        with self._lock:
            self._begin()

    # What happens on the way.

    def sent(self, size: int) -> None:
        """Note that so many bytes were handed to the thread that writes."""
        with self._lock:
            self._send(size)

    def _send(self, size: int) -> None:
        now = self._clock()
        self._sent += size
        self._untaken.append((now, self._sent))
        self._under_way = self._silently_under_way(now) + size
        self._under_way_at = now

    def written(self, size: int) -> None:
        """Note that so many bytes were taken by the system."""
        with self._lock:
            self._written += size
            while self._untaken and self._untaken[0][1] <= self._written:
                self._untaken.popleft()

    def asks(self, size: int) -> bool:
        """Tell whether something was sent since the last question; the caller then asks one of so many bytes."""
        with self._lock:
            if self._sent == self._asked_after:
                return False
            self._send(size)
            self._asked_after = self._sent
            self._asked.append((self._clock(), self._sent, not self._asked))
            return True

    def answered(self) -> None:
        """The terminal has drawn everything up to the oldest question."""
        with self._lock:
            if not self._asked:
                return  # given up before, or a key that looks the same
            asked_at, seen, alone = self._asked.popleft()
            size, self._seen = seen - self._seen, seen
            self.answering = True
            now, heard_before = self._clock(), self._heard_at
            self._heard_at = self._under_way_at = now
            self._under_way = self._sent - seen
            if alone:  # or it would have waited for those before it
                self._keep_trip(now, now - asked_at)
            waited = now - asked_at - self.round_trip
            if waited > _QUEUED and asked_at >= self._slowed_at:
                self.fps = max(_FEWEST_FRAMES, self.fps * 0.8)
                self._slowed_at = now
            elif waited < _FREE:
                self.fps = min(FRAMES_PER_SECOND, self.fps + 1.0)
            self._choose_detail(now, thin=size > _LARGE and size < _THIN * min(waited, now - heard_before))

    def _keep_trip(self, now: float, seconds: float) -> None:
        while self._trips and self._trips[-1][1] >= seconds:
            self._trips.pop()
        self._trips.append((now, seconds))
        while self._outdated(now):
            self._trips.popleft()

    def _outdated(self, now: float) -> bool:
        return bool(self._trips) and now - self._trips[0][0] > _ROUND_TRIP_SECONDS

    def _choose_detail(self, now: float, *, thin: bool) -> None:
        if self.fps < FRAMES_PER_SECOND * _DETAIL[self.detail] or (thin and self.detail == 2):
            self.detail -= 1
            self._rise_after *= 2
            self._poor_since = now
        elif self.fps < FRAMES_PER_SECOND * _EASY:
            self._poor_since = now
        elif self.detail < 2 and now - self._poor_since > self._rise_after:
            self.detail += 1
            self._poor_since = now

    # What follows from it.

    @property
    def round_trip(self) -> float:
        """Seconds of the shortest round trip of late: the way without what waits on it."""
        return self._trips[0][1] if self._trips else 0.0

    @property
    def unanswered(self) -> int:
        """Questions that the terminal has not answered yet."""
        return len(self._asked)

    @property
    def behind(self) -> bool:
        """True if the system takes less than it is given: what is painted now would have to queue."""
        with self._lock:
            return bool(self._untaken) and self._clock() - self._untaken[0][0] > _BEHIND_SECONDS

    @property
    def slow(self) -> bool:
        """True if a whole picture at once would keep a key waiting behind it."""
        with self._lock:
            late = bool(self._asked) and self._clock() - self._asked[0][0] > self.round_trip + _QUEUED
        return late or self.answering is False or self.fps < FRAMES_PER_SECOND * _EASY

    def hurry(self) -> None:
        """A key was pressed: the next frame is wanted as soon as the link has room, whatever the frame rate."""
        self.hurried = True

    def ready(self) -> bool:
        """Tell whether a frame may be sent now."""
        with self._lock:
            now = self._clock()
            if self._sent > self._written:  # not even the system has taken the last one
                return False
            if self._asked and now - max(self._asked[0][0], self._heard_at) > self._patience():
                self._seen = self._asked[-1][1]
                self._asked.clear()
                self.answering = False
                self.detail = min(self.detail, 1)
            if self.answering is None and self._asked and now - self._asked[0][0] > _SOON:
                self.detail = min(self.detail, 1)
            return self._has_room(now) if self.answering else self._has_silent_room(now)

    def _has_room(self, now: float) -> bool:
        if self._asked and self._outdated(now):  # time for a trip with nothing before it
            return False
        room = 1 + int(self.round_trip * self.fps) - len(self._asked)
        return room >= 0 if self.hurried else room > 0 and now - self._last_frame > 0.75 / self.fps

    def _has_silent_room(self, now: float) -> bool:
        under_way = self._silently_under_way(now)
        if self.hurried:
            return under_way < _SILENT_BYTES * _SILENT_HURRY or now - self._last_frame > 1 / _SILENT_KEY_FRAMES
        return under_way < _SILENT_BYTES * _SILENT_SECONDS

    def requested(self) -> None:
        """A frame was asked for; it will show what the hurry was for."""
        self.hurried = False
        self._last_frame = self._clock()

    def _patience(self) -> float:
        return _PATIENCE + (self._asked[0][1] - self._seen) / _SLOWEST

    def _silently_under_way(self, now: float) -> float:
        """Bytes that a slow link would not have brought yet."""
        return max(0.0, self._under_way - (now - self._under_way_at) * _SILENT_BYTES)
