"""The way through a course, and the outcomes on it."""
