"""Exports: trainings as scripts for other libraries that come to the same numbers, or as CSV; pictures."""
