"""Which steps are shown: arithmetic, without a screen."""

from hypothesis import given
from hypothesis import strategies as st

from tui.dashboard.panels.loss.time_window import TimeWindow

WHOLE = (0, 1024)


def test_following_shows_the_latest_200_and_ten_seconds_at_high_speed():
    time = TimeWindow()
    time.follow_or_whole(30)
    assert (time.span, time.start) == (400, None)
    time.follow_or_whole(30)
    assert time.span is None
    time.follow_or_whole(0)
    assert time.span == 200
    time.follow_or_whole(0)
    time.follow_or_whole(100_000)
    assert 1_000_000 <= time.span < 2_000_000


def test_a_window_that_stands_still_follows_again():
    time = TimeWindow(span=50, start=300)
    time.follow_or_whole(10)
    assert (time.span, time.start) == (50, None)


def test_zooming_halves_down_to_ten_steps_and_doubles_up_to_the_whole_run():
    time, spans = TimeWindow(), []
    for _ in range(7):
        time.zoom(closer=True, shown=WHOLE, latest=999)
        spans.append(time.span)
    assert spans == [400, 200, 100, 50, 25, 10, 10]
    for _ in range(8):
        time.zoom(closer=False, shown=(0, 0), latest=999)
    assert (time.span, time.start) == (None, None)
    time.zoom(closer=False, shown=WHOLE, latest=999)
    assert time.span is None


def test_zooming_keeps_the_cursor_where_it_is_on_the_screen():
    time = TimeWindow(span=400, start=100, cursor=200)
    time.zoom(closer=True, shown=(100, 500), latest=5000)
    assert (time.span, time.start) == (200, 150)
    time.zoom(closer=False, shown=(0, 0), latest=5000)
    assert (time.span, time.start) == (400, 100)


def test_zooming_without_a_cursor_goes_on_following_or_keeps_the_middle():
    time = TimeWindow(span=400)
    time.zoom(closer=True, shown=(600, 1000), latest=999)
    assert (time.span, time.start) == (200, None)
    time = TimeWindow(span=400, start=100)
    time.zoom(closer=True, shown=(100, 500), latest=999)
    assert (time.span, time.start) == (200, 200)


def test_the_cursor_takes_the_window_along_by_halves():
    time = TimeWindow(span=100, start=500, cursor=500)
    time.place_cursor(499, shown=(500, 600), latest=5000)
    assert (time.start, time.cursor) == (450, 499)
    time.place_cursor(620, shown=(0, 0), latest=5000)
    assert time.start == 550
    time.place_cursor(560, shown=(0, 0), latest=5000)
    assert time.start == 550


@given(
    st.integers(0, 10**7),
    st.lists(
        st.tuples(st.sampled_from(["in", "out", "pan", "cursor", "follow"]), st.integers(-(10**7), 10**7)), max_size=20
    ),
)
def test_whatever_is_done_the_window_shows_some_of_the_run(latest, deeds):
    time, shown = TimeWindow(), (0, max(20, latest + 1))
    for deed, number in deeds:
        if deed in ("in", "out"):
            time.zoom(closer=deed == "in", shown=shown, latest=latest, around=number if number > 0 else None)
        elif deed == "pan":
            time.pan(number, shown=shown, latest=latest)
        elif deed == "cursor":
            time.place_cursor(number, shown=shown, latest=latest)
            assert 0 <= time.cursor <= latest
            start, stop = time.extent(shown)
            assert time.span is None or start <= time.cursor < stop
        else:
            time.follow_or_whole(0)
        if time.span is not None:
            start = max(0, latest + 1 - time.span) if time.start is None else time.start
            shown = (start, start + time.span)
            assert time.span >= 10
            assert 0 <= start <= latest
        else:
            shown = (0, max(20, latest + 1))
