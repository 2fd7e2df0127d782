"""The wish that what a command line trains be recorded, or not, and where."""

from __future__ import annotations

import os
from argparse import Namespace
from collections.abc import Mapping
from typing import TYPE_CHECKING

from engine.plain_text import shortened
from scenarios.records.writing.recording_wish import Recording
from tui import __version__
from tui.home.paths import records_file, settings_file
from tui.home.settings import read_settings
from tui.words.usage_error import UsageError

if TYPE_CHECKING:
    from scenarios.records.kept_run import KeptRun
    from tui.dashboard.start import Records

VARIABLE = "DESCEND_RECORD"
_ON, _OFF = ("", "1"), "0"


def check_wish(options: Namespace, environment: Mapping[str, str] = os.environ) -> bool:
    """Return whether trainings are to be recorded. Raises UsageError for a variable or a setting that says neither."""
    given = environment.get(VARIABLE, "")
    if given not in (*_ON, _OFF):
        raise UsageError(f"{VARIABLE}={shortened(given)}: must be 0, not to record, or 1")
    if options.no_record or given == _OFF:
        return False
    return bool(given) or read_settings(settings_file()).record


def records_for(options: Namespace, resumes: KeptRun | None, parent: str) -> Records:
    """Return where a dashboard records what it trains, and how. Raises UsageError as `recording_for` does."""
    from tui.dashboard.start import Records

    wish = recording_for(options, resumes, parent)
    return Records(records_file(), __version__, wish, read_settings(settings_file()).earlier_ghost)


def recording_for(
    options: Namespace, resumes: KeptRun | None = None, parent: str = "", environment: Mapping[str, str] = os.environ
) -> Recording | None:
    """Return how to record, or None where an option, the environment or the settings say not to.

    resumes, parent: as `Recording` has them. Raises UsageError for a variable or a setting that says neither.
    """
    if not check_wish(options, environment):
        return None
    most_bytes = read_settings(settings_file()).record_megabytes * 2**20
    return Recording(records_file(), __version__, most_bytes, resumes, parent)
