"""Sessions to be recorded, and to be killed: what `records.py` starts, and what must be left of them.

`python tests/benchmarks/recorded_sessions.py STORE SEED` trains random presets in an engine process, as a dashboard
does, turns random knobs, and says twenty times a second how far it has come.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from engine.runs.plan import play  # noqa: E402
from engine.runs.records.marks import Marks, weights_sha256  # noqa: E402
from engine.serving import commands  # noqa: E402
from engine.serving.opening import resume  # noqa: E402
from engine.serving.process import EngineProcess  # noqa: E402
from engine.serving.snapshot import Notices, Snapshot, View  # noqa: E402
from scenarios import load  # noqa: E402
from scenarios.records.kept_scenario import scenario_of  # noqa: E402
from scenarios.records.stored_past import StoredPast  # noqa: E402
from scenarios.records.writing.recording_wish import Recording  # noqa: E402

PRESETS = ("line-fit", "moons", "ravine", "fuel-economy", "brisk", "tumours", "spirals", "noisy-batches")
SPEEDS = (20.0, 200.0, 2000.0, None)
VERSION = "benchmark"


def session(store: str, seed: int) -> None:
    """Train until the process is killed."""
    generator = random.Random(seed)
    scenario = load(generator.choice(PRESETS))
    recording = Recording(Path(store), VERSION)
    engine = EngineProcess(scenario, steps_per_second=generator.choice(SPEEDS), make_recorder=recording)
    arrived = threading.Event()

    def on_reply(reply: object) -> None:
        if isinstance(reply, Snapshot):
            print("at", time.time(), reply.number, reply.latest_step, len(reply.changes), flush=True)
            arrived.set()
        elif isinstance(reply, Notices):
            print("notice", *reply.sentences, flush=True)

    print("engine", engine.pid, flush=True)
    engine.listen(on_reply)
    while True:
        arrived.clear()
        engine.send(commands.RequestFrame(View()))
        arrived.wait(5)
        engine.send(_random_command(generator))
        time.sleep(generator.expovariate(1 / 0.05))


def _random_command(generator: random.Random) -> commands.Command:
    kind = generator.randrange(40)
    if kind < 5:
        return commands.SetKnob("learning_rate", generator.choice((0.001, 0.01, 0.03, 0.1)))
    if kind < 8:
        return commands.SetKnob("batch_size", generator.choice((1, 4, 16, 64)))
    if kind < 10:
        return commands.SetKnob("optimizer", generator.choice(("sgd", "adam", "nesterov")))
    others = (commands.Branch(), commands.Undo(), commands.TrainAgain(), commands.Travel("step", -20))
    return {10: others[0], 11: others[1], 12: others[2], 13: others[3]}.get(kind, commands.Play(True))


class Session:
    """A session in processes of its own, and what it has said so far: a line of (time, run, step, changes) each."""

    def __init__(self, store: Path, seed: int) -> None:
        line = [sys.executable, __file__, str(store), str(seed)]
        self.process = subprocess.Popen(line, stdout=subprocess.PIPE, text=True, cwd=ROOT)
        self.engine_pid, self.said, self.notices = 0, list[tuple[float, int, int, int]](), list[str]()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            kind, *words = line.split()
            if kind == "engine":
                self.engine_pid = int(words[0])
            elif kind == "at" and len(words) == 4:
                self.said.append((float(words[0]), *map(int, words[1:])))
            elif kind == "notice":
                self.notices.append(" ".join(words))

    def until_it_trains(self, steps: int = 1) -> bool:
        """Wait for the first steps; whether they came."""
        end = time.monotonic() + 60
        while time.monotonic() < end and self.process.poll() is None:
            if self.said and self.said[-1][2] >= steps:
                return True
            time.sleep(0.01)
        return False

    def kill(self, who: str) -> float:
        """Kill the screen's side, the engine or both with signal 9; when."""
        pids = {"screen": [self.process.pid], "engine": [self.engine_pid]}.get(who, [self.process.pid, self.engine_pid])
        now = time.time()
        for pid in pids:
            os.kill(pid, signal.SIGKILL)
        return now

    def close(self) -> None:
        """End all that is left, and wait for that."""
        for pid in (self.process.pid, self.engine_pid):
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        self.process.wait()
        self._reader.join(5)
        while self.engine_pid and Path(f"/proc/{self.engine_pid}/stat").exists():
            if Path(f"/proc/{self.engine_pid}/stat").read_text().rpartition(")")[2].split()[0] in "ZX":
                break
            time.sleep(0.01)


def faults_of(store, more: int = 40) -> list[str]:  # type: ignore[no-untyped-def]  # a RunStore
    """What is wrong with the records of a store: each is resumed, and trained from its beginning, and both go on."""
    found = []
    for run in store.runs():
        scenario, plan = scenario_of(run, store.scenario_file(run)), run.plan()
        ends = []
        for past in (StoredPast(store.path, run, VERSION)(), None):
            again = scenario.run(seed=plan.seed, knobs=plan.knobs)
            marks = Marks()
            again.observers.append(marks)
            play(again, resume(again, plan, past))
            if weights_sha256(again.trainer.weights) != run.outcome.weights_sha256:
                found.append(
                    f"{run.id}: other weights after {plan.steps:,} steps{' from its checkpoint' if past else ''}"
                )
            again.advance(more)
            ends.append(weights_sha256(again.trainer.weights))
        if ends[0] != ends[1]:
            found.append(f"{run.id}: its checkpoint leads elsewhere than its beginning")
        kept = [(mark.steps, mark.digest) for mark in run.outcome.marks]
        if kept != [(mark.steps, mark.digest) for mark in marks.upto(plan.steps)]:
            found.append(f"{run.id}: other marks")
        if store.curves(run) is None:
            found.append(f"{run.id}: no curves")
    return found


if __name__ == "__main__":
    session(sys.argv[1], int(sys.argv[2]))
