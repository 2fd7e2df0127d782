"""Files that may not even be looked for are no fault of the program."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tui.home.paths import is_there
from tui.home.progress import Progress
from tui.home.progress_contents import Best

ROOT = Path(__file__).parents[3]
NO_SUCH_NAME = "n" * 300
needs_setpriv = pytest.mark.skipif(not shutil.which("setpriv"), reason="setpriv takes the rights of root away")


@pytest.fixture
def locked(tmp_path):
    """A folder that nobody may look into, but root."""
    folder = tmp_path / "locked"
    folder.mkdir()
    folder.chmod(0)
    yield folder
    folder.chmod(0o700)


def as_anyone(*arguments, **environment):
    """`descend` without the rights of root, if that is who runs the tests."""
    drop = ["setpriv", "--inh-caps=-all", "--bounding-set=-all"] if os.geteuid() == 0 else []
    return subprocess.run(
        [*drop, sys.executable, "-m", "tui", *arguments],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, **environment},
    )


def test_what_cannot_be_there_is_not_there(tmp_path):
    assert is_there(tmp_path)
    assert not is_there(tmp_path / NO_SUCH_NAME)
    assert not is_there(tmp_path / "zero\0byte")


def test_progress_in_a_folder_that_cannot_be(tmp_path):
    progress = Progress(tmp_path / NO_SUCH_NAME / "progress.sqlite")
    assert progress.all() == {}
    assert not progress.record("line-fit", "steps", Best(1, 1.0))
    assert progress.all() == {"line-fit": Best(1, 1.0)}
    (notice,) = progress.notices
    assert "File name too long" in notice
    assert len(notice) < 200
    progress._unkept = {}
    progress.close()


@needs_setpriv
@pytest.mark.parametrize(
    "command",
    [["train", "line-fit", "--steps", "3", "--csv"], ["export", "line-fit", "--to=csv", "--steps", "3", "--output"]],
)
def test_output_into_a_folder_that_cannot_be_looked_into(command, locked):
    ended = as_anyone(*command, str(locked / "steps.csv"))
    assert ended.returncode == 2
    assert ended.stderr == f"descend: error: {command[-1]} {locked}/steps.csv: cannot be written: Permission denied\n"


@needs_setpriv
def test_keys_in_a_folder_that_cannot_be_looked_into(locked):
    ended = as_anyone("keys", "--json", XDG_CONFIG_HOME=str(locked))
    assert ended.stderr == ""
    assert json.loads(ended.stdout)["exists"] is False
