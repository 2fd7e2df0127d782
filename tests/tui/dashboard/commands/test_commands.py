"""The one table of commands."""

from tui.dashboard.commands import COMMANDS, GROUPS


def test_ids_and_keys_are_unique():
    keys = [key for command in COMMANDS.values() for key in command.keys]
    assert len(set(keys)) == len(keys)
    assert len(COMMANDS) == sum(map(len, GROUPS.values()))


def test_the_keys_of_the_design_are_there():
    keys = {key for command in COMMANDS.values() for key in command.keys}
    wanted = {"up", "down", "left", "right", "space", "s", "e", "plus", "minus", "r", "l", "p", "question_mark", "q"}
    assert wanted <= keys
