"""What stands on the command line, and how a slip of the fingers is answered."""

import pytest

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
