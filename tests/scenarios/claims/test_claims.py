"""All that the presets say is in the table and true: here with two seeds, in tests/benchmarks/claims.py with 20."""

import re

import pytest

import scenarios
from tests.scenarios.claims.every_line import SAID
from tests.scenarios.claims.said import outcome
from tui.dashboard.commands import COMMANDS

EACH = pytest.mark.parametrize("name", scenarios.preset_names())
_SEEDS = range(2)
_NAMED_KEY = re.compile(r"\*\*([^*]+)\*\*")


def text(name):
    """All that a preset says to its reader, with single spaces."""
    file = scenarios.load(name).file
    return " ".join(f"{file.title} {file.summary} {file.briefing} {file.reference.source}".split())


@EACH
def test_every_word_of_a_preset_is_in_the_table(name):
    assert " ".join(line.words for line in SAID[name]) == text(name)


@EACH
def test_every_line_is_measured_or_says_why_not(name):
    assert [line.words for line in SAID[name] if bool(line.measures) == bool(line.why)] == []


@EACH
def test_what_is_not_measured_holds_no_number(name):
    # Questions may: they are the goal's and the knobs'.
    told = [line.words for line in SAID[name] if line.why and "asks" not in line.why]
    assert [words for words in told if re.search(r"\d", words)] == []


@EACH
def test_the_keys_that_a_briefing_names_give_what_it_says(name):
    keys = [pair for line in SAID[name] for pair in line.keys]
    assert [(key, COMMANDS[command].shown) for key, command in keys] == [(key, key) for key, _ in keys]
    known = {command.shown for command in COMMANDS.values()}
    _, _, advice = scenarios.load(name).file.briefing.partition("\n- ")  # before it, names of weights are bold
    named = {key for part in _NAMED_KEY.findall(advice) for key in part.split()}
    assert named & known <= {key for key, _ in keys}


@EACH
def test_what_a_preset_says_is_true(name):
    measures = [measure for line in SAID[name] for measure in line.measures if not measure.slow]
    assert [str(result) for measure in measures if not (result := outcome(measure, _SEEDS)).holds] == []
