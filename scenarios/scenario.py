"""A scenario: a checked file, and the runs that it starts."""

from __future__ import annotations

import contextlib
import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from engine.plain_text import shortened, shown_path
from engine.refusals import RefusalError
from engine.training.knob_kinds import COUNT
from scenarios.files.course_forms import CourseFile
from scenarios.files.data_sources import CsvData
from scenarios.files.schema import ScenarioFile
from scenarios.reading import (
    Progress,
    check_place,
    check_size,
    is_course,
    is_plan,
    is_scenario,
    parse,
    parse_course,
    read,
)
from scenarios.scenario_error import ScenarioError

if TYPE_CHECKING:  # NumPy is loaded by the first run, not by reading a file
    from engine.runs.plan import Change, Plan
    from engine.runs.run import Run
    from engine.training.knobs import Knobs
    from engine.training.trainer import Trainer
    from scenarios.data.csv.csv_roles import ColumnReport
    from scenarios.models.trained_model import TrainedModel

_TABLE_SUFFIXES = (".csv", ".tsv", ".tab", ".txt", ".dat", ".data", ".gz")
_TASKS = {None: None, "classification": True, "regression": False}
_PRESETS = Path(__file__).with_name("presets")
_COURSE = Path(__file__).with_name("courses") / "lesson.toml"


