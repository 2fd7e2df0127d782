"""Gauges: what the dashboard measures of a run, a piece a frame, and what of it is handed on."""
