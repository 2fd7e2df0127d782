"""Whoever speaks of knobs speaks of the same ones: the engine, the command line, scenario files and references."""

from dataclasses import fields

from engine.training.knobs import Knobs
from scenarios.files.goal_forms import Change
from scenarios.files.schema import Training
from tui.words.assignments import KNOBS

NAMES = {field.name for field in fields(Knobs)}


def test_the_command_line_and_the_prompt_set_every_knob():
    assert set(KNOBS) == NAMES


def test_a_scenario_sets_every_knob_at_the_start():
    assert set(Training.__struct_fields__) >= NAMES


def test_a_reference_sets_every_knob_on_the_way():
    assert set(Change.__struct_fields__) == NAMES | {"step"}
