"""Records of trainings: the user's store of them, and plan files."""
