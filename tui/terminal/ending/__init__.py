"""Ends of the program: its signals, the process that restores the terminal, all ways out."""
