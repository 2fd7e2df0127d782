"""Errors in records, in words."""

from scenarios.scenario_error import ScenarioError


class RecordsError(ScenarioError):
    """A record that is not there or is no longer what it was, or a store that cannot be used now. The text says which
    and why."""
