"""When a frame is asked for, which panels are painted in it, and what waits."""

import pytest

from engine.serving.snapshot import View
from tui.dashboard.frames.frame_clock import FrameClock
from tui.dashboard.frames.frame_pacing import FramePacing, Turns
from tui.terminal import link
from tui.terminal.link import Link


class Panel:
    def __init__(self):
        self.detail, self.shown = 2, []

    def show(self, scene, snapshot):
        self.shown.append(snapshot)


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


def test_one_frame_is_under_way_at_a_time(clock):
    pacing = FramePacing(clock)
    assert pacing.asks(View(), training=True, measuring=False)
    assert not pacing.asks(View(), training=True, measuring=False)
    pacing.came()
    assert pacing.asks(View(), training=True, measuring=False)


def test_a_frame_is_asked_for_where_something_can_have_changed(clock):
    pacing = FramePacing(clock)
    assert pacing.asks(View(), training=False, measuring=False)  # the first one
    pacing.came()
    assert not pacing.asks(View(), training=False, measuring=False)
    assert pacing.asks(View(comparison=True), training=False, measuring=False)  # the screen shows something else
    pacing.came()
    pacing.want()  # a command was sent
    assert pacing.asks(View(comparison=True), training=False, measuring=False)
    pacing.want_anew()  # that one may never come
    assert pacing.asks(View(comparison=True), training=False, measuring=False)


def test_silence_counts_from_the_question_without_the_time_in_which_no_answer_is_taken_in(clock):
    pacing = FramePacing(clock)
    clock.now = 10.0
    assert pacing.silence == 0.0
    pacing.asks(View(), training=True, measuring=False)
    clock.now = 11.9
    assert pacing.silence == 0.0
    with pacing.deaf():
        clock.now = 50.0
        assert pacing.silence == 0.0
    assert pacing.silence == 0.0
    clock.now = 51.1
    assert pacing.silence == 3.0
    with pacing.deaf():
        assert pacing.silence == 3.0
    pacing.came()
    clock.now = 99.0
    assert pacing.silence == 0.0


def test_slowly_one_panel_a_frame_is_painted_each_with_the_latest_snapshot():
    pacing, panels = FramePacing(), [Panel(), Panel(), Panel()]
    assert pacing.spread("scene", "first", panels, held=False)
    pacing.paint(slowly=True, detail=1)
    assert [panel.shown for panel in panels] == [["first"], [], []]
    pacing.spread("scene", "second", panels, held=False)
    pacing.paint(slowly=True, detail=1)
    assert [panel.shown for panel in panels] == [["first"], ["second"], []]  # those that wait come first
    assert not pacing.complete
    pacing.paint(slowly=False, detail=0)
    assert pacing.complete
    assert [panel.shown[-1] for panel in panels] == ["second"] * 3
    assert [panel.detail for panel in panels] == [0, 1, 0]


def test_panels_are_held_for_one_frame_and_not_for_two():
    pacing = FramePacing()
    assert [pacing.spread("scene", number, [], held=True) for number in range(4)] == [False, True, False, True]


def test_panels_that_wait_are_next_unless_a_key_is_to_be_seen():
    pacing, link = FramePacing(), Link()
    assert not pacing.next_paints(link)
    pacing.spread("scene", "snapshot", [Panel()], held=True)
    assert pacing.next_paints(link)
    link.hurry()
    assert not pacing.next_paints(link)


def test_a_picture_is_painted_in_the_first_of_every_so_many_frames():
    turns = Turns(3)
    assert [turns.pass_frame() for _ in range(5)] == [True, False, False, True, False]
    turns.begin()
    assert turns.due
    assert turns.pass_frame()
    turns.every = 1
    assert turns.pass_frame()


def test_between_slow_steps_a_frame_waits_for_news(clock):
    pacing = FramePacing(clock)
    assert pacing.asks(View(), training=True, measuring=False) == "at once"  # the first one
    pacing.came()
    assert pacing.asks(View(), training=True, measuring=False) == "with news"
    pacing.came()
    assert pacing.asks(View(), training=True, measuring=True) == "at once"
    pacing.came()
    pacing.want()
    assert pacing.asks(View(), training=True, measuring=False) == "at once"


@pytest.mark.parametrize(("speed", "painted"), [(None, 3), (100, 3), (30, 3), (10, 1), (1, 1)])
def test_a_picture_that_lasts_three_frames_of_thirty_a_second_shows_every_step_of_ten_a_second(speed, painted):
    turns = Turns(3)
    turns.follow(speed)
    assert [turns.pass_frame() for _ in range(6)] == [number % painted == 0 for number in range(6)]


