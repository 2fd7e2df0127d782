"""The standing of a run: its status and why, its goal, its milestones."""
