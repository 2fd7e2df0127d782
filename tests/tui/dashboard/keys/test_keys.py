"""The user's own keys: read and refused in words, and at work on the screen."""

import json
import os
import runpy
import sys
from pathlib import Path

import pytest

import scenarios
from engine.serving.process import LocalEngine
from engine.training.knobs import KNOBS
from tests.tui.dashboards import until
from tui.cli.command_line import main
from tui.dashboard import commands
from tui.dashboard.app import Dashboard
from tui.dashboard.commands import COMMANDS, GROUPS, knob_commands
from tui.dashboard.keys.key_file import read
from tui.dashboard.keys.keymap import DEFAULT, Keymap, shown
from tui.dashboard.session import Session
from tui.home import paths
from tui.words.usage_error import UsageError

DOCS = Path(__file__).parents[4] / "docs"


@pytest.fixture
def keys_file(tmp_path, monkeypatch):
    """keys.toml in a folder of its own."""
    path = tmp_path / "keys.toml"
    monkeypatch.setattr(paths, "keys_file", lambda: path)
    return path


def test_no_command_takes_the_place_of_another():
    ids = [command.id for group in GROUPS.values() for command in group]
    assert sorted(ids) == sorted(set(ids))


@pytest.mark.parametrize(
    ("lines", "command", "keys"),
    [
        ('pause = "f5"', "pause", ("f5",)),
        ('pause = ["f5", "P", "F"]', "pause", ("f5", "P", "F")),
        ('pause = ";"', "pause", ("semicolon",)),
        ('pause = "@"', "pause", ("at",)),
        ('pause = "ctrl+m"\nentry = "f2"', "pause", ("enter",)),
        ('pause = "alt+x"', "pause", ("alt+x",)),
        ('pause = "shift+f5"', "pause", ("shift+f5",)),
        ('pause = "s"\nstep = "space"', "step", ("space",)),
        ('pause = "é"', "pause", ("é",)),
        ("", "pause", ("space",)),
    ],
)
def test_keys_that_are_understood(keys_file, lines, command, keys):
    free = 'scenarios = "f9"\n'  # so that P and the like are free
    keys_file.write_text(f"[keys]\n{free}{lines}", encoding="utf-8")
    if len(keys) == 3:  # letters that other commands may have by now
        taken = [c for c in COMMANDS.values() if {"P", "F"} & set(c.keys)]
        extra = "\n".join(f'{c.id} = "f{10 + i}"' for i, c in enumerate(taken))
        keys_file.write_text(f"[keys]\n{free}{lines}\n{extra}", encoding="utf-8")
    assert read(keys_file).keys(command) == keys


