"""Words of the screen, explained where they stand: one that was clicked on, and one after another."""
