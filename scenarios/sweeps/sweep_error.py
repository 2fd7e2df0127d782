"""The refusal of a sweep."""


class SweepError(ValueError):
    """A sweep that cannot be trained as it was asked for. The text says in a sentence what is wrong."""
