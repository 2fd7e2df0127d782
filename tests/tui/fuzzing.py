"""What may come of inputs that nobody means: a result, or a refusal in words, soon."""

import contextlib
import io
import os
import random
import time
import traceback
import warnings
from dataclasses import dataclass, field
from pathlib import Path
from unittest import mock

import scenarios
from engine.serving import commands
from engine.serving.snapshot import View
from engine.serving.views.data_view import DataView
from engine.serving.views.weights_view import PlaneView, WeightsView
from engine.serving.worker import Worker
from engine.training.knobs import Knobs
from scenarios import ScenarioError
from tests.tui.odd_inputs import command_line, keys_file, new_scenario, prompt, scenario_file
from tui.cli.command_line import main
from tui.dashboard.commands import typed_entry
from tui.home import paths
from tui.words import race_proposals
from tui.words.assignments import KNOBS
from tui.words.usage_error import UsageError

SECONDS = 2.0  # of a processor, that no input may take
LONGEST = 80  # characters of a value that a message may repeat


@dataclass
class Outcome:
    """How many inputs there were, which of them took what they may not, and the slowest of them."""

    inputs: int = 0
    faults: list[str] = field(default_factory=list)
    slowest: float = 0.0

    def add(self, other: "Outcome") -> None:
        """Both together."""
        self.inputs += other.inputs
        self.faults += other.faults
        self.slowest = max(self.slowest, other.slowest)


def _judge(what: str, given: list[str], work) -> Outcome:
    """Do the work, which gives an exit code and what was said; anything but a result or a refusal is a fault."""
    begin, found = time.process_time(), Outcome(1)
    shown = f"{what} {[word[:200] for word in given]!r}"
    try:
        code, said = work()
        if code not in (0, 2):
            found.faults.append(f"exit code {code}: {shown}")
        if code == 2 and not said.startswith("descend: "):
            found.faults.append(f"refused without a word: {shown}: {said[:200]!r}")
        if any(not (char.isprintable() or char == "\n") for char in said):
            found.faults.append(f"unprintable: {shown}: {said[:200]!r}")
        if any(word[: LONGEST + 1] in said for word in given if len(word) > LONGEST):
            found.faults.append(f"repeated at length: {shown}: {said[:300]!r}")
    except (Exception, SystemExit):
        found.faults.append(f"{shown}:\n{traceback.format_exc()[-1500:]}")
    found.slowest = time.process_time() - begin
    if found.slowest > SECONDS:
        found.faults.append(f"{found.slowest:.1f} s: {shown}")
    return found


def _called(arguments: list[str]) -> tuple[int, str]:
    """Of `descend` with these arguments, in this process: the exit code and what it said on standard error."""
    errors = io.StringIO()
    with contextlib.redirect_stderr(errors), contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
        warnings.simplefilter("error")  # they would be lines of a program on the user's screen
        try:
            code = main(arguments)
        except SystemExit as end:  # --help
            code = end.code or 0
    return code, errors.getvalue()


def try_scenario_file(generator: random.Random, folder: Path) -> Outcome:
    """Read it, and train on it where it is small."""
    content, path = scenario_file(generator), folder / "mine.toml"
    path.write_bytes(content)

    def work() -> tuple[int, str]:
        try:
            file = scenarios.load(str(path)).file
        except ScenarioError as error:
            return 2, f"descend: {error}"
        examples = getattr(file.data or file.objective, "num_examples", getattr(file.objective, "examples", 0))
        small = examples <= 20_000 and not getattr(file.objective, "hidden", (0,))[:1] > (100,)
        judged = ["--json"] if generator.random() < 0.8 else []  # without it, all the way to its goal
        return _called(["train", str(path), "--steps", "2", *judged]) if small else (0, "")

    long_words = [word for word in content.decode("utf-8", "replace").split('"') if "\n" not in word]
    return _judge("scenario file", [*long_words, content.decode("utf-8", "replace")], work)


