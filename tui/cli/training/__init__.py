"""Trainings from the command line: their plan, their report, and their files."""
