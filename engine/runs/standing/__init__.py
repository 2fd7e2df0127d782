"""How a run stands: its status and why, its goal, its milestones."""
