"""Guides over the screen: the tour of the panels, words explained where they stand, one or one after another."""
