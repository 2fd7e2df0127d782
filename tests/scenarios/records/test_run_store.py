"""The store: what is found in it, what makes room, and what happens to a file that cannot be used."""

import errno
import fcntl
import os
import pickle
import platform
import sqlite3
import subprocess
import sys
import time
import zlib
from contextlib import closing
from hashlib import sha256

import pytest

import scenarios
from engine.runs.run_set import Live, Runs
from engine.serving.child import Child
from scenarios.records.database import store_file
from scenarios.records.database.store_file import APPLICATION, MIGRATIONS, known_names
from scenarios.records.records_error import RecordsError
from scenarios.records.run_store import RunStore
from scenarios.records.writing.recording_wish import Recording
from scenarios.records.writing.store_rows import make_room


def change(path, *statements):
    with closing(sqlite3.connect(path)) as database:
        for statement in statements:
            database.execute(statement)
        database.commit()


def test_what_was_begun_last_comes_first_also_where_the_clock_was_set_back(record, store, monkeypatch):
    record(steps=5, seed=1)
    monkeypatch.setattr(time, "time", lambda: 1000.0)
    record(steps=5, seed=2)
    assert [run.outcome.seed for run in store.runs()] == [2, 1]
    assert store.find("last").outcome.seed == 2


def test_an_id_may_be_cut_short_as_long_as_it_is_the_only_one(record, store, path):
    record(steps=5)
    record(steps=5)
    change(path, "UPDATE run SET id = 'abcdef' WHERE turn = 1", "UPDATE run SET id = 'abcxyz' WHERE turn = 2")
    assert store.find("abcx").id == "abcxyz"
    assert store.find("ABCD").id == "abcdef"
    with pytest.raises(RecordsError, match="'abc' is the beginning of several records: abcxyz, abcdef"):
        store.find("abc")
    with pytest.raises(RecordsError, match="there is no record ''"):
        store.find("")


def test_a_store_of_an_older_version_becomes_one_of_this(record, tmp_path):
    path = tmp_path / "old.sqlite"
    with closing(sqlite3.connect(path)) as database:
        database.executescript(MIGRATIONS[0])
        database.executescript(f"PRAGMA user_version = 1; PRAGMA application_id = {APPLICATION}")
        database.execute("INSERT INTO scenario VALUES ('c', '{}')")
        database.execute("INSERT INTO run VALUES ('oldone', 1, 'w', 'line-fit', 'c', 0, 0, '', '{}')")
        database.commit()
    record(steps=5, into=path)
    store = RunStore(path)
    assert len(store.runs()) == 1  # the old row was of no form that there ever was
    store.annotate(store.find("last"), "a note")
    assert store.find("last").note == "a note"
    with pytest.raises(RecordsError, match="the record oldone is damaged; `descend runs delete oldone` removes it"):
        store.find("oldone")