def test_without_a_file_or_with_an_empty_one_the_keys_are_the_tables(keys_file):
    assert read(keys_file).changed == {}
    keys_file.write_text("")
    assert read(keys_file).keys("quit") == COMMANDS["quit"].keys


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ('[keys]\npaus = "x"', ["keys.paus", "no such command", "did you mean pause?"]),
        ('[keys]\nqwertz = "x"', ["keys.qwertz", "no such command", "descend keys"]),
        ('[keys]\npause = "s"', ["keys.pause", "the key s belongs to step (one step)", "give step another key"]),
        ('[keys]\npause = "f5"\nstep = "f5"', ["keys.step", "f5 belongs to pause", "give that one another"]),
        ('[keys]\nnext-racer = "f7"\npause = "ctrl+i"\nstep = "tab"', ["keys.step", "tab belongs to pause"]),
        ('[keys]\npause = "ctrl+p"', ["keys.pause", "ctrl+p", "command palette"]),
        ('[keys]\npause = "Space"', ["keys.pause", "no key 'Space'", "did you mean space"]),
        ('[keys]\npause = "shift+a"', ["keys.pause", "'shift+a'", 'written "A"']),
        ('[keys]\npause = "ctrl+alt+del"', ["keys.pause", "no key 'ctrl+alt+del'"]),
        ('[keys]\npause = "up,down"', ["keys.pause", "no key 'up,down'"]),
        ('[keys]\npause = ""', ["keys.pause", "no key ''"]),
        ("[keys]\npause = []", ["keys.pause", "must be a key", "[]"]),
        ("[keys]\npause = 5", ["keys.pause", "must be a key", "5"]),
        ("[keys]\npause = [5]", ["keys.pause", "must be a key"]),
        ("keys = 5", ["keys must be a table", "5"]),
        ('pause = "x"', ["'pause' is not understood", "[keys]"]),
        ('[keys]\npause = "x', ["not valid TOML", "end of document"]),
        (b"\xff\xfe", ["line 1 is not UTF-8"]),
        ('[keys]\npause = "ä"'.encode("latin-1"), ["line 2 is not UTF-8 text (byte 0xe4)"]),
        ("[keys]".encode("utf-16"), ["line 1 is not UTF-8"]),
        (f"pause = {'[' * 50_000}", ["not valid TOML: nested too deeply"]),
        (f"{'a.' * 40_000}a = 1", ["nested too deeply: a key of more than 50 parts (at line 1)"]),
        (f"[keys]\n[{'.'.join(['keys'] * 10_000)}]", ["nested too deeply: a key of more than 50 parts (at line 2)"]),
        (f"[keys]\npause = {'9' * 5000}", ["not valid TOML: Exceeds the limit"]),
        (f"[keys]\npause = 0x{'f' * 50_000}", ["keys.pause", "must be a key", "not a number of thousands of digits"]),
        (f"[keys]\npause = {'[' * 60}{']' * 60}", ["keys.pause", "must be a key"]),
        (f"[keys]\npause = '{'x' * 50_000}'", ["keys.pause", "no key 'xxxx", "…"]),
        (f"[keys]\n{'x' * 50_000} = 1", ["keys.'xxxx", "…: there is no such command"]),
        (f"{'x' * 50_000} = 1", ["'xxxx", "… is not understood"]),
        (f"keys = '{'x' * 50_000}'", ["keys must be a table, [keys], not 'xxxx"]),
        (f"[keys]\npause = '{'ctrl+' * 10_000}x'", ["keys.pause", "no key 'ctrl+ctrl"]),
        ("#" * 100_001, ["has 100,001 bytes; at most 100,000 are read"]),
    ],
)
def test_what_is_wrong_is_said_before_anything_starts(keys_file, content, words, capsys, monkeypatch):
    keys_file.write_bytes(content if isinstance(content, bytes) else content.encode())
    for stream in ("stdin", "stdout", "stderr"):
        monkeypatch.setattr(getattr(sys, stream), "isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setitem(sys.modules, "tui.dashboard.start", None)  # to start it would be an ImportError
    for arguments in (["line-fit"], ["keys"]):
        assert main(arguments) == 2
        message = capsys.readouterr().err
        assert message.startswith(f"descend: error: {keys_file}: ")
        for word in words:
            assert word in message
        assert len(message) < len(str(keys_file)) + 250


def test_a_byte_order_mark_is_no_matter(keys_file):
    keys_file.write_bytes(b'\xef\xbb\xbf[keys]\npause = "f5"')
    assert read(keys_file).keys("pause") == ("f5",)


def test_a_pipe_is_not_waited_for(keys_file):
    os.mkfifo(keys_file)
    with pytest.raises(UsageError, match=r"keys\.toml: cannot be read: it is no regular file, but a pipe"):
        read(keys_file)


def test_the_keys_are_listed_although_the_file_is_refused(keys_file, capsys):
    keys_file.write_text('[keys]\nqwertz = "x"')
    assert main(["keys"]) == 2
    assert "pause\tspace\tPause" in capsys.readouterr().out


def test_a_file_that_cannot_be_read(keys_file):
    keys_file.mkdir()
    with pytest.raises(UsageError, match=r"keys\.toml: cannot be read: it is a directory; name a file of keys"):
        read(keys_file)
    keys_file.rmdir()
    keys_file.write_text("")
    keys_file.chmod(0)
    if os.geteuid():
        with pytest.raises(UsageError, match="Permission denied"):
            read(keys_file)


def test_a_link_to_nowhere_is_no_file(keys_file):
    keys_file.symlink_to(keys_file.parent / "gone.toml")
    assert read(keys_file).changed == {}


def test_the_list_of_keys(keys_file, capsys):
    assert main(["keys", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)
    assert listed["file"] == str(keys_file)
    assert not listed["exists"]
    assert [command["id"] for command in listed["commands"]] == list(COMMANDS)
    keys_file.write_text('[keys]\npause = ["f5", "?"]\nhelp = "f1"')
    assert main(["keys"]) == 0
    rows = [line.split("\t") for line in capsys.readouterr().out.splitlines()]
    assert ["pause", "f5 ?", "Pause, or train on"] in rows
    assert ["help", "f1", "Help"] in rows
    assert ["step", "s", "One step"] in rows


def test_keys_as_people_call_them():
    assert [shown(key) for key in ("up", "shift+down", "question_mark", "left_square_bracket", "f5", "enter")] == [
        "↑", "shift+↓", "?", "[", "f5", "enter"
    ]  # fmt: skip


async def test_the_users_keys_work_and_are_what_the_screen_names():
    scenario = scenarios.load("line-fit")
    keys = Keymap({"pause": ("s",), "step": ("f5", "space"), "help": ("f1",), "learning-rate-up": ("home",)})
    app = Dashboard(Session(scenario, LocalEngine(scenario), LocalEngine), keymap=keys)
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: app.session.snapshot is not None)
        await pilot.press("s")
        await until(pilot, lambda: not app.session.snapshot.running)
        for key in ("space", "f5"):
            step = app.session.snapshot.step
            await pilot.press(key)
            await until(pilot, lambda step=step: app.session.snapshot.step == step + 1)
        await pilot.press("home", "up")
        await until(pilot, lambda: app.session.snapshot.learning_rate == 0.1)
        assert "s train f5 step" in str(app.training.key_line.render())
        assert "Paused: s trains on, f5 steps" in str(app.training.controls.picture)
        assert "learning rate  home ↓" in str(app.training.controls.picture)
        assert any("(f1)" in command.title for command in app.get_system_commands(app.screen))
        await pilot.press("question_mark")
        assert app.screen is app.training
        await pilot.press("f1")
        await until(pilot, lambda: app.screen is not app.training)
        await pilot.press("f1")
        await until(pilot, lambda: app.screen is app.training)


def test_hints_name_no_command_that_there_is_not():
    assert DEFAULT.shown("no-such-command") == ""


def test_the_page_about_keys_is_that_of_the_table():
    page = runpy.run_path(str(DOCS / "keys.py"))["page"]()
    assert (DOCS / "keys.md").read_text(encoding="utf-8") == page, "write it again: python docs/keys.py"


def test_a_knob_with_a_ladder_has_commands_without_a_key_too(monkeypatch):
    """Only the user's file gives them keys: each is a binding with its id, on a key that no terminal sends."""
    up, down = knob_commands._on_ladder(KNOBS["momentum"]._replace(name="some_knob"))
    assert (up.id, up.keys, up.title, down.id) == ("some-knob-up", (), "More some knob", "some-knob-down")
    monkeypatch.setattr(commands, "COMMANDS", {up.id: up, down.id: down})
    assert [(it.key, it.id, it.show) for it in commands.bindings()] == [
        ("no_key", "some-knob-up", False),
        ("no_key", "some-knob-down", False),
    ]
