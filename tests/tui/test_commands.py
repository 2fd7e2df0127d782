"""The one table of commands."""

from tui.app import Dashboard
from tui.commands import COMMANDS


def test_every_command_has_an_action_of_the_app():
    for command in COMMANDS:
        assert hasattr(Dashboard, "action_" + command.action.partition("(")[0]), command.id


def test_ids_and_keys_are_unique():
    keys = [key for command in COMMANDS for key in command.keys]
    assert len(set(keys)) == len(keys)
    assert len({command.id for command in COMMANDS}) == len(COMMANDS)


def test_the_footer_fits_eighty_columns():
    words = [f"{command.footer_keys or command.shown} {command.footer}" for command in COMMANDS if command.footer]
    assert len(" ".join(words)) <= 80


def test_the_keys_of_the_design_are_there():
    keys = {key for command in COMMANDS for key in command.keys}
    wanted = {"up", "down", "left", "right", "space", "s", "e", "plus", "minus", "r", "l", "p", "question_mark", "q"}
    assert wanted <= keys
