"""The kept progress: two programs at once, kills, damage."""

import multiprocessing
import os
import resource
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.home.progress import Progress
from tui.home.progress_contents import Best, Study
from tui.home.progress_file import _PLACES, _TABLE, _VERSION


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


def database(path, *statements):
    path.parent.mkdir(exist_ok=True)
    with closing(sqlite3.connect(path)) as connection, connection:
        for statement in statements:
            connection.execute(statement)


def kept_before(path):
    """A file with a good row, as this program writes it."""
    Progress(path).record("line-fit", "steps", Best(1, 500))


def overwritten(page):
    def overwrite(path):
        kept_before(path)
        content = bytearray(path.read_bytes())
        content[4096 * page : 4096 * (page + 1)] = b"\xa5" * 4096
        path.write_bytes(content)

    return overwrite


def with_row(*values):
    def insert(path):
        kept_before(path)
        with closing(sqlite3.connect(path)) as connection, connection:
            connection.execute("INSERT INTO best VALUES (?, ?, ?, ?)", values)

    return insert


def in_its_place(make):
    def place(path):
        path.parent.mkdir()
        make(path)

    return place


UNUSABLE = {
    "other columns": lambda path: database(path, "CREATE TABLE best (something TEXT)"),
    "more columns": lambda path: database(path, "CREATE TABLE best (scenario, measure, stars, score, more)"),
    "another table": lambda path: database(path, "CREATE TABLE other (something TEXT)"),
    "a view": lambda path: database(path, "CREATE VIEW best AS SELECT 'a' scenario, 'b' measure, 1 stars, 2.0 score"),
    "a trigger": lambda path: (
        kept_before(path),
        database(path, "CREATE TRIGGER t AFTER INSERT ON best BEGIN DELETE FROM best; END"),
    ),
    "a later version": lambda path: (kept_before(path), database(path, f"PRAGMA user_version = {_VERSION + 1}")),
    "text for stars": with_row("x", "steps", "many", 1.0),
    "too many stars": with_row("x", "steps", 4, 1.0),
    "text for a score": with_row("x", "steps", 1, "low"),
    "a blob for a score": with_row("x", "steps", 1, b"\xff\xfe"),
    "a blob for a name": with_row(b"\xff", "steps", 1, 1.0),
    "an infinite score": with_row("x", "steps", 1, float("inf")),
    "a blob for an answer": lambda path: (
        Progress(path).keep_study("line-fit", Study(answer=1.0)),
        database(path, "UPDATE study SET answer = x'ff'"),
    ),
    "text that is no UTF-8": lambda path: (
        kept_before(path),
        database(path, "UPDATE best SET scenario = CAST(x'ff41' AS TEXT)"),
    ),
    "first page overwritten": overwritten(0),
    "page of the table overwritten": overwritten(1),
    "page of the index overwritten": overwritten(2),
    "a directory": in_its_place(lambda path: path.mkdir()),
    "a pipe": in_its_place(os.mkfifo),
    "a device": in_its_place(lambda path: path.symlink_to("/dev/zero")),
    "enormous": in_its_place(lambda path: os.truncate(os.open(path, os.O_CREAT | os.O_WRONLY), 10**9)),
}


@pytest.mark.parametrize("spoil", UNUSABLE.values(), ids=UNUSABLE)
def test_what_is_no_progress_is_set_aside_and_progress_begins_anew(path, spoil):
    spoil(path)
    progress = Progress(path)
    assert progress.all() == {}
    assert progress.record("line-fit", "steps", Best(3, 10))
    assert progress.all() == {"line-fit": Best(3, 10)}
    (notice,) = progress.notices
    assert str(path) in notice
    assert "progress.damaged" in notice
    assert path.with_suffix(".damaged").exists()
    assert Progress(path).all() == {"line-fit": Best(3, 10)}


def test_the_journal_of_what_is_set_aside_goes_with_it(path):
    path.parent.mkdir()
    path.write_bytes(b"no database")
    journal = path.with_name("progress.sqlite-journal")
    journal.write_bytes(b"of no database")
    progress = Progress(path)
    assert progress.record("line-fit", "steps", Best(3, 10))
    assert not journal.exists()
    assert Progress(path).all() == {"line-fit": Best(3, 10)}


