"""Plan files: a training as a small readable file, which trains again to the same bits. It is data: nothing in it runs,
and it names no file but the table of its own scenario, in its own folder. A table that does not lie there is found by
its SHA-256 among those that the user has trained on."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from engine.plain_text import shortened, shown_path
from engine.refusals import RefusalError
from engine.runs.plan import Change, Plan
from scenarios import reading
from scenarios.files.data_sources import CsvData
from scenarios.files.plan_forms import VERSION, PlanFile, PlannedOutcome, parsed_mark
from scenarios.records.kept_scenario import STANDARD_INPUT, sha256_of_file
from scenarios.records.knob_values import from_plain
from scenarios.records.records_error import RecordsError
from scenarios.scenario import Scenario, load, preset_names
from scenarios.scenario_error import ScenarioError

if TYPE_CHECKING:
    from engine.runs.records.agreement import Expected
    from scenarios.files.schema import ScenarioFile
    from scenarios.records.kept_run import KeptRun, Outcome
    from scenarios.records.run_store import RunStore

_HEAD = """\
# A training of descend. `descend FILE` does it again, and says whether it came to the same bits.
"""


@dataclass(frozen=True)
class PlannedTraining:
    """A training as a plan file says it. expected: what came of it, None where the file does not say. notes: sentences
    about what is no longer as it was. name: that it was given."""

    scenario: Scenario
    plan: Plan
    expected: Expected | None
    notes: tuple[str, ...] = ()
    name: str = ""


def read_plan(path: Path, *, allow_outside: bool = False, store: RunStore | None = None) -> PlannedTraining:
    """Read a plan file, and the data of its scenario. store: the records that know where a table lies which is not
    beside the plan. Raises ScenarioError, naming the file and what is wrong in it."""
    name = str(path)
    if reading.is_scenario(path) and not reading.is_plan(path):
        shown = shown_path(name)
        raise ScenarioError(f"{shown}: is a scenario, not a plan; `descend {shown}` trains it")
    table, file = reading.checked(reading.text_of(path, "a plan file"), name, PlanFile)
    scenario = _scenario(file, table, name, allow_outside=allow_outside, store=store)
    try:
        changes = tuple(Change(one.step, one.knob, from_plain(one.knob, one.value), one.joined) for one in file.changes)
    except RefusalError as error:
        raise ScenarioError(f"{name}: `changes`: {error}") from None
    notes = scenario.notes
    if file.content and file.content != scenario.content:
        notes += (f"{shown_path(name)}: {scenario.id} says something else now than when this was trained",)
    plan = Plan(file.seed, file.knobs.starting_knobs(), changes, file.steps)
    expected = _expected(file.outcome, file.steps) if file.outcome else None
    return PlannedTraining(scenario, plan, expected, notes, file.name)


def _scenario(
    file: PlanFile, table: dict[str, Any], name: str, *, allow_outside: bool, store: RunStore | None
) -> Scenario:
    said = file.scenario
    if isinstance(said, str):
        if said not in preset_names():
            raise ScenarioError(
                f"{name}: `scenario` = {shortened(said)}: there is no such preset; it is a preset's id, or the table "
                "[scenario] with all that a scenario file says"
            )
        return load(said)
    if not isinstance(said.data, CsvData):
        return Scenario(name, said, allow_outside=allow_outside)
    said = reading.beside(said, table["scenario"], name, allow_outside=allow_outside)
    assert isinstance(said.data, CsvData)
    place, notes = said.data.path, tuple[str, ...]()
    if file.data_sha256 is not None and (now := sha256_of_file(place)) != file.data_sha256:
        found = _recorded_place(file.data_sha256, store)
        if found is None:
            raise ScenarioError(f"{name}: {_missing(place, file.data_sha256, now)}")
        notes = (f"{shown_path(name)}: its data is read from {shown_path(found)}, which has the same SHA-256",)
        said = msgspec.structs.replace(said, data=msgspec.structs.replace(said.data, path=found))
        allow_outside = True  # for the place is the user's word, not the plan's
    reading.check_data(said, table["scenario"], name)
    return Scenario(name, said, notes, allow_outside)


def _recorded_place(sha256: str, store: RunStore | None) -> str | None:
    """The place of a table with that SHA-256 that the user has trained on; None where there is none any more."""
    try:
        places = store.tables(sha256) if store else []
    except RecordsError:  # the store cannot be used; a plan needs none
        return None
    return next((place for place in places if sha256_of_file(place) == sha256), None)


def _missing(place: str, sha256: str, now: str) -> str:
    """Words for a table that is not the right one, or is not there. now: the SHA-256 of what is there, or ""."""
    if now:
        return f"`data_sha256`: {shown_path(place)} is not the data that this was trained on; its SHA-256 is {now}"
    return (
        f"[data]: {shown_path(place)}: cannot be read, and no record knows another place of this data; put the table "
        f"there whose SHA-256 is {sha256}"
    )


def _expected(outcome: PlannedOutcome, steps: int) -> Expected:
    from engine.runs.records.agreement import Expected
    from engine.runs.records.marks import Mark

    marks = tuple(Mark(*parsed_mark(mark)) for mark in outcome.marks)
    return Expected(steps, outcome.weights_sha256, outcome.training_loss, marks, versions_in_words(outcome.by))


def expected_of(outcome: Outcome) -> Expected:
    """Return what came of a record, for a training of the same plan."""
    from engine.runs.records.agreement import Expected
    from engine.runs.records.marks import Mark

    marks = tuple(Mark(mark.steps, mark.digest, mark.length or 0.0) for mark in outcome.marks)
    by = versions_in_words(outcome.versions)
    return Expected(outcome.steps, outcome.weights_sha256, outcome.training_loss, marks, by)


def versions_in_words(versions: dict[str, str]) -> str:
    """Return the versions of what trained a run, in a few words."""
    return ", ".join(f"{name} {version}" for name, version in versions.items())


def as_plan_file(run: KeptRun, file: ScenarioFile) -> str:
    """Return the text of a plan file of a record. file: what its scenario says.

    A table of the user's own is named without its folder, and known by its SHA-256. Raises RecordsError for one that
    came by standard input.
    """
    import tomli_w

    outcome = run.outcome
    table: dict[str, Any] = {"plan": VERSION}
    if run.scenario in preset_names() and load(run.scenario).content == run.content:
        table["scenario"] = run.scenario
    table |= {"name": run.name} if run.name else {}
    table |= {"content": run.content, "seed": outcome.seed, "steps": outcome.steps}
    if isinstance(file.data, CsvData):
        if file.data.path == STANDARD_INPUT:
            raise RecordsError(f"the data of the record {run.id} came by standard input: no plan file can name it")
        table["data_sha256"] = outcome.data_sha256
        file = msgspec.structs.replace(file, data=msgspec.structs.replace(file.data, path=Path(file.data.path).name))
    table["knobs"] = _as_tables(outcome.knobs)
    changes = [
        {"step": one.step, "knob": one.knob, "value": one.after} | ({"joined": True} if one.joined else {})
        for one in outcome.changes
    ]
    if changes:
        table["changes"] = changes
    table["outcome"] = _outcome(outcome)
    if "scenario" not in table:
        table["scenario"] = _without_defaults(file)
    return _HEAD + tomli_w.dumps(table, multiline_strings=True)


def _as_tables(knobs: dict[str, Any]) -> dict[str, Any]:
    """The knobs as a scenario file has them: a schedule is a table, no clipping is said by silence."""
    from dataclasses import asdict

    values = dict(knobs)
    if "schedule" in values:
        schedule = from_plain("schedule", values["schedule"])
        values["schedule"] = {"kind": schedule.kind, **asdict(schedule)}
    return values


def _outcome(outcome: Outcome) -> dict[str, Any]:
    said: dict[str, Any] = {"weights_sha256": outcome.weights_sha256}
    if outcome.training_loss is not None:
        said["training_loss"] = outcome.training_loss
    lengths = [(mark, float("nan") if mark.length is None else mark.length) for mark in outcome.marks]
    said["marks"] = [f"{mark.steps} {mark.digest} {length:.9g}" for mark, length in lengths]
    return {**said, "by": outcome.versions}


def _without_defaults(part: Any) -> Any:
    """A form as its file would say it: without what is as it would be anyway."""
    if isinstance(part, msgspec.Struct):
        tag = type(part).__struct_config__
        said = {tag.tag_field: tag.tag} if tag.tag else {}
        for field in msgspec.structs.fields(part):
            value = getattr(part, field.name)
            if value is not None and value != field.default:
                said[field.name] = _without_defaults(value)
        return said
    if isinstance(part, tuple | list):
        return [_without_defaults(inner) for inner in part]
    return msgspec.to_builtins(part)
