"""Text that would steer a terminal, by every way into the program, and what comes out of it at every exit."""

import contextlib
import io
import json
import os
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from unittest import mock
from xml.etree import ElementTree

from tests.tui.real_terminal import Terminal, descend
from tui.cli.command_line import main

# Clipboard, window title, C1, blinking red, reset, backspace, delete, right to left, a new line of C1.
EVIL = "\x1b]52;c;UFdO\x07\x1b]0;PWN\x1b\\\x9b5m\x1b[5;31m\x1bc\x08\x7f\u202e\x85"
_RAW = re.compile(
    "\x1b\\]|\x1bc|\x1b\\[5;31m|[\x07\x08\x0b\x0c\x7f\x80-\x9f\u200e\u200f\u2028\u2029\u202a-\u202e\ufeff]"
)
_POINTER = re.compile("\x1b]22;[a-z-]*\x07")  # Textual's own: the shape of the mouse's pointer
_ESCAPE_SECONDS = 0.15  # after which Textual takes an escape for the key
MARKUP = "[bold]x[/] [link=http://x.y]z[/link] [@click=app.quit]q[/] {0} {task} [/nothing] $a <b> [z](http://x.y)"
# Markdown's own codes for characters, its links, pictures and code.
MARKDOWN = (
    "&#27;]52;c;QQ==&#7; &#x9b;5m &#x202e;abc&#8238; &#12; &#133; &shy;&ZeroWidthSpace; [a link](http://x.y 'title') "
    "<http://x.y> ![picture](http://x.y/z.png) <script>alert(1)</script> <a href='http://x.y'>a</a>\n\n"
    "```python\nprint('\\\\x1b]52')\n```\n\n    indented\n\n> quoted\n\n| a | b |\n|---|---|\n| [c](http://x.y) | d |\n"
)
TOML = """
title = {title}
summary = {summary}
briefing = {briefing}
[data]
kind = "line"
examples = 60
[objective]
kind = "least_squares"
[training]
learning_rate = 0.05
batch_size = 16
epochs = 3
[screen]
steps_per_second = 30
"""


@dataclass(frozen=True)
class Entrance:
    """A scenario that can be trained, or where scenario is None arguments that are refused. environment: beside the
    test's own."""

    scenario: str | None = None
    arguments: tuple[str, ...] = ()
    environment: dict[str, str] = field(default_factory=dict)


def raw(text: str) -> list[str]:
    """What in it would steer a terminal, and is not ours."""
    return _RAW.findall(text)


def toml(title="T", summary="S", briefing="B"):
    """A scenario file with these texts; as JSON writes them, TOML reads them."""
    return TOML.format(title=json.dumps(title), summary=json.dumps(summary), briefing=json.dumps(briefing))


