"""`descend runs`, `resume` and `replay`: what is recorded, listed, compared, taken out and trained again."""