@dataclass(frozen=True)
class Scenario:
    """A preset or a user's own file. Picklable; data is made when a run is.

    id: the preset's, or the path as it was given. file: its checked content. notes: sentences about what was left
    out of a CSV file. allow_outside: whether a TOML file may name data outside of its own folder. numbers: those of a
    table, while the scenario is on its way to another process.
    """

    id: str
    file: ScenarioFile
    notes: tuple[str, ...] = ()
    allow_outside: bool = False
    numbers: object = field(default=None, compare=False, repr=False)

    def with_numbers(self) -> Scenario:
        """The same, to be sent to another process: the numbers of a table go with it, and this process forgets them."""
        if not isinstance(self.file.data, CsvData):
            return self
        from scenarios.data.csv import csv_memory

        try:
            return replace(self, numbers=csv_memory.hand_over(self.file.data))
        except ScenarioError:  # the file has changed since; whoever trains says so
            return self

    @cached_property
    def content(self) -> str:
        """A fingerprint of what is trained and what is asked, as 16 hexadecimal digits: the same for every file that
        says the same, whatever it says about it in words. Of a table, its bytes count, not its path."""
        file, data = self.file, self.file.data
        import hashlib

        digest = hashlib.sha256()
        if isinstance(data, CsvData):
            with contextlib.suppress(OSError, ValueError), Path(data.path).open("rb") as table:
                digest.update(hashlib.file_digest(table, "sha256").digest())
            data = msgspec.structs.replace(data, path="-")
        said = [_said(msgspec.to_builtins(part)) for part in (file.objective, data, file.training, file.goal)]
        digest.update(msgspec.json.encode(said, order="deterministic"))
        return digest.hexdigest()[:16]

    def at_speed(self, steps_per_second: float | None) -> Scenario:
        """The same, to be watched at so many steps a second; with None, at full speed."""
        screen = msgspec.structs.replace(self.file.screen, steps_per_second=steps_per_second)
        return replace(self, file=msgspec.structs.replace(self.file, screen=screen))

    def run(self, *, seed: int | None = None, knobs: Knobs | None = None) -> Run:
        """A new run; `seed` is of the shuffling and of drawn weights (default: the file's), `knobs` those to begin
        with. Raises ScenarioError for data that is no longer as it was when the scenario was read."""
        from scenarios.building import build_run

        if isinstance(self.file.data, CsvData):
            self._check_data(self.file.data)
        return build_run(self.file, seed=seed, knobs=knobs)

    def columns(self) -> Sequence[ColumnReport]:
        """Return how each column of the scenario's table is read. Raises ScenarioError where it has none."""
        if not isinstance(self.file.data, CsvData):
            raise ScenarioError(f"{shown_path(self.id)}: has no table; name a CSV file")
        from scenarios.data.csv import csv_memory

        return csv_memory.read(self.file.data).columns

    def _check_data(self, data: CsvData) -> None:
        from scenarios.data.csv import csv_memory

        if not is_table(self.id):
            check_place(self.id, data, allow_outside=self.allow_outside)
        try:
            check_size(self.file, csv_memory.read(data))
        except ScenarioError:
            raise
        except ValueError as error:
            raise ScenarioError(f"{self.id}: its data has changed: {error}") from None

    def trainer(self, *, seed: int | None = None, **knobs: Any) -> Trainer:
        """A trainer alone, with some of the knobs of `engine.training.knobs.Knobs` set otherwise than in the file.

        Raises RefusalError for a knob out of range or one that there is not.
        """
        return self.run(seed=seed, knobs=self._knobs(knobs)).trainer

    def plan(
        self,
        *,
        steps: int | None = None,
        epochs: int | None = None,
        seed: int | None = None,
        changes: Sequence[tuple[int, str, Any]] = (),
        **knobs: Any,
    ) -> Plan:
        """A plan of so many steps or epochs, by default as many epochs as the scenario says. changes: of a knob before
        a step, each (step, knob, value). knobs: to begin with, where they are others than the scenario's.

        Raises RefusalError where no length is known, for a knob out of range or one that there is not; ChangeError for
        a change that never happens.
        """
        from engine.runs.plan import Plan, plan_for

        seed = self.file.training.seed if seed is None else seed
        if steps is None and epochs is None:
            epochs = self.file.training.epochs
        if (steps is None) == (epochs is None):
            raise RefusalError("say how long the plan is: either steps or epochs")
        length = {"steps": steps} if epochs is None else {"epochs": epochs}
        for name, number in length.items():
            COUNT.checked(name, number)
        begin = self._knobs(knobs)
        plan = Plan(seed, begin, tuple(map(_change, changes)), steps or 0)
        return plan_for(self.run(seed=seed, knobs=begin), plan, epochs)

    def play(self, plan: Plan) -> Run:
        """The run that trains by the plan, at its end: the same bits as the same plan on the screen."""
        from engine.runs.plan import play

        run = self.run(seed=plan.seed, knobs=plan.knobs)
        play(run, plan)
        return run

    def model(self, trainer: Trainer) -> TrainedModel:
        """The model that a trainer of this scenario has learned so far, to predict with. Raises
        ScenarioError for a landscape, which predicts nothing."""
        from scenarios.models.trained_model import trained_model

        try:
            return trained_model(self.file, trainer)
        except ScenarioError as error:
            raise ScenarioError(f"{shown_path(self.id)}: {error}") from None

    def _knobs(self, given: Mapping[str, Any]) -> Knobs:
        """The scenario's knobs, but for those that are given."""
        from engine.training.knobs import check_name

        for name in given:
            check_name(name)
        return replace(self.file.training.starting_knobs(), **given)


@cache
def built_in_course() -> CourseFile:
    """The form of the course that comes with descend. Its scenarios are the presets, and all of them."""
    return parse_course(_COURSE.read_text(encoding="utf-8"), _COURSE.name)


def _change(change: tuple[int, str, Any]) -> Change:
    """The change of a plan. Raises RefusalError where it is none."""
    from engine.runs.plan import Change

    try:
        step, knob, value = change
    except (TypeError, ValueError):
        raise RefusalError(f"a change is (step, knob, value), not {shortened(change)}") from None
    return Change(COUNT.checked("the change's step", step), knob, value)


def _said(part: object) -> object:
    """A part of a file without the keys that it does not set."""
    if isinstance(part, dict):
        return {key: _said(value) for key, value in part.items() if value is not None}
    return part


