"""The form of a scenario file, and the checks of files from outside."""