def test_a_store_of_a_later_version_is_left_alone_and_said_so_once(record, store, path):
    record(steps=5)
    change(path, f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    before = path.read_bytes()
    record(steps=5)
    assert path.read_bytes() == before
    (notice,) = record.notices
    assert "of a later version of descend" in notice
    with pytest.raises(RecordsError, match="of a later version of descend"):
        store.runs()


@pytest.mark.parametrize("content", [b"garbage" * 1000, b"SQLite format 3\0" + bytes(5000)])
def test_a_damaged_store_is_set_aside(record, store, path, content):
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    record(steps=5)
    assert (path.parent / "runs.damaged").read_bytes() == content
    (notice,) = record.notices
    assert "it is now runs.damaged, and the records begin anew" in notice
    assert len(store.runs()) == 1


def test_a_store_that_is_damaged_inside_is_set_aside_too(record, store, path):
    for _ in range(8):
        record(steps=300)
    content = bytearray(path.read_bytes())
    content[4096 * 2 :] = os.urandom(len(content) - 4096 * 2)
    path.write_bytes(content)
    record(steps=5)
    assert len(store.runs()) == 1
    assert (path.parent / "runs.damaged").exists()


def test_another_programs_database_is_set_aside(record, store, path):
    path.parent.mkdir(parents=True)
    change(path, "CREATE TABLE theirs (x)", "PRAGMA user_version = 1")
    with pytest.raises(RecordsError, match="another program's database"):
        store.runs()
    record(steps=5)
    assert (path.parent / "runs.damaged").exists()


def test_where_nothing_can_be_written_it_is_said_once(record, tmp_path):
    (tmp_path / "file").write_text("in the way")
    record(steps=5, into=tmp_path / "file" / "runs.sqlite")
    (notice,) = record.notices
    assert "trainings are not recorded now: Not a directory; they are kept in memory" in notice


def test_a_lock_of_another_program_delays_nothing_but_the_record(record, store, path):
    record(steps=5)
    with closing(sqlite3.connect(path)) as other:
        other.execute("BEGIN IMMEDIATE")
        run = record(steps=5)
        assert run.trainer.steps == 5
        (notice,) = record.notices
        assert "another program has locked it" in notice
        other.execute("ROLLBACK")
    assert len(store.runs()) == 1


def test_a_row_that_is_damaged_hides_no_other(record, store, path):
    for _ in range(3):
        record(steps=5)
    change(path, "UPDATE run SET outcome = 'no JSON' WHERE turn = 1", "UPDATE curves SET data = 'x'")
    runs = store.runs()
    assert len(runs) == 2
    assert store.curves(runs[0]) is None


def test_a_checkpoint_runs_no_code(record, store, path):

    record(steps=5)
    (run,) = store.runs()
    for evil in (os.system, Child):
        packed = zlib.compress(pickle.dumps(evil))
        with closing(sqlite3.connect(path)) as database:
            blob = sha256(packed).digest()[:16] + packed
            database.execute("INSERT OR REPLACE INTO checkpoint VALUES (?, ?)", (run.id, blob))
            database.commit()
        assert store.checkpoint(run) is None


def test_the_oldest_without_a_name_a_star_or_a_note_lose_first_their_curves_then_themselves(record, store, path):
    for seed in range(6):
        record(steps=3000, seed=seed)
    kept = next(run for run in store.runs() if run.outcome.seed == 1)
    store.name(kept, "kept")
    change(path, "UPDATE run SET stars = 0", "UPDATE run SET stars = 2 WHERE turn = 3")
    full = store.size().bytes

    def room(most):
        with closing(sqlite3.connect(path, isolation_level=None)) as database:
            make_room(database, most)
        return {run.outcome.seed: store.curves(run) is not None for run in store.runs()}

    curves = dict.fromkeys(range(6), True)
    assert room(full) == curves
    with closing(sqlite3.connect(path)) as database:
        (largest,) = database.execute("SELECT max(length(data)) FROM curves").fetchone()
    assert room(full - 2 * largest) == {**curves, 0: False, 3: False, 4: False}
    assert room(1) == {1: False, 2: False, 5: True}
    assert store.size().bytes < full
    assert path.stat().st_size < full


def test_one_that_is_deleted_while_it_trains_stays_deleted(store, path):

    scenario = scenarios.load("line-fit")
    run = scenario.run()
    recorder, live = Recording(path, "test")(), [Live(run, 1)]
    recorder.follow(scenario, live)
    run.advance(5)
    end = time.monotonic() + 30
    while not store.runs():
        recorder.follow(scenario, live)
        assert time.monotonic() < end
        time.sleep(0.02)
    (kept,) = store.runs()
    assert store.trains(kept)
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        database.execute("INSERT INTO run SELECT 'later', turn + 1, '', scenario, content, started, stars, parent, "
                         "outcome, '', '', '' FROM run")  # fmt: skip
        make_room(database, 1)  # what trains is not dropped
    assert [one.id for one in store.runs()] == ["later", kept.id]
    store.delete(store.runs())
    run.advance(5)
    recorder.close(20)
    assert store.runs() == []
    (notice,) = recorder.take_notices()
    assert notice == f"{kept.id}: deleted meanwhile; this training goes on, but is not recorded any further"


def test_one_whose_process_has_ended_or_was_killed_trains_no_more(record, store, path):
    record(steps=5)
    (run,) = store.runs()
    assert not store.trains(run)
    with subprocess.Popen([sys.executable, "-c", ""]) as ended:
        pass
    change(path, f"UPDATE run SET process = '{ended.pid} {platform.node()}'")
    assert not store.trains(run)
    change(path, "UPDATE run SET process = '1 another machine'")
    assert store.trains(run)


def test_a_name_that_another_record_has_gets_a_number(record, store):
    for _ in range(3):
        record(steps=5, called="ann")
    assert [run.name for run in store.runs()] == ["ann-3", "ann-2", "ann"]


def test_a_line_that_is_typed_knows_the_records(record, path):
    assert known_names(path) == []
    record(steps=5, called="ann")
    ((_, name, scenario),) = known_names(path)
    assert (name, scenario) == ("ann", "line-fit")


def test_where_files_cannot_be_locked_it_is_said_and_the_run_kept_in_memory(record, store, path, monkeypatch):
    def refuses(*_):
        raise OSError(errno.ENOLCK, "No locks available")

    record(steps=5)
    with closing(sqlite3.connect(path)) as other:
        other.execute("BEGIN IMMEDIATE")  # SQLite says the same of both
        monkeypatch.setattr(fcntl, "lockf", refuses)
        record(steps=5)
        other.execute("ROLLBACK")
    (notice,) = record.notices
    assert "files cannot be locked in its folder, which may be another machine's; they are kept in memory" in notice


def test_a_file_that_was_begun_where_nothing_could_be_written_is_no_store(store, path, monkeypatch):
    path.parent.mkdir(parents=True)
    path.touch()

    def refuses(*_):
        raise sqlite3.OperationalError("locking protocol")

    monkeypatch.setattr(store_file, "_prepare", refuses)
    assert store.runs() == []


def test_curves_of_an_earlier_version_are_read(record, store, path):
    record(steps=50)
    (run,) = store.runs()
    curves = store.curves(run)
    with closing(sqlite3.connect(path)) as database:
        (packed,) = database.execute("SELECT data FROM curves").fetchone()
        database.execute("UPDATE curves SET data = ?", (zlib.decompress(packed),))
        database.commit()
    assert store.curves(run).evaluations.tobytes() == curves.evaluations.tobytes()


def test_two_programs_that_go_on_with_the_same_record_do_not_mix(record, store, path):

    record(steps=50)
    (kept,) = store.runs()
    scenario = scenarios.load("line-fit")
    both = []
    for _ in range(2):
        runs, recorder = Runs(scenario.run()), Recording(path, "test", resumes=kept)()
        recorder.follow(scenario, runs.live)
        runs.advance(50)
        recorder.follow(scenario, runs.live)
        both.append((runs, recorder))
    (first, first_recorder), (second, second_recorder) = both
    first.advance(10)
    recorder_waits(first_recorder, scenario, first, lambda: store.find(kept.id).outcome.steps == 60)
    second.advance(20)
    recorder_waits(second_recorder, scenario, second, lambda: store.find(kept.id).outcome.steps == 70)
    first.advance(30)
    first_recorder.close(20)
    second_recorder.close(20)
    assert sorted((run.outcome.steps, run.parent) for run in store.runs()) == [(70, ""), (90, kept.id)]


def recorder_waits(recorder, scenario, runs, done):
    end = time.monotonic() + 30
    while not done():
        recorder.follow(scenario, runs.live)
        assert time.monotonic() < end
        time.sleep(0.02)
