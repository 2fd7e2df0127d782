"""Options that name a file to write: what cannot be one is refused at once, and nothing is written."""

import pytest

from tui.cli.command_line import main

OPTIONS = {
    "--csv": ["train", "line-fit", "--steps", "1", "--csv"],
    "--output": ["export", "line-fit", "--to", "csv", "--steps", "1", "--output"],
    "--new": ["scenarios", "--new"],
}
NAMES = {
    "empty": "",
    "blank": " ",
    "root": "/",
    "here": ".",
    "above": "..",
    "a folder": "folder/",
    "a path here": "./.",
    "a zero byte": "a\0b",
    "long": "x" * 256,
    "endless": "x" * 100_000,
    "deep": "y/" * 3000 + "x",
    "in no folder": "none/mine",
    "no text": "\udcff\ud800",
    "long in a folder": "folder/" + "é" * 128,
}


@pytest.mark.parametrize("option", OPTIONS)
@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
def test_what_cannot_be_a_file_is_refused(option, name, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()
    assert main([*OPTIONS[option], name]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(f"descend: error: {option} ")
    assert "cannot be written" in err
    assert len(err) < 250
    assert [path.name for path in tmp_path.rglob("*")] == ["folder"]


@pytest.mark.parametrize("option", ["--csv", "--output"])
def test_a_folder_is_no_file(option, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()
    assert main([*OPTIONS[option], "folder"]) == 2
    assert f"{option} folder: cannot be written: Is a directory; name a file" in capsys.readouterr().err


@pytest.mark.parametrize(("option", "written"), [("--csv", "a b"), ("--output", "folder/é"), ("--new", "folder/x")])
def test_what_can_be_a_file_is_written(option, written, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()
    assert main([*OPTIONS[option], written]) == 0
    assert (tmp_path / (written + ".toml" * (option == "--new"))).is_file()
