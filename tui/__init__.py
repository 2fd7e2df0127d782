"""Everything that faces a terminal: the command line, the dashboard, and what they draw."""

__version__ = "0.1.0"
