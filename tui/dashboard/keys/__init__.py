"""Which keys carry out which command."""
