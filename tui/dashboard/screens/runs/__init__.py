"""Dialogs that begin a run: a race, or a recorded one."""
