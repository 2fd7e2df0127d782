"""The way to the terminal: how much it takes, and how the program lets go of it."""
