"""Frames: when the engine is asked for one, and which panels are painted in it."""
