"""Presets to train: TOML files, their schema, their data.

>>> import scenarios
>>> trainer = scenarios.load("line-fit").trainer(seed=0, learning_rate=0.05)
>>> trainer.run(steps=200)
200
>>> trainer.batch_size = 2
>>> round(trainer.loss(), 2)
1.01
"""

from scenarios.scenario import Scenario, load, preset_names, read_again
from scenarios.scenario_error import ScenarioError

__all__ = ["Scenario", "ScenarioError", "load", "preset_names", "read_again"]
