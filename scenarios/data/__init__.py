"""The data that scenarios train on: generated, bundled, or a person's own file."""
