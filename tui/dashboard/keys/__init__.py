"""Keys, and the commands that they carry out."""
