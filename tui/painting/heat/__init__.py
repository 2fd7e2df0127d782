"""Heat maps of numbers over a grid of values: what a sweep found."""
