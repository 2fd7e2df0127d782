"""What is imported by what, what is installed, and that .ci/run does what the README says."""

import ast
import json
import os
import subprocess
import sys
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
STANDARD = set(sys.stdlib_module_names)


def imported(path):
    """Top-level names of all modules that the file imports, anywhere in it."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            names.add(node.module.split(".")[0])
    return names


@pytest.mark.parametrize(
    ("package", "allowed"),
    [
        ("engine", {"engine", "numpy"}),
        (
            "scenarios",
            {"scenarios", "engine", "numpy", "msgspec", "pandas", "threadpoolctl", "tomli_w", "joblib", "distributed"},
        ),
    ],
)
def test_import_contract(package, allowed):
    files = sorted((ROOT / package).rglob("*.py"))
    assert files
    for path in files:
        assert imported(path) - STANDARD <= allowed, path


@pytest.mark.parametrize("module", ["tui.cli.command_line", "tui.__main__"])
def test_command_line_loads_neither_numpy_nor_a_screen(module):
    # What is refused is refused at once; of the engine it is the words only (engine.plain_text).
    code = f"import json, sys, {module}; print(json.dumps(sorted({{name.split('.')[0] for name in sys.modules}})))"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT, timeout=60
    )
    heavy = {"numpy", "msgspec", "textual", "rich", "plotext", "scenarios", "asyncio", "argparse"}
    assert not heavy & set(json.loads(done.stdout))


def test_ci_runs_the_tests_as_the_readme_says():
    command = "python3 -m venv .venv && .venv/bin/pip install --editable '.[test]' && .venv/bin/pytest"
    for name in (".ci/run", "README.md"):
        assert command in [line.strip() for line in (ROOT / name).read_text(encoding="utf-8").splitlines()], name


def test_wheel_works_without_the_source_tree(tmp_path):
    """Built and installed without a network, into an environment that sees this one's dependencies only."""

    def run(*command):
        done = subprocess.run(
            [str(part) for part in command],
            capture_output=True,
            text=True,
            cwd=tmp_path,
            timeout=300,
            env={key: value for key, value in os.environ.items() if key != "PYTHONPATH"},
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check"]
    run(*pip, "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--wheel-dir", tmp_path, ROOT)
    (wheel,) = tmp_path.glob("descend-*.whl")
    venv.create(tmp_path / "empty", with_pip=False, symlinks=True)
    python = tmp_path / "empty" / "bin" / "python"
    run(*pip, "--python", python, "install", "--quiet", "--no-deps", "--no-index", wheel)
    purelib = "import sysconfig; print(sysconfig.get_path('purelib'))"
    site_packages, ours = Path(run(python, "-c", purelib).strip()), run(sys.executable, "-c", purelib)
    (site_packages / "dependencies.pth").write_text(ours)  # its own .pth files, the editable one too, do not act

    installed = {path.relative_to(site_packages) for path in site_packages.rglob("*")}
    for package in ("engine", "scenarios", "tui"):
        for path in (ROOT / package).rglob("*"):
            if path.is_file() and "__pycache__" not in path.parts:
                alone = path.name == "descend.py"  # the entry: beside the packages
                assert (Path(path.name) if alone else path.relative_to(ROOT)) in installed
    assert {path.parts[0] for path in installed if path.suffix == ".py"} == {"descend.py", "engine", "scenarios", "tui"}

    descend = tmp_path / "empty" / "bin" / "descend"
    assert json.loads(run(descend, "train", "line-fit", "--steps", 200, "--json"))["steps"] == 200
    assert json.loads(run(descend, "train", "fuel-economy", "--steps", 1, "--json"))["validation_loss"] > 0
    assert "line-fit" in run(descend, "scenarios")
    assert site_packages.as_posix() in run(python, "-c", "import engine, scenarios, tui; print(engine.__file__)")
