"""What a link takes, on simulated links: frames are dropped and never queued."""

import heapq

import pytest

from tui.terminal import link
from tui.terminal.link import FRAMES_PER_SECOND, Link

QUESTION = 4


class Simulation:
    """A link of `rate` bytes a second and `delay` seconds each way, and a screen that offers 30 frames a second.

    ages: for each frame, how long it took to be seen. answers: whether the terminal does.
    """

    def __init__(self, rate, delay, frame_bytes=2000, *, answers=True):
        self.now, self.rate, self.delay, self.frame_bytes, self.answers = 0.0, rate, delay, frame_bytes, answers
        self.link = Link(clock=lambda: self.now)
        self.free_at, self.ages, self.most_waiting = 0.0, [], 0.0
        self._events = []

    def frame(self):
        self.link.requested()
        self.link.sent(self.frame_bytes)
        asks = self.link.asks(QUESTION)
        size = self.frame_bytes + QUESTION * asks
        self.link.written(size)  # into buffers without end
        self.free_at = max(self.free_at, self.now) + size / self.rate
        self.most_waiting = max(self.most_waiting, self.free_at - self.now)
        self.ages.append(self.free_at + self.delay - self.now)
        if self.answers and asks:
            heapq.heappush(self._events, self.free_at + 2 * self.delay)

    def run(self, seconds):
        """Tick by tick; the frames a second that went out."""
        frames, end = len(self.ages), self.now + seconds
        while self.now < end:
            tick = self.now + 1 / link.FRAMES_PER_SECOND
            while self._events and self._events[0] <= tick:
                self.now = max(self.now, heapq.heappop(self._events))
                self.link.answered()
            self.now = tick
            if self.link.ready():
                self.frame()
        return (len(self.ages) - frames) / seconds


def test_a_quick_terminal_gets_every_frame():
    for delay in (0.0005, 0.02, 0.1, 0.3):  # however far away it is
        simulation = Simulation(10e6, delay)
        simulation.run(5)
        assert simulation.run(10) > 0.95 * FRAMES_PER_SECOND
        assert (simulation.link.detail, simulation.link.slow) == (2, False)


@pytest.mark.parametrize("frames", [10.0, 60.0])
def test_a_quick_terminal_is_quick_however_many_frames_there_are(monkeypatch, frames):
    monkeypatch.setattr(link, "FRAMES_PER_SECOND", frames)
    simulation = Simulation(10e6, 0.001)
    simulation.run(20)
    assert simulation.run(10) > 0.95 * frames
    assert (simulation.link.detail, simulation.link.slow) == (2, False)


@pytest.mark.parametrize("rate", [8e3, 16e3, 64e3, 128e3])
@pytest.mark.parametrize("delay", [0.001, 0.02, 0.1])
def test_on_a_slow_link_frames_are_dropped_and_never_queued(rate, delay):
    simulation = Simulation(rate, delay)
    simulation.run(20)
    simulation.ages.clear()
    simulation.most_waiting = 0.0
    frames = simulation.run(100)  # longer than any memory of the shortest round trip
    seconds = simulation.frame_bytes / rate
    assert frames > 0.4 * min(FRAMES_PER_SECOND, 1 / seconds)
    assert simulation.most_waiting < 3 * seconds + 0.15


def test_a_link_that_recovers_gets_every_frame_again_and_later_all_detail():
    simulation = Simulation(6e3, 0.02)
    simulation.run(30)
    assert simulation.link.detail < 2
    assert simulation.link.slow
    simulation.rate = 10e6
    simulation.run(10)
    assert simulation.run(10) > 0.9 * FRAMES_PER_SECOND
    simulation.run(200)
    assert simulation.link.detail == 2


@pytest.mark.parametrize(("rate", "detail"), [(16e3, 1), (128e3, 2), (10e6, 2)])
def test_a_thin_link_is_known_by_its_first_pictures_before_a_map_in_all_colours_blocks_it(rate, detail):
    for delay in (0.001, 0.3):
        simulation = Simulation(rate, delay, frame_bytes=7000)
        simulation.link.sent(40)  # as the questions about the terminal, which say nothing of its rate
        simulation.link.asks(QUESTION)
        simulation.link.written(40 + QUESTION)
        simulation.now += 2 * delay
        simulation.link.answered()
        simulation.run(2)
        assert simulation.link.detail == detail


def test_a_longer_way_is_noticed():
    simulation = Simulation(10e6, 0.01)
    simulation.run(10)
    simulation.delay = 0.15
    simulation.run(60)
    assert simulation.run(10) > 0.9 * FRAMES_PER_SECOND


def test_where_nothing_answers_it_goes_on_within_what_a_slow_link_takes():
    simulation = Simulation(16e3, 0.001, answers=False)
    assert simulation.run(60) > 4
    assert simulation.most_waiting < 0.5
    assert simulation.link.unanswered < 100
    assert simulation.link.answering is not True
    assert simulation.link.detail == 1
    assert simulation.link.slow


def test_where_nothing_answers_nothing_queues_behind_the_first_picture():
    simulation = Simulation(16e3, 0.001, frame_bytes=27_000, answers=False)
    simulation.frame()
    simulation.frame_bytes = 5000
    while simulation.free_at > simulation.now + 0.1:
        simulation.run(0.1)
    assert len(simulation.ages) == 1
    assert simulation.link.detail == 1
    assert simulation.run(3) > 2


def test_where_nothing_answers_a_key_does_not_wait_for_all_that_may_still_be_under_way():
    simulation = Simulation(100e3, 0.001, frame_bytes=27_000, answers=False)
    simulation.frame()  # the first picture
    simulation.frame_bytes = 700
    for _ in range(5):
        simulation.run(0.2)
        before = len(simulation.ages)
        simulation.link.hurry()
        simulation.run(0.1)
        assert len(simulation.ages) == before + 1


def test_answers_that_stop_do_not_stop_the_frames():
    simulation = Simulation(10e6, 0.001)
    simulation.run(5)
    simulation.answers = False
    simulation.run(5)
    assert simulation.run(10) > 2.5
    simulation.answers = True
    simulation.run(5)
    assert simulation.run(5) > 0.7 * FRAMES_PER_SECOND


def test_a_key_does_not_wait_for_the_frame_rate():
    simulation = Simulation(16e3, 0.001)
    simulation.run(30)
    while simulation.link.ready():
        simulation.frame()
    simulation.link.hurry()
    assert simulation.link.ready()
    simulation.frame()
    assert not simulation.link.hurried


def test_nothing_is_sent_after_what_the_system_has_not_taken():
    now = [0.0]
    link = Link(clock=lambda: now[0])
    link.sent(1000)
    now[0] = 100.0
    link.hurry()
    assert not link.ready()
    assert link.behind
    link.written(1000)
    assert link.ready()
    assert not link.behind


def test_a_system_that_takes_less_than_it_is_given_is_behind_though_it_takes_something_all_the_time():
    now = [0.0]
    link = Link(clock=lambda: now[0])
    queued, most = 0, 0
    for _ in range(2000):
        now[0] += 1 / FRAMES_PER_SECOND
        if not link.behind:  # as everything is that is painted
            link.sent(3000)
            queued += 3000
        link.written(taken := min(queued, 500))
        queued -= taken
        most = max(most, queued)
    assert most < 30_000


def test_only_what_was_sent_is_asked_after():
    link = Link()
    assert not link.asks(QUESTION)
    link.sent(10)
    assert link.asks(QUESTION)
    assert not link.asks(QUESTION)
    link.answered()
    link.answered()  # a key that looks like an answer
    assert link.unanswered == 0
