"""The manual page, made of the parsers of `tui.cli.arguments`: for `man`, in the language of roff."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterable

from tui import __version__
from tui.cli.arguments import COMMANDS, parser_for
from tui.cli.completion import about

_FILES = (
    ("keys.toml", "in the user's configuration folder: other keys for the dashboard; `descend keys` says where it is"),
    ("progress.sqlite", "in the user's state folder: the best in each scenario, and the place in each course"),
    ("settings.toml", "in the user's configuration folder: record = false, record_megabytes = 256"),
    ("runs.sqlite", "in the user's data folder: the records of what was trained"),
    ("sweeps.sqlite", "in the user's data folder: what sweeps have trained, so that the same line goes on"),
    ("faults", "in the user's state folder: what went wrong inside the program, the latest ten"),
)
_ENVIRONMENT = (
    ("NO_COLOR", "draw without colours"),
    ("TERM, COLORTERM", "what the terminal can do"),
    ("DESCEND_RECORD", "0: record nothing; 1: record, whatever settings.toml says"),
    ("XDG_CONFIG_HOME, XDG_DATA_HOME, XDG_STATE_HOME", "other folders for the user's files, on Linux"),
)


def manual() -> str:
    """Return the page."""
    dashboard = parser_for("")
    lines = [
        f'.TH DESCEND 1 "" "descend {__version__}" "User Commands"',
        *_section("NAME", ["descend \\- a training simulator for stochastic gradient descent in the terminal"]),
        ".SH SYNOPSIS",
        *_synopsis("descend [SCENARIO] [options]"),
        *(line for name in COMMANDS for line in _synopsis(_usage(name))),
        *_section("DESCRIPTION", _paragraphs(dashboard.description or "")),
        ".SH OPTIONS",
        *_options(dashboard),
        *_section("", _paragraphs(dashboard.epilog or "")),
    ]
    for name in COMMANDS:
        parser = parser_for(name)
        lines += _section(f"descend {name}".upper(), _paragraphs(parser.description or ""))
        lines += [*_options(parser), *_section("", _paragraphs(parser.epilog or ""))]
    for title, rows in (("FILES", _FILES), ("ENVIRONMENT", _ENVIRONMENT)):
        lines += [f".SH {title}", *(line for name, words in rows for line in _row(name, words))]
    status = ["0: done, also where the training diverged. 2: refused. 130: ended by ctrl+c. 128 + n: by signal n."]
    return "\n".join([*lines, *_section("EXIT STATUS", status)])


def _usage(command: str) -> str:
    places = "".join(f" {action.metavar}" for action in parser_for(command)._actions if not action.option_strings)
    return f"descend {command}{places} [options]"


def _synopsis(line: str) -> list[str]:
    program, _, rest = line.partition(" ")
    return [f".B {program}", _roff(rest), ".br"]


def _section(title: str, lines: Iterable[str]) -> list[str]:
    return [*([f".SH {title}"] if title else []), *lines]


def _paragraphs(text: str) -> list[str]:
    """The text, its indented lines as they stand; `examples:` and the like before them in bold."""
    lines: list[str] = []
    for block in re.split(r"\n\s*\n", text.strip()):
        lines.append(".PP")
        for is_example, rows in _runs(block.splitlines()):
            if is_example:
                lines += [".RS", ".nf", *(_roff(row[2:]) for row in rows), ".fi", ".RE"]
            else:
                lines += [_roff(row) for row in rows]
    return lines


def _runs(rows: list[str]) -> Iterable[tuple[bool, list[str]]]:
    """Rows that follow one another and are all indented, or none of them."""
    run: list[str] = []
    for row in rows:
        if run and row.startswith("  ") != run[0].startswith("  "):
            yield run[0].startswith("  "), run
            run = []
        run.append(row)
    if run:
        yield run[0].startswith("  "), run


def _options(parser: argparse.ArgumentParser) -> list[str]:
    lines: list[str] = []
    for action in parser._actions:
        if action.help != argparse.SUPPRESS:
            lines += _row(_name(action), about(action))
    return lines


def _name(action: argparse.Action) -> str:
    metavar = action.metavar or ("{" + ",".join(map(str, action.choices)) + "}" if action.choices else "")
    value = " ".join(metavar) if isinstance(metavar, tuple) else metavar
    if action.nargs == 0:
        value = ""
    return f"{', '.join(action.option_strings)} {value}".strip()


def _row(name: str, words: str) -> list[str]:
    return [".TP", f".B {_roff(name)}", _roff(words)]


def _roff(text: str) -> str:
    """The text as roff takes it: hyphens that stay hyphens, and no line that would be a request."""
    text = text.replace("\\", "\\e").replace("-", "\\-")
    text = "".join(char if char.isascii() else f"\\[u{ord(char):04X}]" for char in text)
    return f"\\&{text}" if text.startswith((".", "'")) else text
