"""Files are whole or not there at all, whatever happens while they are written."""

import errno
import os
import resource
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.tui.real_terminal import ROOT
from tui.home.whole_files import whole_files

LIMIT = 3000  # bytes: as of a disk that is full, without one

# On a disk that takes so many bytes a file: (arguments, the option that the refusal names, the files that it may name).
COMMANDS = {
    "train --csv": (["train", "line-fit", "--steps", "2000", "--csv", "x.csv"], "--csv x.csv"),
    "export csv": (["export", "line-fit", "--steps", "2000", "--to", "csv", "--output", "x.csv"], "--output x.csv"),
    "export pytorch": (["export", "moons", "--steps", "9", "--to", "pytorch", "--output", "x.py"], "--output x.py"),
    "export keras": (["export", "moons", "--steps", "9", "--to", "keras", "--output", "x.py"], "--output x.py"),
    "new": (["scenarios", "--new", "x"], "--new x.toml"),
}


def write(path, content=b"new", **options):
    with whole_files(path, **options) as (file,):
        file.write(content)


def fail(path, **options):
    with whole_files(path, **options) as (file,):
        file.write(b"half")
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def descend_on_a_full_disk(*arguments, folder, limit=LIMIT):
    """Run the command where no file can be larger than the limit."""

    def full():
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    command = [sys.executable, "-m", "tui", *arguments]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    return subprocess.run(
        command, cwd=folder, env=environment, preexec_fn=full, capture_output=True, text=True, timeout=120
    )


@pytest.mark.parametrize("existing", [True, False], ids=["over an existing file", "new"])
@pytest.mark.parametrize("name", COMMANDS)
def test_on_a_full_disk_the_old_file_stays_and_nothing_half_is_left(name, existing, tmp_path):
    arguments, named = COMMANDS[name]
    limit = 500 if name == "new" else LIMIT
    path = tmp_path / named.split()[1]
    if existing:
        path.write_text("precious")
    done = descend_on_a_full_disk(*arguments, "--force", folder=tmp_path, limit=limit)
    assert done.returncode == 2
    assert f"{named}: cannot be written: File too large" in done.stderr
    assert "Traceback" not in done.stderr
    assert [one.name for one in tmp_path.iterdir()] == ([path.name] if existing else [])
    assert not existing or path.read_text() == "precious"


def test_a_script_and_its_arrays_are_both_there_or_neither(tmp_path):
    old = {"x.py": b"old script", "x.py.npz": b"old arrays"}
    for name, content in old.items():
        (tmp_path / name).write_bytes(content)
    arguments = ["export", "digits", "--steps", "3", "--to", "pytorch", "--output", "x.py", "--force"]
    imports = "import sys, tui.export.script as script; from tui.cli.command_line import main"
    code = f"{imports}; script.MOST_TEXT = 1000; sys.exit(main(sys.argv[1:]))"
    environment = os.environ | {"PYTHONPATH": str(ROOT)}

    def run(limit):
        return subprocess.run(
            [sys.executable, "-c", code, *arguments],
            cwd=tmp_path,
            env=environment,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),
            capture_output=True,
            text=True,
            timeout=120,
        )

    done = run(10_000)  # enough for the script, not for the arrays
    assert "--output x.py.npz: cannot be written: File too large" in done.stderr
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == old
    assert run(50_000_000).returncode == 0
    assert {path.name for path in tmp_path.iterdir()} == set(old)
    assert all((tmp_path / name).read_bytes() != content for name, content in old.items())


@pytest.mark.parametrize(
    "arguments",
    [
        ["train", "line-fit", "--steps", "5", "--csv", "x.csv"],
        ["export", "line-fit", "--steps", "5", "--to", "csv", "--output", "x.csv"],
        ["export", "line-fit", "--steps", "5", "--to", "keras", "--output", "x.csv"],
        ["scenarios", "--new", "x.csv"],
    ],
    ids=" ".join,
)
def test_an_existing_file_gives_way_to_force_only(arguments, tmp_path, monkeypatch, capsys):
    from tui.cli.command_line import main

    monkeypatch.chdir(tmp_path)
    path = tmp_path / ("x.csv.toml" if "--new" in arguments else "x.csv")
    path.write_text("precious")
    assert main(arguments) == 2
    assert f"{path.name} exists already; name another file, or replace it with --force" in capsys.readouterr().err
    assert path.read_text() == "precious"
    assert main([*arguments, "--force"]) == 0
    assert "precious" not in path.read_text()
    assert [one.name for one in tmp_path.iterdir()] == [path.name]


def test_force_replaces_no_source(tmp_path, monkeypatch, capsys):
    from tui.cli.command_line import main

    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.csv").write_text("x,y\n1,2\n2,4.5\n3,6\n")
    assert main(["export", "mine.csv", "--steps", "3", "--to", "csv", "--force"]) == 2
    assert "mine.csv: is the scenario's own file" in capsys.readouterr().err


