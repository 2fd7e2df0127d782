"""Objectives, the functions that are minimised: from least squares to networks and landscapes."""
