"""Files of the current folder are not run, and other packages of our names are not taken for ours."""

import os
import subprocess
import sys

import pytest

from tests.tui.real_terminal import ROOT

ENTRY = ROOT / "tui" / "entry" / "descend.py"

# Not contextlib, functools, types and their like, which Python itself imports for -m.
SHADOWS = [
    "signal",
    "socket",
    "select",
    "struct",
    "pickle",
    "multiprocessing",
    "subprocess",
    "threading",
    "enum",
    "typing",
    "re",
    "json",
    "argparse",
    "tomllib",
    "selectors",
    "asyncio",
    "queue",
    "random",
    "logging",
    "numpy",
    "msgspec",
    "rich",
    "textual",
    "platformdirs",
    "engine",
    "scenarios",
]


def run(folder, *command, path=""):
    return subprocess.run(
        [sys.executable, *command, "train", "line-fit", "--steps", "5", "--json"],
        capture_output=True,
        text=True,
        timeout=60,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": path},
    )


@pytest.fixture
def hostile(tmp_path):
    folder = tmp_path / "hostile"
    folder.mkdir()
    for name in SHADOWS:
        (folder / f"{name}.py").write_text(f"import os; os.close(os.open({str(tmp_path / 'ran')!r}, os.O_CREAT))")
    yield folder
    assert not (tmp_path / "ran").exists()


@pytest.fixture
def namesakes(tmp_path):
    for name in ("engine", "scenarios", "tui"):
        folder = tmp_path / "namesakes" / name
        folder.mkdir(parents=True)
        (folder / "__init__.py").write_text("raise SystemExit('another package')")
    return tmp_path / "namesakes"


@pytest.mark.parametrize("command", [("-m", "tui"), ("-m", "descend"), (str(ENTRY),)], ids=str)
def test_files_of_the_current_folder_are_not_run(hostile, command):
    done = run(hostile, *command)
    assert (done.returncode, done.stderr) == (0, "")


def test_an_empty_entry_in_pythonpath_is_the_current_folder_as_well(hostile):
    done = run(hostile, "-m", "tui", path=os.pathsep)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("path", ["{namesakes}", "{root}{sep}{namesakes}", "{namesakes}{sep}{root}"])
def test_packages_of_the_same_names_stand_behind_ours(namesakes, tmp_path, path):
    path = path.format(namesakes=namesakes, root=ROOT, sep=os.pathsep)
    done = run(tmp_path, str(ENTRY), path=path)
    assert (done.returncode, done.stderr) == (0, "")


def test_in_the_engine_s_process_too(terminal, hostile, namesakes):
    command = [sys.executable, str(ENTRY), "line-fit"]
    path = os.pathsep.join(["", str(namesakes)])
    dashboard = terminal(command=command, folder=hostile, environment={"PYTHONPATH": path}).begin()
    dashboard.press(b"q")
    assert dashboard.wait() == 0


def test_a_library_that_is_not_there_is_named(tmp_path):
    (tmp_path / "msgspec.py").write_text("")
    done = run(tmp_path, str(ENTRY), path=str(tmp_path))
    assert done.returncode == 0  # the current folder

    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    done = run(elsewhere, str(ENTRY), path=str(tmp_path))
    assert done.returncode == 2
    assert done.stderr.startswith("descend: error: cannot import name")
    assert str(tmp_path / "msgspec.py") in done.stderr
    assert done.stderr.count("\n") == 1