def try_keys_file(generator: random.Random, folder: Path) -> Outcome:
    """List the keys with it."""
    content, path = keys_file(generator), folder / "keys.toml"
    path.write_bytes(content)
    with mock.patch.object(paths, "keys_file", return_value=path):
        return _judge("keys.toml", [content.decode("utf-8", "replace")], lambda: _called(["keys"]))


def try_command_line(generator: random.Random, folder: Path) -> Outcome:
    """Carry it out in the folder, which holds nothing else."""
    words = command_line(generator)
    before = Path.cwd()
    os.chdir(folder)
    try:
        found = _judge("descend", words, lambda: _called(words))
    finally:
        os.chdir(before)
    for path in folder.iterdir():
        if path.is_file():
            path.unlink()
    return found


def try_prompt(generator: random.Random, folder: Path) -> Outcome:
    """Parse and complete it, and race what it says."""
    text, last = prompt(generator), generator.choice(list(KNOBS))

    def work() -> tuple[int, str]:
        typed_entry.complete(text, Knobs(), generator.choice([1, 500, 10**12]))
        said = ""
        for parse in (lambda: typed_entry.parse(text, last), lambda: race_proposals.entry("batch_size", text)):
            try:
                parse()
            except (UsageError, ValueError) as error:
                if isinstance(error, UsageError) or str(error).startswith(("A race", "Batch sizes")):
                    said += str(error)
                else:
                    raise
        return 0, said

    return _judge("prompt", [text], work)


def _flown(worker: Worker, classes: bool) -> None:
    """Through what a screen asks for, whatever of it is refused."""
    few = len(worker.run.trainer.weights) <= 2
    weights = WeightsView(cloud=20, batch_gradient=True, trajectory=True, plane=PlaneView())
    data = DataView(confusion="training" if classes else None, gradients=few)
    frame = commands.RequestFrame(View(scene=1, comparison=True, data=data, weights=weights))
    orders = [
        *(commands.Play(False), commands.RequestFrame(View()), commands.Advance(40), frame),
        *(commands.SetKnob("learning_rate", 0.1), commands.Advance(20), frame, commands.SetKnob("batch_size", 3)),
        *(commands.ShowSwarm(True), commands.Advance(10), frame, commands.Undo(), frame, commands.Travel("step", -3)),
        *(frame, commands.Branch(), commands.Race("optimizer", ("sgd", "adam")), commands.Advance(20), frame),
        *(commands.TrainAgain(True), commands.Advance(3), commands.RequestLog(), commands.RequestSteps()),
        *(commands.RequestOutcome(), frame),
    ]
    for order in orders:
        with contextlib.suppress(ValueError):  # as `engine.serving.process` does
            worker.handle(order)
        while not worker.running and worker.pace.seconds_to_next_step() == 0:
            worker.advance()
        while worker.answer() is not None:
            pass


def try_engine(generator: random.Random, folder: Path) -> Outcome:
    """Train on a small scenario of extremes as the dashboard does."""
    content, path = new_scenario(generator), folder / "mine.toml"
    path.write_bytes(content)

    def work() -> tuple[int, str]:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            try:
                scenario = scenarios.load(str(path))
                if getattr(scenario.file.objective, "examples", 0) > 20_000:
                    return 0, ""
                worker = Worker(scenario, steps_per_second=None)
            except ScenarioError as error:
                return 2, f"descend: {error}"
            _flown(worker, bool(getattr(scenario.file.data, "num_classes", 0)))
        return 0, ""

    return _judge("engine", [content.decode()], work)


TRIES = {
    "scenarios in the engine": try_engine,
    "scenario files": try_scenario_file,
    "key files": try_keys_file,
    "command lines": try_command_line,
    "prompts": try_prompt,
}


def storm(kind: str, seed: int, count: int, folder: Path) -> Outcome:
    """So many inputs of one kind, the same ones for the same seed."""
    found = Outcome()
    for number in range(count):
        found.add(TRIES[kind](random.Random(f"{kind} {seed} {number}"), folder))
    return found
