"""Errors in scenarios, in words."""

from engine.refusals import RefusalError


class ScenarioError(RefusalError):
    """A scenario that is not there, cannot be read or is not valid. The text names file, key and value,
    and what would be right."""
