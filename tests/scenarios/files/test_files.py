"""Which files of others are read, and which are refused before anything can happen."""

import os
import pickle
import socket
import time

import msgspec
import pytest

import scenarios
from engine.serving.process import EngineProcess
from engine.serving.snapshot import EngineFailed
from scenarios import ScenarioError

CSV = "x,y\n" + "".join(f"{k},{2 * k % 7}.5\n" for k in range(40))
TOML = """
title = "Mine"
summary = "S"
briefing = "B"
[data]
kind = "csv"
path = "data.csv"
[objective]
kind = "least_squares"
[training]
learning_rate = 0.1
batch_size = 32
"""


def refusal(path, **options):
    with pytest.raises(ScenarioError) as caught:  # one that waited for a pipe's other end would wait for ever
        scenarios.load(str(path), **options)
    return str(caught.value)


@pytest.fixture
def folder(tmp_path):
    """A scenario's own folder, beside another one with the same data."""
    own = tmp_path / "own"
    (own / "sub").mkdir(parents=True)
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "data.csv").write_text(CSV)
    (own / "sub" / "data.csv").write_text(CSV)
    return own


def scenario(folder, path):
    file = folder / "mine.toml"
    file.write_text(TOML.replace("data.csv", str(path)))
    return file


@pytest.mark.parametrize("path", ["sub/data.csv", "./sub/../sub/data.csv", "../own/sub/data.csv", "~.csv", "link.csv"])
def test_data_of_the_scenarios_own_folder_is_read(folder, path):
    (folder / "~.csv").write_text(CSV)
    (folder / "link.csv").symlink_to("sub/data.csv")
    assert scenarios.load(str(scenario(folder, path))).run().advance(3) == 3


def outside(folder):
    (folder / "link.csv").symlink_to(folder.parent / "other" / "data.csv")
    (folder / "folder").symlink_to(folder.parent / "other")
    (folder / "chain.csv").symlink_to("folder/data.csv")
    return ["../other/data.csv", folder.parent / "other" / "data.csv", "link.csv", "folder/data.csv", "chain.csv"]


def test_data_elsewhere_is_read_only_where_that_is_allowed(folder, monkeypatch):
    monkeypatch.setenv("HOME", str(folder.parent))
    for path in [*outside(folder), "~/other/data.csv"]:
        file = scenario(folder, path)
        assert "`data.path`" in refusal(file)
        assert "--allow-outside" in refusal(file)
        allowed = scenarios.load(str(file), allow_outside=True)
        assert pickle.loads(pickle.dumps(allowed)).run().advance(3) == 3
        assert scenarios.read_again(allowed).run().advance(3) == 3


def test_the_folder_itself_may_be_reached_by_a_link(folder, monkeypatch):
    (folder.parent / "link").symlink_to(folder)
    scenario(folder, "sub/data.csv")
    assert scenarios.load(str(folder.parent / "link" / "mine.toml")).run().advance(3) == 3
    monkeypatch.chdir(folder)
    assert scenarios.load("mine.toml").run().advance(3) == 3


def lead_out(folder):
    (folder / "sub" / "data.csv").unlink()
    (folder / "sub" / "data.csv").symlink_to(folder.parent / "other" / "data.csv")


def test_what_has_become_a_link_that_leads_out_is_no_longer_read(folder):
    loaded = scenarios.load(str(scenario(folder, "sub/data.csv")))
    lead_out(folder)
    with pytest.raises(ScenarioError, match="must lie in the folder"):
        loaded.run()
    with pytest.raises(ScenarioError, match="must lie in the folder"):
        scenarios.read_again(loaded)


def test_the_engine_process_reads_nothing_from_elsewhere_either(folder):
    loaded = scenarios.load(str(scenario(folder, "sub/data.csv")))
    lead_out(folder)
    replies = []
    engine = EngineProcess(loaded, steps_per_second=None)
    try:
        engine.listen(replies.append)
        deadline = time.monotonic() + 30
        while not replies and time.monotonic() < deadline:
            time.sleep(0.01)
    finally:
        engine.close()
    assert isinstance(replies[0], EngineFailed)
    assert "must lie in the folder" in replies[0].reason


def test_a_description_that_was_made_otherwise_cannot_lead_out(folder):
    loaded = scenarios.load(str(scenario(folder, "sub/data.csv")))
    data = msgspec.structs.replace(loaded.file.data, path=str(folder.parent / "other" / "data.csv"))
    file = msgspec.structs.replace(loaded.file, data=data)
    with pytest.raises(ScenarioError, match="must lie in the folder"):
        scenarios.Scenario(loaded.id, file).run()


def make_socket(path):
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))


NO_FILES = {
    "directory": (lambda path: path.mkdir(), "it is a directory"),
    "pipe": (os.mkfifo, "it is no regular file, but a pipe"),
    "socket": (make_socket, "it is no regular file, but a socket"),
    "endless device": (lambda path: path.symlink_to("/dev/zero"), "it is no regular file, but a device"),
    "large": (lambda path: os.truncate(os.open(path, os.O_CREAT | os.O_WRONLY), 5_000_000_000), "5,000,000,000 bytes;"),
    "link to itself": (lambda path: path.symlink_to(path), "Too many levels of symbolic links"),
    "file of the system": (lambda path: path.symlink_to("/proc/kmsg"), ""),
}


@pytest.mark.parametrize("name", ["mine.toml", "mine.csv", "mine"])
@pytest.mark.parametrize(("make", "words"), NO_FILES.values(), ids=NO_FILES)
def test_what_is_no_file_is_refused_at_once(tmp_path, name, make, words, monkeypatch):
    monkeypatch.chdir(tmp_path)  # the path of a socket must be short
    make(type(tmp_path)(name))
    assert words in refusal(name) or name == "mine"


@pytest.mark.parametrize(("make", "words"), NO_FILES.values(), ids=NO_FILES)
def test_data_that_is_no_file_is_refused_at_once(tmp_path, make, words, monkeypatch):
    monkeypatch.chdir(tmp_path)
    make(type(tmp_path)("data.csv"))
    scenario(tmp_path, "data.csv")
    assert words in refusal("mine.toml", allow_outside=True)


@pytest.mark.parametrize(
    "name", ["x" * 5000 + ".toml", "x" * 5000 + ".csv", "y/" * 3000 + "z.csv", "a\0.toml", "\udcff.csv"]
)
def test_a_refusal_repeats_no_endless_name(name):
    assert len(refusal(name)) < 200
