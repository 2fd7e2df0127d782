import pytest

from tests.tui.terminal import Terminal, descend


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
