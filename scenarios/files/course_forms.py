"""The form of a course file: chapters, the scenarios in them, and the course's own words before each."""

from typing import Annotated

from msgspec import Meta

from scenarios.files.forms import Table

_Title = Annotated[str, Meta(min_length=1, max_length=60)]
_Words = Annotated[str, Meta(max_length=2000)]


class EntryTable(Table, frozen=True, forbid_unknown_fields=True):
    """A scenario in a chapter. scenario: a preset's id, or the path of a scenario file from the course's folder on.
    words: what the course says before it, Markdown."""

    scenario: Annotated[str, Meta(min_length=1)]
    words: _Words = ""


class ChapterTable(Table, frozen=True, forbid_unknown_fields=True):
    """A chapter. words: what is said before its first scenario, Markdown. scenarios: in their order."""

    title: _Title
    scenarios: Annotated[tuple[str | EntryTable, ...], Meta(min_length=1)]
    words: _Words = ""

    @property
    def entries(self) -> tuple[EntryTable, ...]:
        """The scenarios, each as a table."""
        return tuple(EntryTable(entry) if isinstance(entry, str) else entry for entry in self.scenarios)


class CourseFile(Table, frozen=True, forbid_unknown_fields=True):
    """A whole course file."""

    title: _Title
    chapters: Annotated[tuple[ChapterTable, ...], Meta(min_length=1)]
