"""The loss panel and its parts."""
