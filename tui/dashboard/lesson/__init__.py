"""A scenario as a lesson: its question, its hints, the captions of its solution, the outcome of its goal."""
