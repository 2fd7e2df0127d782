"""The kept progress: two programs at once, kills, damage."""

import multiprocessing
import os
import signal
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.progress import Best, Progress


@pytest.fixture
def path(tmp_path):
    return tmp_path / "state" / "progress.sqlite"


def test_nothing_is_kept_until_there_is_something(path):
    assert Progress(path).all() == {}
    assert not path.parent.exists()


def test_the_better_is_kept(path):
    progress = Progress(path)
    assert progress.record("line-fit", "steps", Best(1, 100))
    assert not progress.record("line-fit", "steps", Best(1, 200))
    assert progress.record("line-fit", "steps", Best(2, 300))
    assert progress.record("line-fit", "steps", Best(2, 250))
    assert progress.record("potholes", "steps", Best(0, 7))
    assert Progress(path).all() == {"line-fit": Best(2, 250), "potholes": Best(0, 7)}
    assert progress.notices == []


@pytest.mark.parametrize("content", [b"no database", b"SQLite format 3\0" + b"\xff" * 5000])
def test_a_damaged_file_is_set_aside_and_said_so(path, content):
    path.parent.mkdir()
    path.write_bytes(content)
    progress = Progress(path)
    assert progress.record("line-fit", "steps", Best(3, 10))
    assert progress.all() == {"line-fit": Best(3, 10)}
    (notice,) = progress.notices
    assert str(path) in notice
    assert "damaged" in notice
    assert path.with_suffix(".damaged").read_bytes() == content


def test_a_second_damaged_file_does_not_overwrite_the_first(path):
    path.parent.mkdir()
    for content in (b"first damage", b"second damage"):
        path.write_bytes(content)
        Progress(path).all()
    assert path.with_suffix(".damaged").read_bytes() == b"first damage"
    assert path.with_name("progress.damaged-2").read_bytes() == b"second damage"


def test_another_programs_table_is_not_written_into(path):
    import sqlite3

    path.parent.mkdir()
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE best (something TEXT)")
    progress = Progress(path)
    assert not progress.record("line-fit", "steps", Best(3, 10))
    assert "not kept" in progress.notices[0]


def test_where_nothing_can_be_kept_it_says_so_once(tmp_path):
    (tmp_path / "file").write_text("")
    progress = Progress(tmp_path / "file" / "progress.sqlite")
    assert not progress.record("line-fit", "steps", Best(3, 10))
    assert not progress.record("line-fit", "steps", Best(3, 9))
    assert progress.all() == {}
    assert len(progress.notices) == 1


def _record_many(path, scores):
    progress = Progress(path)
    for score in scores:
        progress.record("line-fit", "steps", Best(1, score))


def test_two_programs_at_once_keep_the_best_of_both(path):
    context = multiprocessing.get_context("spawn")
    halves = [range(1000, 960, -2), range(999, 959, -2)]
    programs = [context.Process(target=_record_many, args=(path, half)) for half in halves]
    for program in programs:
        program.start()
    for program in programs:
        program.join()
        assert program.exitcode == 0
    assert Progress(path).all() == {"line-fit": Best(1, 961)}


WRITER = """
import sys; from pathlib import Path; from tui.progress import Best, Progress
progress = Progress(Path(sys.argv[1]))
for score in range(10**9, 0, -1):
    progress.record("line-fit", "steps", Best(1, score)); print(score, flush=True)
"""


def test_a_kill_at_any_moment_leaves_it_whole(path):
    for lines in (1, 8):
        program = subprocess.Popen([sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE, text=True)
        seen = [int(program.stdout.readline()) for _ in range(lines)]
        os.kill(program.pid, signal.SIGKILL)
        program.wait()
        program.stdout.close()
        progress = Progress(path)
        assert progress.all()["line-fit"].score <= seen[-1]
        assert progress.notices == []


@given(st.lists(st.tuples(st.integers(0, 3), st.floats(0, 1e9)), min_size=1))
def test_it_is_the_best_whatever_the_order(tmp_path_factory, results):
    progress = Progress(tmp_path_factory.mktemp("state") / "progress.sqlite")
    for stars, score in results:
        progress.record("line-fit", "steps", Best(stars, score))
    best = max(results, key=lambda result: (result[0], -result[1]))
    assert progress.all() == {"line-fit": Best(*best)}
