"""The data panel and its pictures."""
