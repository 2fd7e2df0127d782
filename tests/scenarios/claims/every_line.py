"""The whole table: what all presets say, in the order of the course."""

from __future__ import annotations

import scenarios
from tests.scenarios.claims import (
    said_of_bowls,
    said_of_lines,
    said_of_networks,
    said_of_rates,
    said_of_real_data,
    said_of_rough_ground,
)
from tests.scenarios.claims.said import Line

_TABLES = (said_of_lines, said_of_rates, said_of_bowls, said_of_rough_ground, said_of_networks, said_of_real_data)
_ALL = {name: lines for table in _TABLES for name, lines in table.SAID.items()}
SAID: dict[str, tuple[Line, ...]] = {name: _ALL[name] for name in scenarios.preset_names()}
