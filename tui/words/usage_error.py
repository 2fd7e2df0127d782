"""Errors in command lines, in words."""


class UsageError(Exception):
    """An option, a value or a file that cannot be used. The text is one sentence that names it and says what
    would be right. No ValueError, which argparse would reword."""
