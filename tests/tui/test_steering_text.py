"""No text from outside steers the terminal, whatever way it comes in and wherever it goes out."""

import contextlib

import pytest

from tests.tui import steering_text
from tui.cli.loading import reading_bar


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A folder to be in; files are beside it."""
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


@pytest.mark.parametrize("way_out", steering_text.COMMANDS)
def test_what_is_trained_steers_no_terminal(way_out, here, tmp_path):
    for name, entrance in steering_text.trained(tmp_path).items():
        text = steering_text.COMMANDS[way_out](entrance, here)
        assert text, name
        assert not steering_text.raw(text), (name, text)


def test_what_is_refused_steers_no_terminal(here, tmp_path):
    for name, entrance in steering_text.refused(tmp_path).items():
        for way_out in steering_text.REFUSALS.values():
            text = way_out(entrance, here)
            assert "descend: error: " in text, (name, text)
            assert not steering_text.raw(text), (name, text)


def test_the_bar_of_a_large_file_steers_no_terminal(monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    stream = steering_text.Claims(terminal=True)
    with contextlib.redirect_stderr(stream), reading_bar(f"cars{steering_text.EVIL}[b] {{0}}.csv") as show:
        show(0.5)
    assert "Reading cars" in stream.getvalue()
    assert "[b] {0}" in stream.getvalue()
    assert not steering_text.raw(stream.getvalue())


OTHERS = [pytest.param(name, marks=pytest.mark.thorough) for name in ("columns", "Markdown")]


@pytest.mark.parametrize("name", ["columns and Markdown", *OTHERS])
def test_the_dashboard_passes_nothing_on(name, here, tmp_path):
    text = steering_text.dashboard(steering_text.trained(tmp_path)[name], here)
    assert not steering_text.raw(text)
