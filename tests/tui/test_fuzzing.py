"""A short storm of inputs; `tests/benchmarks/fuzz.py` sends longer ones."""

import pytest

from tests.tui import fuzzing

COUNTS = {"scenarios in the engine": 20, "scenario files": 60, "key files": 60, "command lines": 40, "prompts": 150}


@pytest.mark.parametrize("kind", fuzzing.TRIES)
def test_what_nobody_means_is_refused_in_words(kind, tmp_path):
    found = fuzzing.storm(kind, 0, COUNTS[kind], tmp_path)
    slow = [fault for fault in found.faults if " s: " in fault[:12]]  # never of a machine's mood, in a test
    assert [fault for fault in found.faults if fault not in slow] == []
    assert found.inputs == COUNTS[kind]
