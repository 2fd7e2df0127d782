"""Sweeps: many trainings of one scenario over a grid of knob values and seeds, as a map."""
