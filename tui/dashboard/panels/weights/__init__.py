"""The weights panel and its pictures."""
