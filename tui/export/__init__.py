"""Trainings taken away: as a script for another library that comes to the same numbers, or as a CSV file."""
