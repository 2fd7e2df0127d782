"""Views: what each panel of the screen asks for, what it gets, and how that is taken from a run. A file a panel.

The requests and the pictures cross the pipe. They are plain data, and importing them loads nothing of what trains.
"""
