"""Tables of people's own CSV files: how one is read, what its columns are, what is said of it."""
