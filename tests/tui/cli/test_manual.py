"""The manual page: it has every option, and roff can set it."""

import shutil
import subprocess

import pytest

from tui.cli.arguments import COMMANDS, parser_for
from tui.cli.command_line import main
from tui.cli.manual import manual


def test_every_command_and_option_is_in_it():
    page = manual().replace("\\-", "-")
    for command in ("", *COMMANDS):
        assert f".SH DESCEND {command.upper()}" in page or not command
        for action in parser_for(command)._actions:
            for option in action.option_strings:
                assert option in page
    assert "cosine:steps=N" in page
    assert manual().isascii()


def test_it_is_printed(capsys):
    assert main(["--print-manual"]) == 0
    assert capsys.readouterr().out == manual() + "\n"


@pytest.mark.skipif(shutil.which("groff") is None, reason="there is no groff here")
def test_roff_sets_it_without_a_warning():
    done = subprocess.run(["groff", "-man", "-Tutf8", "-ww", "-z"], input=manual(), capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
