"""A dashboard that is killed, or whose line is lost: what it trained is there, and goes on."""

import json
import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.tui.real_terminal import LOOKING_IN_PROC, descend, state


def told(*arguments, **environment):
    line = descend(*arguments)
    done = subprocess.run(line, capture_output=True, text=True, env={**os.environ, **environment}, timeout=60)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason=LOOKING_IN_PROC)
@pytest.mark.parametrize("way", ["killed", "hung up"])
def test_it_loses_at_most_the_last_second(terminal, tmp_path, way):
    recorded = {"DESCEND_RECORD": "1", "XDG_DATA_HOME": str(tmp_path)}
    program = terminal("line-fit", "--speed", "100", environment=recorded).begin()
    engine = program.engine_pid()
    program.press(b"\x1b[A")
    program.read_for(1.5)
    if way == "killed":
        os.kill(program.process.pid, signal.SIGKILL)
    else:
        program.hang_up()
    end = time.monotonic() + 30
    while state(engine) is not None:
        assert time.monotonic() < end
        time.sleep(0.05)
    (record,) = told("runs", "--json", **recorded)
    assert record["steps"] > 0
    assert told("runs", "show", "last", "--json", **recorded)["changes"][0]["knob"] == "learning_rate"
    plan = told("train", "--resume", "last", "--steps", "0", "--json", **recorded)
    assert (plan["steps"], plan["weights_sha256"]) == (record["steps"], record["weights_sha256"])
