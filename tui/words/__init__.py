"""Words for knobs, values and results: how they are written, and how they are read again."""