OTHERS = [pytest.param(signal.SIGHUP, marks=pytest.mark.thorough)]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, *OTHERS])
def test_an_interrupted_training_leaves_a_whole_csv(number, tmp_path):
    code = "import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler); import tui.cli.command_line"
    command = ["train", "line-fit", "--steps", "1000000000", "--csv", str(tmp_path / "steps.csv")]
    process = subprocess.Popen(
        [sys.executable, "-c", f"{code}; sys.exit(tui.cli.command_line.main({command!r}))"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    try:
        while sum(part.stat().st_size for part in tmp_path.iterdir()) < 10_000:
            assert process.poll() is None
            time.sleep(0.01)
        process.send_signal(number)
        _, err = process.communicate(timeout=60)
    finally:
        process.kill()
    assert process.returncode == 128 + number
    assert err.startswith("descend: interrupted after ")
    assert [path.name for path in tmp_path.iterdir()] == ["steps.csv"]
    lines = (tmp_path / "steps.csv").read_text().splitlines()
    assert len({line.count(",") for line in lines}) == 1
    assert int(lines[-1].split(",")[1]) == len(lines) - 2


@pytest.mark.parametrize("ending", [KeyboardInterrupt, SystemExit])
def test_what_is_interrupted_in_a_row_ends_with_the_row_before(ending, tmp_path, monkeypatch):
    import scenarios
    from tui.export.csv_log import csv_log

    run = scenarios.load("line-fit").run()
    real = os.write

    def half(file, data):
        real(file, bytes(data)[: len(data) // 2])
        raise ending

    def train():
        with csv_log(str(tmp_path / "x.csv"), run) as log:
            log(run.advance(10))
            monkeypatch.setattr(os, "write", half)
            log(run.advance(10))

    with pytest.raises(ending):
        train()
    lines = (tmp_path / "x.csv").read_text().splitlines()
    assert len(lines) == 11
    assert lines[-1].startswith("1,9,")
    assert [path.name for path in tmp_path.iterdir()] == ["x.csv"]


def test_a_new_file_is_never_put_over_one_that_came_meanwhile(tmp_path):
    path = tmp_path / "a"

    def write_slowly():
        with whole_files(path) as (file,):
            file.write(b"mine")
            path.write_bytes(b"somebody else's")

    with pytest.raises(FileExistsError) as caught:
        write_slowly()
    assert caught.value.filename == str(path)
    assert path.read_bytes() == b"somebody else's"
    assert [one.name for one in tmp_path.iterdir()] == ["a"]


def test_permissions_are_those_of_the_old_file_and_of_the_umask(tmp_path):
    old, new = tmp_path / "old", tmp_path / "new"
    old.touch()
    old.chmod(0o640)
    write(old, replace=True)
    before = os.umask(0o027)
    try:
        write(new)
    finally:
        os.umask(before)
    assert [stat.S_IMODE(path.stat().st_mode) for path in (old, new)] == [0o640, 0o640]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everything")
def test_a_file_that_cannot_be_written_is_not_replaced_either(tmp_path):
    path = tmp_path / "a"
    path.write_bytes(b"old")
    path.chmod(0o444)
    with pytest.raises(PermissionError):
        write(path, replace=True)
    assert path.read_bytes() == b"old"


def test_a_symbolic_link_stays_one(tmp_path):
    (tmp_path / "folder").mkdir()
    path, target = tmp_path / "link", tmp_path / "folder" / "target"
    path.symlink_to(target)
    write(path)  # it points to nothing yet
    assert target.read_bytes() == b"new"
    write(path, b"newer", replace=True)
    assert path.is_symlink()
    assert target.read_bytes() == b"newer"
    with pytest.raises(OSError, match="No space"):
        fail(path, replace=True)
    assert target.read_bytes() == b"newer"
    assert [one.name for one in target.parent.iterdir()] == ["target"]


def test_devices_and_pipes_are_written_directly(tmp_path):
    write(Path(os.devnull))
    assert stat.S_ISCHR(Path(os.devnull).stat().st_mode)
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    write(pipe)
    assert os.read(reader, 100) == b"new"
    os.close(reader)
    assert stat.S_ISFIFO(pipe.stat().st_mode)


@pytest.mark.skipif(not Path("/dev/stdout").exists(), reason="no such names here")
@pytest.mark.parametrize("name", ["/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"])
def test_standard_output_under_its_name_is_no_file_to_replace(name, tmp_path):
    command = [sys.executable, "-m", "tui", "export", "line-fit", "--steps", "3", "--to", "csv", "--output", name]
    with (tmp_path / "out").open("wb") as out:
        subprocess.run(command, stdout=out, check=True, timeout=120, cwd=ROOT)
    lines = (tmp_path / "out").read_text().splitlines()
    assert lines[0].startswith("run,step,")
    assert len(lines) == 5
    assert lines[-1].startswith(f"wrote {name}")


@pytest.mark.parametrize("path", ["", ".", "/", "no/where", "x" * 300, "a\0b"])
def test_what_can_be_no_file_is_refused_with_its_name(path, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(OSError, match=r".") as caught:
        write(Path(path), replace=True)
    assert caught.value.filename == str(Path(path))
    assert list(tmp_path.iterdir()) == []
