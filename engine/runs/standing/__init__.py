"""How a run stands: its status, its goal, its milestones and the places that it comes to."""
