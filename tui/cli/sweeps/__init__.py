"""`descend sweep`: many trainings over a grid of knob values and seeds."""
