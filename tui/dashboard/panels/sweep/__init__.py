"""The sweep panel: the map of learning rates and batch sizes around the present setting, and the range test."""