def test_what_was_kept_before_there_were_versions_is_still_read(path):
    kept_before(path)
    database(path, "PRAGMA user_version = 0")
    progress = Progress(path)
    assert progress.record("line-fit", "steps", Best(2, 10))
    assert progress.notices == []


@pytest.mark.parametrize("lock", ["BEGIN EXCLUSIVE", "BEGIN IMMEDIATE"])
def test_a_locked_file_is_not_waited_for_and_what_is_to_be_kept_is_kept_later(path, lock, monkeypatch):
    kept_before(path)
    connect = sqlite3.connect

    def impatient(*arguments, timeout=5.0, **options):
        assert timeout == 0.0 or options  # `other` is the test's own
        return connect(*arguments, timeout=timeout, **options)

    monkeypatch.setattr(sqlite3, "connect", impatient)
    progress = Progress(path)
    assert progress.all() == {"line-fit": Best(1, 500)}
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute(lock)
        assert not progress.record("line-fit", "steps", Best(1, 600))
        progress.record("line-fit", "steps", Best(3, 10))
        assert progress.all() == {"line-fit": Best(3, 10)}
        progress.try_again()
        (notice,) = progress.notices
        assert "another program has locked it" in notice
        other.execute("ROLLBACK")
    assert progress.all() == {"line-fit": Best(3, 10)}
    assert "kept again" in progress.notices[-1]
    assert Progress(path).all() == {"line-fit": Best(3, 10)}


def test_a_file_that_was_locked_until_the_end_is_written_at_the_end(path):
    kept_before(path)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        progress = Progress(path)
        assert not progress.record("line-fit", "steps", Best(3, 10))
        progress.close()
        other.execute("ROLLBACK")
    progress.close()
    assert Progress(path).all() == {"line-fit": Best(3, 10)}


def test_another_program_reads_while_something_is_kept(path):
    kept_before(path)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN")
        other.execute("SELECT * FROM best").fetchall()  # and does not end
        progress = Progress(path)
        progress.record("line-fit", "steps", Best(3, 10))
        assert progress.all() == {"line-fit": Best(3, 10)}
        other.execute("ROLLBACK")
    progress.close()
    assert Progress(path).all() == {"line-fit": Best(3, 10)}


def test_where_nothing_can_be_kept_it_says_so_once_and_keeps_it_when_it_can(tmp_path):
    obstacle = tmp_path / "file"
    obstacle.write_text("")
    progress = Progress(obstacle / "progress.sqlite")
    assert not progress.record("line-fit", "steps", Best(3, 10))
    assert not progress.record("line-fit", "steps", Best(3, 9))
    assert len(progress.notices) == 1
    obstacle.unlink()
    assert progress.record("potholes", "steps", Best(1, 5))
    assert Progress(progress.path).all() == {"line-fit": Best(3, 9), "potholes": Best(1, 5)}


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_folder(path):
    kept_before(path)
    path.parent.chmod(0o500)
    path.chmod(0o400)
    try:
        progress = Progress(path)
        assert progress.all() == {"line-fit": Best(1, 500)}
        progress.record("line-fit", "steps", Best(3, 10))
        assert len(progress.notices) == 1
    finally:
        path.parent.chmod(0o700)
        path.chmod(0o600)
    assert progress.all() == {"line-fit": Best(3, 10)}
    assert Progress(path).all() == {"line-fit": Best(3, 10)}


def test_a_full_disk(path):
    kept_before(path)
    progress = Progress(path)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, before[1]))  # no file may grow, which is as if the disk were full
    try:
        progress.record("line-fit", "steps", Best(3, 10))
        progress.record("potholes", "steps", Best(1, 10))
        assert len(progress.notices) == 1
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert progress.all() == {"line-fit": Best(3, 10), "potholes": Best(1, 10)}
    assert Progress(path).all() == {"line-fit": Best(3, 10), "potholes": Best(1, 10)}


