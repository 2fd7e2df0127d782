"""The panels of the dashboard: each turns snapshots into a canvas, and sends only what changed of it."""
