"""A parser of options that refuses in our words. Standard library only."""

from __future__ import annotations

import argparse
import difflib
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from engine.plain_text import LONGEST, shortened
from tui.terminal.console import write
from tui.words.usage_error import UsageError

_QUOTED = re.compile(r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*\"""", re.DOTALL)
_PLAINER = {
    "expected one argument": "a value must follow",
    "expected 2 arguments": "STEP and KNOB=VALUE must follow",
    "not allowed with argument": "cannot be given together with",
    "the following arguments are required: SCENARIO": "SCENARIO is missing; `descend scenarios` lists them",
}


class OptionParser(argparse.ArgumentParser):
    """Refuses with UsageError, and names the nearest option for a misspelt one.

    plainer: words of argparse's that this command says otherwise. mixed: whether options may stand between several
    words that belong together.
    """

    def __init__(
        self,
        prog: str,
        description: str,
        epilog: str | None = None,
        usage: str | None = None,
        plainer: Mapping[str, str] | None = None,
        *,
        mixed: bool = False,
    ) -> None:
        style = argparse.RawDescriptionHelpFormatter
        self._mixed = mixed
        self._plainer = {**(plainer or {}), **_PLAINER}
        super().__init__(
            prog, usage=usage, description=description, epilog=epilog, formatter_class=style, allow_abbrev=False
        )
        # argparse would take -1e-3 and -inf for options, and the value would not be named in the refusal.
        self._negative_number_matcher = re.compile(r"-(\.?\d|inf|nan)", re.IGNORECASE)

    def knows(self, option: str) -> bool:
        """Tell whether there is an option of this name."""
        return option in self._option_string_actions

    def parse_all(
        self, arguments: Sequence[str], elsewhere: Callable[[str], str] = lambda option: ""
    ) -> argparse.Namespace:
        """Read all of the words. elsewhere: names the commands that have an option, "" where none has."""
        options, unknown = (self.parse_known_intermixed_args if self._mixed else self.parse_known_args)(arguments)
        if unknown:
            near = difflib.get_close_matches(unknown[0], self._option_string_actions, n=1, cutoff=0.7)
            hint = f"did you mean {near[0]}?" if near else f"`{self.prog} --help` says what there is"
            if near == unknown[:1]:
                hint = "options come before --"
            elif commands := elsewhere(unknown[0].partition("=")[0]):
                hint = f"it is an option of {commands}"
            raise UsageError(f"{shortened(unknown[0])} is not understood here; {hint}")
        return options

    def error(self, message: str) -> Any:
        for words, plain in self._plainer.items():
            message = message.replace(words, plain)
        raise UsageError(_QUOTED.sub(_cut, message.removeprefix("argument ")))

    def print_help(self, file: Any = None) -> None:
        write(self.format_help().rstrip())


def _cut(quoted: re.Match[str]) -> str:
    """A value that argparse repeats, no longer than any other that is repeated."""
    return quoted[0] if len(quoted[0]) <= LONGEST else f"{quoted[0][: LONGEST - 1]}…"
