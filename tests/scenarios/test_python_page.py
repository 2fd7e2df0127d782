"""The page on Python: its examples run and print what it says."""

import doctest
from pathlib import Path

import pytest

import scenarios
from engine.runs.run_set import Live
from scenarios.records.writing.recording_wish import Recording

PAGE = Path(__file__).parents[2] / "docs" / "python.md"


def record(path):
    """A training of the line fit in the store at `path`."""
    scenario = scenarios.load("line-fit")
    run, recorder = scenario.run(), Recording(path, "a test")()
    live = [Live(run, 1)]
    recorder.follow(scenario, live)
    run.advance(60)
    recorder.follow(scenario, live)
    recorder.close(60.0)


def test_the_examples_of_the_page_are_true(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("tui.home.paths.records_file", lambda: tmp_path / "runs.sqlite")
    record(tmp_path / "runs.sqlite")
    text = PAGE.read_text(encoding="utf-8").replace("```\n", "\n")
    flags = doctest.NORMALIZE_WHITESPACE
    test = doctest.DocTestParser().get_doctest(text, {}, PAGE.name, str(PAGE), 0)
    runner = doctest.DocTestRunner(optionflags=flags)
    said = []
    runner.run(test, out=said.append)
    assert len(test.examples) > 25
    assert said == []


def test_the_examples_of_the_package_are_true():
    failed, tried = doctest.testmod(scenarios)
    assert (failed, tried > 3) == (0, True)


@pytest.mark.parametrize(
    "name", ["run", "step", "loss", "validation_loss", "history", "blew_up_at", "checkpoint", "restore"]
)
def test_what_the_page_lists_is_there(name):
    assert hasattr(scenarios.load("line-fit").trainer(), name)
    assert f"`{name}" in PAGE.read_text(encoding="utf-8")