def csv(columns=("a", "b", "c"), texts=("p", "q"), classes=("no", "yes")):
    """A table with a column of texts, and classes to tell apart."""
    lines = [columns] + [(str(k * 37 % 11), texts[k % 2], classes[k // 3 % 2]) for k in range(40)]
    return "\n".join(",".join(f'"{entry}"' for entry in line) for line in lines)


def trained(folder: Path) -> dict[str, Entrance]:
    """Ways in that do not hinder the training."""

    def file(name, content):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
        return str(path)

    home = {"XDG_CONFIG_HOME": str(folder / f"config{EVIL}"), "XDG_STATE_HOME": str(folder / f"state{EVIL}")}
    file(f"state{EVIL}/descend/progress.sqlite", "no database")  # to be said in a notice
    table = 'kind = "csv"\npath = "columns.csv"'
    both = toml(briefing=MARKDOWN).replace('kind = "line"\nexamples = 60', table).replace("least_squares", "softmax")
    return {
        "file name": Entrance(file(f"mine{EVIL}.toml", toml())),
        "folder name": Entrance(file(f"of{EVIL}/mine.toml", toml())),
        "csv file name": Entrance(file(f"cars{EVIL}.csv", csv())),
        "columns": Entrance(file("columns.csv", csv((f"a{EVIL}", f"{EVIL}b", f"c{EVIL}"))), environment=home),
        "categories": Entrance(file("categories.csv", csv(texts=(f"p{EVIL}", f"q{EVIL}")))),
        "classes": Entrance(file("classes.csv", csv(classes=(f"no{EVIL}", f"yes{EVIL}")))),
        "left out": Entrance(file("notes.csv", csv(columns=("a", f"same{EVIL}", "c"), texts=(EVIL, EVIL)))),
        "one name twice": Entrance(file("twice.csv", csv(columns=(EVIL, EVIL, "c")))),
        "a foreign line": Entrance(file("line.csv", csv() + f'\n"{EVIL}"')),
        "a foreign entry": Entrance(file("entry.csv", "a,b\n" + "1,2\n2,3\n" * 5_001 + f"{EVIL},3\n")),
        "markup": Entrance(file("markup.toml", toml(MARKUP[:60], MARKUP, MARKUP))),
        "markup in columns": Entrance(file("[red]m[/].csv", csv((MARKUP, "[b]", "[@click=app.quit]"), ("[i]", "[u]")))),
        "Markdown": Entrance(file("markdown.toml", toml(briefing=MARKDOWN))),
        "columns and Markdown": Entrance(file("both.toml", both), environment=home),
        "user's folders": Entrance("line-fit", environment=home),
    }


def refused(folder: Path) -> dict[str, Entrance]:
    """Ways in that lead to a refusal."""
    found = {}

    def file(name, content, *more):
        path = folder / f"refused-{len(found)}{name}"
        path.write_text(content, encoding="utf-8")
        found[f"file {len(found)}"] = Entrance(arguments=("train", str(path), *more))

    texts = [f'{key} = "x"' for key in ("title", "summary", "briefing")] + ['kind = "line"', 'kind = "least_squares"']
    base = toml("x", "x", "x")
    evil = json.dumps(EVIL)
    for text in texts:
        file(".toml", base.replace(text, f"{text.partition(' = ')[0]} = {evil}"))
    for line in (f"{evil} = 1", f"target = {evil}", "optimizer = " + evil, f"schedule = {{ kind = {evil} }}"):
        file(".toml", f"{base}\n{line}")
    for line in (f"[training.schedule]\nkind = 'cosine'\n{evil} = 3", f"[{evil}]\na = 1", EVIL, f"a = {EVIL}"):
        file(".toml", f"{base}\n{line}")
    own = base.replace('kind = "line"\nexamples = 60', 'kind = "csv"\npath = "none.csv"')
    file(".toml", own)
    file(".toml", own.replace("none.csv", evil[1:-1]))
    for key, value in (("target", evil), ("features", f"[{evil}]")):
        file(".toml", own.replace('path = "none.csv"', f'path = "none.csv"\n{key} = {value}'))
    file(f"{EVIL}.toml", "nothing")
    file(f"{EVIL}.csv", "")
    file(".csv", csv(), "--target", EVIL)
    file(".csv", csv(classes=(EVIL, EVIL)))
    file(".csv", csv() + f'\n"{EVIL}')
    for arguments in (
        (EVIL,), ("train", EVIL), (f"--{EVIL}",), ("train", "line-fit", f"--{EVIL}"), (f"trian{EVIL}", "a"),
        ("train", f"{EVIL}/none.toml"), ("train", "line-fit", "--steps", EVIL),
        ("train", "line-fit", "--optimizer", EVIL),
        ("train", "line-fit", "--steps", "9", "--at", EVIL, "a=b"),
        ("train", "line-fit", "--steps", "9", "--at", "1", EVIL),
        ("train", "line-fit", "--steps", "9", "--at", "1", f"{EVIL}=2"), ("train", "line-fit", "--schedule", EVIL),
        ("train", "line-fit", "--steps", "9", "--at", "1", f"optimizer={EVIL}"),
        ("train", "line-fit", "--sampling", EVIL),
        ("train", "line-fit", "--schedule", f"cosine:{EVIL}=3"), ("train", "line-fit", "--learning-rate", EVIL),
        ("train", "line-fit", "--csv", f"{EVIL}/none"), ("export", "line-fit", "--to", EVIL), ("--theme", EVIL),
        ("export", "line-fit", "--to", "csv", "--output", f"{EVIL}/none"), ("scenarios", "--new", f"{EVIL}/none"),
        ("scenarios", EVIL), ("keys", EVIL), ("--colors", EVIL), ("train", "line-fit", "--target", EVIL),
    ):  # fmt: skip
        found[f"arguments {len(found)}"] = Entrance(arguments=arguments)
    for term in (EVIL, "dumb"):
        found[f"TERM {len(found)}"] = Entrance(arguments=("line-fit",), environment={"TERM": term, "LINES": EVIL})
    for number, content in enumerate((
        f"[keys]\n{evil} = 'a'", f"[keys]\npause = {evil}", f"[keys]\npause = [{evil}]", f"{evil} = 1", EVIL,
        f"keys = {evil}", f"[keys]\npause = {{ {evil} = 1 }}", f"[keys]\n'pau{EVIL.encode().hex()}' = 1",
    )):  # fmt: skip
        path = folder / f"keys{number}{EVIL}" / "descend" / "keys.toml"
        path.parent.mkdir(parents=True)
        path.write_text(content, encoding="utf-8")
        environment = {"XDG_CONFIG_HOME": str(path.parents[1])}
        found[f"keys.toml {number}"] = Entrance(arguments=("keys",), environment=environment)
    return found


class Claims(io.StringIO):
    """A stream that claims to be a terminal, or not to be one."""

    def __init__(self, *, terminal: bool) -> None:
        super().__init__()
        self._terminal = terminal

    def isatty(self) -> bool:
        return self._terminal


def printed(entrance: Entrance, *arguments: str, terminal: bool) -> str:
    """All that a command line writes to standard output and error."""
    out, err = Claims(terminal=terminal), Claims(terminal=terminal)
    environment = {"TERM": "xterm-256color", "COLUMNS": "200", **entrance.environment}
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err), mock.patch.dict(os.environ, environment):
        main(list(arguments))
    return out.getvalue() + err.getvalue()


def written(folder: Path) -> str:
    """The names of all files in it, and what is text in them; they are taken away."""
    text = ""
    for path in sorted(folder.iterdir()):
        if path.is_file():
            content = path.read_bytes()
            if path.suffix == ".svg":
                ElementTree.fromstring(content)  # or it is no picture
            shown = "" if path.suffix == ".npz" else content.decode()  # numbers: nobody reads them in a terminal
            text += f"{path.name}\n{shown}\n"
            path.unlink()
    return text


def _train(*options: str, terminal: bool) -> Callable[[Entrance, Path], str]:
    return lambda entrance, folder: (
        printed(entrance, "train", entrance.scenario, "--steps", "9", *options, terminal=terminal) + written(folder)
    )


def _export(to: str) -> Callable[[Entrance, Path], str]:
    return lambda entrance, folder: (
        printed(entrance, "export", entrance.scenario, "--to", to, "--steps", "9", terminal=True) + written(folder)
    )


def dashboard(entrance: Entrance, folder: Path) -> str:
    """All that the dashboard writes to its terminal and into files, with every dialog opened and evil pasted there."""
    paste = b"\x1b[200~" + "\x9b5m\u202e\x07pasted".encode() + b"\x1b[201~"  # Textual makes keys of escapes in it
    terminal = Terminal(
        descend(entrance.scenario), columns=170, rows=50, folder=folder, environment=tuple(entrance.environment.items())
    )
    try:
        terminal.begin(pause=True)
        for opening in (b"?", b"p", b"V", b"\x10", b"x", b"\r"):
            for pressed in (opening, paste, b"\x1b", b"\x1b"):
                terminal.press(pressed)
                terminal.read_for(_ESCAPE_SECONDS)
        for pressed in (b"\r", paste, b"\r", b"\x1b", b"P", b"W", b"E"):
            terminal.press(pressed)
            terminal.read_for(_ESCAPE_SECONDS)
        terminal.until(lambda: {path.suffix for path in folder.iterdir()} >= {".py", ".csv", ".svg"})
        terminal.press(b"L")
        terminal.read_for(_ESCAPE_SECONDS)
        terminal.press(b"q")
        terminal.wait()
    finally:
        terminal.close()
    return _POINTER.sub("", terminal.written.decode("utf-8", "surrogateescape")) + written(folder)


COMMANDS: dict[str, Callable[[Entrance, Path], str]] = {
    "train, terminal": _train(terminal=True),
    "train, pipe": _train(terminal=False),
    "train --json": _train("--json", terminal=False),
    "train --csv": _train("--csv", "steps.csv", terminal=False),
    "export pytorch": _export("pytorch"),
    "export keras": _export("keras"),
    "export csv": _export("csv"),
    "scenarios": lambda entrance, _: printed(entrance, "scenarios", terminal=True),
    "keys": lambda entrance, _: printed(entrance, "keys", terminal=True),
}
REFUSALS: dict[str, Callable[[Entrance, Path], str]] = {
    "refusal, terminal": lambda entrance, _: printed(entrance, *entrance.arguments, terminal=True),
    "refusal, pipe": lambda entrance, _: printed(entrance, *entrance.arguments, terminal=False),
}