def test_a_patient_question_is_asked_anew_where_something_else_is_wanted(clock):
    pacing = FramePacing(clock)
    assert pacing.asks(View(), training=True, measuring=False) == "at once"
    pacing.came()
    assert pacing.asks(View(), training=True, measuring=False) == "with news"
    assert pacing.under_way
    clock.now = 1.5
    assert pacing.asks(View(), training=True, measuring=False) is None
    pacing.want()  # a key was pressed
    assert pacing.asks(View(), training=True, measuring=False) == "at once"
    pacing.want()
    assert pacing.asks(View(), training=True, measuring=False) is None
    clock.now = 2.5
    assert pacing.silence == 2.5  # counted from the first question


def test_a_frame_in_which_nothing_is_painted_passes_unasked(clock):
    pacing = FramePacing(clock)
    assert not pacing.passes(painting=False)  # the first one is wanted
    pacing.asks(View(), training=True, measuring=False)
    assert not pacing.passes(painting=False)  # one is under way
    pacing.came()
    assert pacing.passes(painting=False)
    assert not pacing.passes(painting=True)
    pacing.want()
    assert not pacing.passes(painting=False)


class Loop:
    """An event loop whose timers come as late as the machine lets them."""

    def __init__(self):
        self.now, self.late, self.timers = 0.0, 0.0, []

    def time(self):
        return self.now

    def call_at(self, when, callback):
        self.timers.append(callback)
        self.due = when
        return self

    def cancel(self):
        self.timers.clear()

    def run(self, seconds):
        """How often it ticked a second."""
        end, ticks = self.now + seconds, 0
        while self.now < end and self.timers:
            self.now = self.due + self.late
            self.timers.pop(0)()
            ticks += 1
        return ticks / seconds


@pytest.mark.parametrize(
    ("late", "least", "most"), [(0.0, 29, 31), (0.003, 27, 31), (0.007, 15, 20), (0.02, 4, 5), (3.0, 0.2, 4)]
)
def test_frames_become_rarer_where_the_machine_has_no_time_for_them(monkeypatch, late, least, most):
    loop = Loop()
    monkeypatch.setattr("asyncio.get_running_loop", lambda: loop)
    clock = FrameClock(lambda: None)
    clock.start()
    loop.late = late
    loop.run(10)
    assert least <= loop.run(10) <= most
    assert clock.hindered == (late > 0.006)  # then the large panels are painted one at a time
    loop.late = 0.0
    loop.run(10)
    assert loop.run(10) > 29  # and as many as ever, soon after
    assert not clock.hindered
    clock.stop()
    assert loop.run(10) == 0


def test_one_long_stop_makes_no_frame_rarer(monkeypatch):
    loop = Loop()
    monkeypatch.setattr("asyncio.get_running_loop", lambda: loop)
    clock = FrameClock(lambda: None)
    clock.start()
    loop.run(1)
    loop.late = 5.0
    loop.run(0.001)
    loop.late = 0.0
    assert clock.period == 1 / link.FRAMES_PER_SECOND
    assert not clock.hindered


def test_a_clock_that_rests_ticks_rarely_until_it_is_woken(monkeypatch):
    loop = Loop()
    monkeypatch.setattr("asyncio.get_running_loop", lambda: loop)
    ticked = []
    clock = FrameClock(lambda: ticked.append(clock.rest()))
    clock.start()
    assert loop.run(10) == pytest.approx(10, abs=1)
    begin = loop.now
    clock.wake()
    assert loop.due - begin <= 1 / link.FRAMES_PER_SECOND
    loop.run(0.001)
    clock.wake()
    clock.wake()  # no sooner for that, and but once
    assert loop.due - loop.now == pytest.approx(1 / link.FRAMES_PER_SECOND)
    assert len(loop.timers) == 1
    loop.run(0.001)
    loop.now += 0.09
    clock.wake()
    assert loop.due == loop.now  # a frame's time has passed
    clock.stop()
    clock.wake()
    assert not loop.timers


@pytest.mark.parametrize(("frames", "painted"), [(30.0, 10), (10.0, 10), (60.0, 10)])
def test_a_picture_lasts_as_long_however_many_frames_there_are(monkeypatch, frames, painted):
    monkeypatch.setattr(link, "FRAMES_PER_SECOND", frames)
    turns = Turns(every=3)
    assert sum(turns.pass_frame() for _ in range(int(frames))) == painted
