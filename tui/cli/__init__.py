"""The plain commands: what is typed, what is printed."""