def preset_names() -> list[str]:
    """The ids of the presets, in the order of the course: simple ones first."""
    return [entry.scenario for chapter in built_in_course().chapters for entry in chapter.entries]


def load(
    name: str,
    *,
    target: str | None = None,
    task: str | None = None,
    drop: Sequence[str] = (),
    scale_target: bool = False,
    progress: Progress = lambda share: None,
    allow_outside: bool = False,
) -> Scenario:
    """The preset with the id `name`, the scenario in the TOML file of that path, or one made for a table: any other
    file, or `-` for standard input.

    target: the column of the table to predict (None: the last one). task: "classification" or "regression" (None: as
    the target is). drop: columns to leave out. scale_target: whether to standardise a target of numbers. progress: is
    told the share of a table that has been read. allow_outside: whether a TOML file may name data outside of its own
    folder. Raises ScenarioError.
    """
    if is_table(name):
        from scenarios.data.own_data import scenario_file  # pandas takes long to import

        data = CsvData(
            path=name,
            target=target,
            drop=tuple(drop),
            classes=_TASKS[task],
            centre_target=True,
            scale_target=scale_target,
        )
        return Scenario(name, *scenario_file(data, progress))
    given = {"target": target, "task": task, "drop": drop, "scale-target": scale_target}
    for option, key in (("target", "target"), ("task", "classes"), ("drop", "drop"), ("scale-target", "scale_target")):
        if given[option]:
            raise ScenarioError(
                f"{shown_path(name)}: --{option} is for a CSV file only; in a TOML file it is data.{key}"
            )
    if name in preset_names():
        text = (_PRESETS / f"{name}.toml").read_text(encoding="utf-8")
        return Scenario(name, parse(text, f"{name}.toml"))
    path = Path(name)
    if path.suffix == ".toml" or (name and _exists(path)):
        try:
            file = read(path, progress, allow_outside=allow_outside)
        except ScenarioError:
            if is_course(path):
                raise ScenarioError(
                    f"{shown_path(name)}: is a course, not a scenario; `descend {shown_path(name)}` opens it"
                ) from None
            if is_plan(path):
                raise ScenarioError(
                    f"{shown_path(name)}: is a plan, not a scenario; `descend {shown_path(name)}` trains it again, and "
                    f"`descend runs import {shown_path(name)}` does so without a screen"
                ) from None
            raise
        return Scenario(name, file, _notes(file), allow_outside)
    near = difflib.get_close_matches(name.lower(), preset_names(), n=3, cutoff=0.5)
    hint = f"did you mean {' or '.join(near)}?" if near else f"there are: {', '.join(preset_names())}"
    raise ScenarioError(f"no scenario and no file is called {shortened(name)}; {hint}")


def read_again(scenario: Scenario) -> Scenario:
    """The scenario as its file is now. Raises ScenarioError, also for a preset, which has no file of the user's."""
    if scenario.id in preset_names():
        raise ScenarioError(f"{scenario.id} is a preset; only a file of your own can be read again")
    data = scenario.file.data
    if isinstance(data, CsvData) and is_table(scenario.id):
        from scenarios.data.own_data import scenario_file

        return Scenario(scenario.id, *scenario_file(data, lambda share: None))
    return load(scenario.id, allow_outside=scenario.allow_outside)


def is_table(name: str) -> bool:
    """Tell whether the name is that of a table, by its ending, or by its content: no scenario in TOML."""
    if name == "-":
        return True
    path = Path(name)
    suffix = path.suffix.lower()
    if suffix == ".toml" or name in preset_names() or not name:
        return False
    return suffix in _TABLE_SUFFIXES or (_is_regular(path) and not is_scenario(path))


def _notes(file: ScenarioFile) -> tuple[str, ...]:
    if not isinstance(file.data, CsvData):
        return ()
    from scenarios.data.csv import csv_memory

    return csv_memory.read(file.data).notes


def _is_regular(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):  # a name that no file can have
        return False


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):  # a name that no file can have
        return False
