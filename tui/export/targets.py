"""The targets of an export that are scripts: the libraries that they are written for."""

from __future__ import annotations

from collections.abc import Callable

from scenarios import Scenario
from tui.export.keras import keras_script
from tui.export.pytorch import pytorch_script
from tui.export.recording import Recording
from tui.export.script import Script

LIBRARIES: dict[str, Callable[[Scenario, Recording], Script]] = {"pytorch": pytorch_script, "keras": keras_script}
