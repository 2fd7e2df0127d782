"""The words of a scenario, made ready for the screen. Its briefing alone is Markdown."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.markdown import Markdown
from rich.text import Text

from engine.plain_text import plain
from scenarios.files.schema import ScenarioFile
from tui.words.question_words import asked


def described(file: ScenarioFile, *, summary: bool = False) -> RenderableType:
    """Return title, briefing and question, with the summary below the title where it is wanted."""
    parts: list[RenderableType] = [Text(plain(file.title), "markdown.h1", justify="center"), Text()]
    if summary:
        parts += [Text(plain(file.summary), "italic"), Text()]
    parts.append(markdown(file.briefing))
    if file.question is not None:
        parts += [Text(), markdown(asked(file.question))]
    return Group(*parts)


def markdown(text: str) -> Markdown:
    """Return text that is Markdown; its links are written out, for nothing from a file is to be clicked."""
    return Markdown(text, hyperlinks=False)
