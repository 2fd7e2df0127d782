"""The database file that records lie in: opened with care."""
