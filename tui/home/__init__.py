"""The user's own files: where they are, and how a file is written whole."""
