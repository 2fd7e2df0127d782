"""How knobs, values and results are written, and how they are read again."""
