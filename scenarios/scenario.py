"""A scenario: a checked file, and the runs that it starts."""

from __future__ import annotations

import difflib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.plain_text import shortened, shown_path
from scenarios.files.data_sources import CsvData
from scenarios.files.schema import ScenarioFile
from scenarios.reading import Progress, check_place, check_size, parse, read
from scenarios.scenario_error import ScenarioError

if TYPE_CHECKING:  # NumPy is loaded by the first run, not by reading a file
    from engine.runs.run import Run
    from engine.training.knobs import Knobs
    from engine.training.trainer import Trainer

CSV_SUFFIXES = (".csv", ".tsv")
_PRESETS = Path(__file__).with_name("presets")

COURSE = (
    *("one-weight", "line-fit", "noisy-batches", "smooth-batches", "too-slow", "brisk", "past-the-edge"),
    *("big-and-fast", "back-and-forth", "slow-down", "potholes", "small-batch-escape", "ravine", "saddle", "plateau"),
    *("linear-scaling", "edge-of-stability", "moons", "spirals", "fuel-economy", "digits", "tumours", "your-turn"),
)


@dataclass(frozen=True)
class Scenario:
    """A preset or a user's own file. Picklable; data is made when a run is.

    id: the preset's, or the path as it was given. file: its checked content. notes: sentences about what was left
    out of a CSV file. allow_outside: whether a TOML file may name data outside of its own folder.
    """

    id: str
    file: ScenarioFile
    notes: tuple[str, ...] = ()
    allow_outside: bool = False

    def run(self, *, seed: int | None = None, knobs: Knobs | None = None) -> Run:
        """A new run; `seed` is of the shuffling and of drawn weights (default: the file's), `knobs` those to begin
        with. Raises ScenarioError for data that is no longer as it was when the scenario was read."""
        from scenarios.building import build_run

        if isinstance(self.file.data, CsvData):
            self._check_data(self.file.data)
        return build_run(self.file, seed=seed, knobs=knobs)

    def _check_data(self, data: CsvData) -> None:
        from scenarios.data import csv_files

        if not _is_csv(self.id):
            check_place(self.id, data, allow_outside=self.allow_outside)
        try:
            check_size(self.file, csv_files.read(data))
        except ScenarioError:
            raise
        except ValueError as error:
            raise ScenarioError(f"{self.id}: its data has changed: {error}") from None

    def trainer(self, *, seed: int | None = None, **knobs: Any) -> Trainer:
        """A trainer alone, with some of the knobs of `engine.training.knobs.Knobs` set otherwise than in the file.

        Raises ValueError for a knob out of range and TypeError for one that there is not.
        """
        from scenarios.building import starting_knobs

        return self.run(seed=seed, knobs=replace(starting_knobs(self.file), **knobs)).trainer


def preset_names() -> list[str]:
    """The ids of the presets, in the order of a course: simple ones first."""
    return list(COURSE)


def load(
    name: str,
    *,
    target: str | None = None,
    progress: Progress = lambda share: None,
    allow_outside: bool = False,
) -> Scenario:
    """The preset with the id `name`, the scenario in the TOML file of that path, or one made for a CSV file.

    target: the column of the CSV file to predict (None: the last one). progress: is told the share of a CSV file that
    has been read. allow_outside: whether a TOML file may name data outside of its own folder. Raises ScenarioError.
    """
    if _is_csv(name):
        from scenarios.data.own_data import scenario_file  # pandas takes long to import

        return Scenario(name, *scenario_file(name, target, progress))
    if target is not None:
        raise ScenarioError(
            f"{shown_path(name)}: a target is named for a CSV file only; in a TOML file it is data.target"
        )
    if name in preset_names():
        text = (_PRESETS / f"{name}.toml").read_text(encoding="utf-8")
        return Scenario(name, parse(text, f"{name}.toml"))
    path = Path(name)
    if path.suffix == ".toml" or (name and _exists(path)):
        file = read(path, progress, allow_outside=allow_outside)
        return Scenario(name, file, _notes(file), allow_outside)
    near = difflib.get_close_matches(name.lower(), preset_names(), n=3, cutoff=0.5)
    hint = f"did you mean {' or '.join(near)}?" if near else f"there are: {', '.join(preset_names())}"
    raise ScenarioError(f"no scenario and no file is called {shortened(name)}; {hint}")


def read_again(scenario: Scenario) -> Scenario:
    """The scenario as its file is now. Raises ScenarioError, also for a preset, which has no file of the user's."""
    if scenario.id in preset_names():
        raise ScenarioError(f"{scenario.id} is a preset; only a file of your own can be read again")
    data = scenario.file.data
    if isinstance(data, CsvData) and _is_csv(scenario.id):
        return load(scenario.id, target=data.target)
    return load(scenario.id, allow_outside=scenario.allow_outside)


def _is_csv(name: str) -> bool:
    return name.lower().endswith(CSV_SUFFIXES)


def _notes(file: ScenarioFile) -> tuple[str, ...]:
    if not isinstance(file.data, CsvData):
        return ()
    from scenarios.data import csv_files

    return csv_files.read(file.data).notes


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):  # a name that no file can have
        return False