def test_a_number_that_is_none_is_not_kept(path):
    progress = Progress(path)
    for score in (float("nan"), float("inf")):
        assert not progress.record("line-fit", "steps", Best(3, score))
    assert progress.all() == {}
    assert progress.notices == []


def _record_many(path, scores):
    progress = Progress(path)
    for score in scores:
        progress.record("line-fit", "steps", Best(1, score))
    progress.close()


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
import sys; from pathlib import Path
from tui.home.progress import Progress; from tui.home.progress_contents import Best
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


def test_the_place_in_each_course_is_kept(path):
    progress = Progress(path)
    assert progress.is_new
    assert progress.place("lesson") is None
    assert not path.exists()
    progress.keep_place("lesson", "line-fit")
    progress.keep_place("/home/mine.toml", "two.toml")
    progress.keep_place("lesson", "ravine")
    again = Progress(path)
    assert (again.place("lesson"), again.place("/home/mine.toml"), again.place("another")) == (
        "ravine",
        "two.toml",
        None,
    )
    assert not again.is_new
    assert again.all() == {}


def test_a_file_of_the_version_before_is_kept_and_takes_places(path):
    path.parent.mkdir()
    with closing(sqlite3.connect(path)) as database, database:
        database.execute(_TABLE)
        database.execute("INSERT INTO best VALUES ('line-fit', 'steps', 2, 40.0)")
        database.execute("PRAGMA user_version = 1")
    progress = Progress(path)
    assert (progress.is_new, progress.place("lesson")) == (False, None)
    progress.keep_place("lesson", "line-fit")
    assert (Progress(path).place("lesson"), Progress(path).all()) == ("line-fit", {"line-fit": Best(2, 40.0)})
    assert progress.notices == []


def test_a_place_is_kept_in_memory_while_another_program_writes(path):
    Progress(path).keep_place("lesson", "line-fit")
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        progress = Progress(path)
        progress.keep_place("lesson", "ravine")
        assert progress.place("lesson") == "ravine"
        other.execute("ROLLBACK")
    progress.close()
    assert Progress(path).place("lesson") == "ravine"


def test_answers_and_help_are_kept_together(path):
    progress = Progress(path)
    assert progress.study("line-fit") == Study()
    progress.keep_study("line-fit", Study(answer=2.0))
    progress.keep_study("line-fit", Study(hints=2))
    other = Progress(path)
    other.keep_study("line-fit", Study(answer=1.0, solution=True))
    progress.keep_study("line-fit", Study(hints=1))
    for each in (progress, other, Progress(path)):
        assert each.study("line-fit") == Study(1.0, 2, True)
    assert other.study("ravine") == Study()
    assert progress.notices == other.notices == []


def test_what_help_was_had_is_kept_in_memory_while_another_program_writes(path):
    Progress(path).keep_study("line-fit", Study(hints=2))
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        progress = Progress(path)
        progress.keep_study("line-fit", Study(answer=3.0))
        progress.keep_study("line-fit", Study(hints=1))
        assert progress.study("line-fit") == Study(3.0, 1)
        other.execute("ROLLBACK")
    progress.close()
    assert Progress(path).study("line-fit") == Study(3.0, 2)


def test_a_file_without_studies_takes_them(path):
    path.parent.mkdir()
    with closing(sqlite3.connect(path)) as database, database:
        for table in (_TABLE, _PLACES):
            database.execute(table)
        database.execute("INSERT INTO place VALUES ('lesson', 'ravine')")
        database.execute("PRAGMA user_version = 2")
    Progress(path).keep_study("line-fit", Study(hints=2))
    assert (Progress(path).place("lesson"), Progress(path).study("line-fit")) == ("ravine", Study(hints=2))


def test_what_was_tried_is_kept_and_is_no_beginning_of_the_course(path):
    progress = Progress(path)
    assert progress.tried() == frozenset()
    for content in ("one", "two", "one"):
        progress.keep_tried(content)
    assert Progress(path).tried() == progress.tried() == {"one", "two"}
    assert Progress(path).is_new
    assert progress.notices == []
