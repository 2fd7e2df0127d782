"""Trained models: what is taken away of a training to predict with, its file, and new rows to predict for."""
