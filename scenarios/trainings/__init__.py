"""Trainings without a screen: attempts at a goal, and the verdict on a run."""
