"""What the tests of the screen share."""

import os
from pathlib import Path

import pytest
import textual.app
import textual.pilot

from tests.tui.dashboards import settled
from tests.tui.real_terminal import Terminal, descend
from tui.dashboard.recovery.faults import default_folder

textual.app.wait_for_idle = textual.pilot.wait_for_idle = settled
GOLDENS = Path(__file__).parent / "goldens"


@pytest.fixture
def golden():
    """Compare a text with the file of that name in goldens/; DESCEND_GOLDENS=write takes the texts as they are."""

    def compare(name, text):
        path = GOLDENS / f"{name}.txt"
        if os.environ.get("DESCEND_GOLDENS") == "write":
            path.parent.mkdir(exist_ok=True)
            path.write_text(text + "\n", encoding="utf-8")
        assert text + "\n" == path.read_text(encoding="utf-8"), f"\n{text}"

    return compare


@pytest.fixture
def terminal():
    """Opens the program on a terminal, any number of times."""
    opened = []

    def open_terminal(*arguments, command=None, **options):
        opened.append(Terminal(command or descend(*arguments), **options))
        return opened[-1]

    yield open_terminal
    for one in opened:
        one.close()


@pytest.fixture(autouse=True)
def _nothing_of_the_users(monkeypatch, tmp_path_factory):
    """Neither reads nor writes what the user of this machine has achieved and configured."""
    for kind in ("STATE", "CONFIG", "DATA"):
        monkeypatch.setenv(f"XDG_{kind}_HOME", str(tmp_path_factory.mktemp(kind.lower())))


@pytest.fixture(autouse=True)
def _no_faults(request, _nothing_of_the_users):
    """A dashboard goes on after an error of its own: a test does not, unless it is about that."""
    yield
    folder = default_folder()
    kept = sorted(folder.glob("*.txt")) if folder.exists() else []
    assert not kept or request.node.get_closest_marker("faults"), kept[0].read_text()
