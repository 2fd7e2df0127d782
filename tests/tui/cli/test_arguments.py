"""What stands on the command line, and how a slip of the fingers is answered."""

import pytest

from scenarios import preset_names
from tui.cli.arguments import parse
from tui.words.usage_error import UsageError


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["trian", "line-fit"], ["no command 'trian'", "`descend train`"]),
        (["exprot", "line-fit", "--to", "csv"], ["no command 'exprot'", "`descend export`"]),
        (["line-fit", "moons"], ["'moons' is not understood here"]),
        (["train", "line-fit", "--stesp", "3"], ["--stesp", "did you mean --steps?"]),
    ],
)
def test_a_misspelt_word_is_named(arguments, words):
    with pytest.raises(UsageError) as refusal:
        parse(arguments)
    for word in words:
        assert word in str(refusal.value)


def test_a_scenario_may_be_called_like_a_misspelt_command():
    assert parse(["trian"]).scenario == "trian"


DASHBOARD_OPTIONS = (["--theme", "light"], ["--ascii"], ["--target", "price"], ["--colors", "256", "--ascii"])


@pytest.mark.parametrize("options", DASHBOARD_OPTIONS, ids=" ".join)
@pytest.mark.parametrize("name", [*preset_names(), "train.csv", "exports.csv", "keys.toml", "./train", "trian"])
def test_whatever_a_scenario_is_called_options_may_stand_before_and_behind_it(name, options):
    for arguments in ([name, *options], [*options, name]):
        parsed = parse(arguments)
        assert (parsed.command, parsed.scenario) == ("dashboard", name)


@pytest.mark.parametrize("option", ["--paused", "--speed=3"])
def test_an_option_of_the_dashboard_is_named_as_one(option):
    with pytest.raises(UsageError, match=rf"'{option}' is not understood here; it is an option of `descend`"):
        parse(["train", "line-fit", option])


def test_a_preset_is_no_misspelt_command_when_something_else_is_wrong():
    with pytest.raises(UsageError, match="'--csv' is not understood here; it is an option of `descend train`"):
        parse(["ravine", "--csv", "5"])
    with pytest.raises(UsageError, match=r"no command 'trian'; did you mean `descend train`\?"):
        parse(["trian", "line-fit", "--csv", "5"])


@pytest.mark.parametrize("text", ["lr=0.3", "learning_rate=0.3", "learning rate=0.3", "learning-rate=0.3"])
def test_a_knob_is_called_in_at_as_in_the_prompt(text):
    (change,) = parse(["train", "line-fit", "--at", "5", text]).at
    assert (change.step, change.knob, change.value) == (5, "learning_rate", 0.3)


@pytest.mark.parametrize(("option", "value"), [("--lr", "0.3"), ("--learning-rate", "0.3")])
def test_the_learning_rate_has_its_short_name_as_an_option_too(option, value):
    assert parse(["train", "line-fit", option, value]).learning_rate == 0.3
