"""Reading a scenario file or a course file: TOML, then the schema, with every refusal in words."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, Union, get_args, get_origin

import msgspec

from engine.plain_text import LONGEST, first_unshown, shortened
from scenarios.files import outside_files, toml_text
from scenarios.files.course_forms import CourseFile
from scenarios.files.data_sources import CsvData, Size
from scenarios.files.forms import Table
from scenarios.files.schema import ScenarioFile
from scenarios.scenario_error import ScenarioError

Progress = Callable[[float], None]
Form = TypeVar("Form", bound=Table)

_MAX_BYTES = 1_000_000
# msgspec's words, and ours.
_KINDS = {
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "str": "text",
    "array": "a list",
    "object": "a table",
}
_RELATIONS = {">=": " of at least", "<=": " of at most", ">": " above", "<": " below"}
_UNITS = {"str": (" characters", " character"), "array": (" entries", " entry")}
_DIGITS = re.compile(r"matching regex '\^\[0-9a-f\]\{(\d+)\}\$'")
_LISTS_OF_TABLES = ("chapters", "answers", "changes")
_LONG_TEXTS = ("briefing", "words")  # which may have lines


def read(path: Path, progress: Progress = lambda share: None, *, allow_outside: bool = False) -> ScenarioFile:
    """The scenario in `path`; its CSV file, if it has one, is read too, telling `progress` the share that is done.

    allow_outside: whether that file may lie outside of the scenario's own folder. Raises ScenarioError, naming the
    file and what is wrong in it.
    """
    return parse(text_of(path, "a scenario file"), str(path), progress, allow_outside=allow_outside)


def read_course(path: Path) -> CourseFile:
    """The form of the course in `path`. Raises ScenarioError, naming the file and what is wrong in it."""
    return parse_course(text_of(path, "a course file"), str(path))


def text_of(path: Path, what: str) -> str:
    """The text of a file; `what` says which kind of file is wanted. Raises ScenarioError."""
    content = outside_files.content(path, most=_MAX_BYTES, what=what)
    try:
        return toml_text.decode(content)
    except ValueError as error:
        raise ScenarioError(f"{path}: {error}") from None


def is_course(path: Path) -> bool:
    """Tell whether the file is a course by its content: TOML with chapters, also somewhat misspelt, and no model."""
    keys = _keys_in(path)
    return bool(difflib.get_close_matches("chapters", keys, n=1, cutoff=0.8)) and "objective" not in keys


def is_scenario(path: Path) -> bool:
    """Tell whether the file, whatever its ending, is a scenario by its content: TOML with a key that scenarios have."""
    return any(key in ScenarioFile.__struct_fields__ for key in _keys_in(path))


def is_plan(path: Path) -> bool:
    """Tell whether the file is a plan by its content: TOML with the version of its form, and no model of its own."""
    keys = _keys_in(path)
    return "plan" in keys and "objective" not in keys


def _keys_in(path: Path) -> list[str]:
    """The keys of a TOML file; none of what is no such file."""
    try:
        return list(toml_text.parse(text_of(path, "a scenario file")))
    except (ScenarioError, ValueError):
        return []


def parse(
    text: str, name: str, progress: Progress = lambda share: None, *, allow_outside: bool = False
) -> ScenarioFile:
    """The scenario in `text`; `name` is the path of its file. Raises ScenarioError."""
    if not text.strip():
        raise ScenarioError(
            f"{name}: the file is empty; a scenario needs at least title, summary, briefing, and the "
            "tables [data], [objective] and [training]"
        )
    table, file = checked(text, name, ScenarioFile)
    if isinstance(file.data, CsvData):
        file = beside(file, table, name, allow_outside=allow_outside)
        check_data(file, table, name, progress)
    return file


def beside(file: ScenarioFile, table: dict[str, Any], name: str, *, allow_outside: bool) -> ScenarioFile:
    """The scenario of the file `name` with the place of its data as seen from here. table: what the file says. Raises
    ScenarioError for a place outside of that file's own folder, unless that is allowed."""
    assert isinstance(file.data, CsvData)
    try:
        path = outside_files.beside(name, file.data.path, allow_outside=allow_outside)
    except ValueError as error:
        raise ScenarioError(f"{name}: {_worded(f'data.path: {error}', table)}") from None
    return msgspec.structs.replace(file, data=msgspec.structs.replace(file.data, path=str(path)))


def check_data(file: ScenarioFile, table: dict[str, Any], name: str, progress: Progress = lambda share: None) -> None:
    """Raise ScenarioError where the scenario's CSV file cannot be read, or does not fit."""
    from scenarios.data.csv import csv_memory  # NumPy takes long to import

    assert isinstance(file.data, CsvData)
    try:
        size = csv_memory.read(file.data, progress)
    except ScenarioError as error:
        raise ScenarioError(f"{name}: [data]: {error}") from None
    try:
        check_size(file, size)
    except ValueError as error:
        raise ScenarioError(f"{name}: {_worded(str(error), table)}") from None


def parse_course(text: str, name: str) -> CourseFile:
    """The form of the course in `text`; `name` is the path of its file. Raises ScenarioError."""
    return checked(text, name, CourseFile)[1]


def checked(text: str, name: str, form: type[Form]) -> tuple[dict[str, Any], Form]:
    """The table that the text writes, and the same in its form. Raises ScenarioError."""
    try:
        table = toml_text.parse(text)
    except ValueError as error:
        raise ScenarioError(f"{name}: {error}") from None
    try:
        file = msgspec.convert(table, form)
    except msgspec.ValidationError as error:
        raise ScenarioError(f"{name}: {_worded(str(error), table, form)}") from None
    _refuse_control_characters(name, table)
    return table, file


def check_place(name: str, data: CsvData, *, allow_outside: bool) -> None:
    """Raise ScenarioError where data that was read before, of the scenario `name`, now lies outside of its folder."""
    try:
        outside_files.require_inside(name, Path(data.path), allow_outside=allow_outside)
    except ValueError as error:
        raise ScenarioError(f"{name}: `data.path`: {error}") from None


def _refuse_control_characters(name: str, table: dict[str, Any]) -> None:
    """Raise ScenarioError for a text that a terminal might obey instead of showing it."""
    left: list[tuple[list[str | int], Any]] = [([], table)]
    while left:
        names, value = left.pop()
        if isinstance(value, dict):
            left += [([*names, key], inner) for key, inner in value.items()]
        elif isinstance(value, list):
            left += [([*names, index], inner) for index, inner in enumerate(value)]
        elif isinstance(value, str):
            lines = names[-1] in _LONG_TEXTS
            place = first_unshown(value, allowed="\n\t" if lines else "")
            if place is not None:
                line, column = value.count("\n", 0, place) + 1, place - value.rfind("\n", 0, place)
                where = f"character {column}" + (f" of line {line}" if lines else "")
                raise ScenarioError(
                    f"{name}: `{_where(names)}` = {_toml(value)}: {where} is the control character "
                    f"U+{ord(value[place]):04X}; leave it out"
                )


def check_size(file: ScenarioFile, size: Size) -> None:
    """Raise ValueError, beginning with the key, where the file does not fit data that turned out to be so large."""
    assert file.data is not None
    try:
        file.data.check(size)
    except ValueError as error:
        raise ValueError(f"data.{error}") from None
    file.check_model(size)


def _worded(message: str, table: dict[str, Any], form: type[Table] = ScenarioFile) -> str:
    """The refusal of msgspec, with the key as TOML writes it, the value, and for a misspelt key the nearest ones."""
    message, _, path = message.partition(" - at `$")
    path, of_each, _ = path.partition("[...]")  # a value of a table whose keys may be any
    names = [name or int(index) for name, index in re.findall(r"\.([^.\[`]+)|\[(\d+)\]", path)]
    if unknown := re.fullmatch(r"Object contains unknown field `(.*)`", message, re.DOTALL):
        return _unknown(unknown[1], names, table, form)
    if missing := re.fullmatch(r"Object missing required field `(.*)`", message):
        return _missing(missing[1], names, form)
    if own := re.fullmatch(r"([\w.]+): (.*)", message):  # from the schema's own checks
        names, message = [*names, *own[1].split(".")], own[2]
    value = _value(table, names)
    subject = f"`{_where(names)}`" + ("" if isinstance(value, dict) else f" = {_toml(value)}")
    if message == "Number out of range":
        return f"{subject}: is too large"
    if message.startswith("Invalid"):
        return f"{subject} is not one of: {', '.join(_choices(names, form))}"
    if expected := re.match(r"Expected `(\w+)[^`]*`(?:( of length)? (>=|<=|>|<) ([\d.]+))?", message):
        kind, length, relation, bound = expected.groups()
        message = f"{'each of its values ' if of_each else ''}must be {_KINDS[kind]}"
        if digits := _DIGITS.search(expected.string):
            message = f"must be {digits[1]} of the digits 0-9 and a-f"
        elif relation:
            message += f"{_RELATIONS[relation]} {_number(bound)}{_UNITS[kind][bound == '1'] if length else ''}"
        if isinstance(value, dict) and names[-1] in _LISTS_OF_TABLES and not of_each:
            message += f"; write [[{_where(names)}]] above each of them"
    return f"{subject}: {message}"


def _where(names: list[str | int]) -> str:
    return "".join(f"[{name}]" if isinstance(name, int) else f".{name}" for name in names).lstrip(".")


def _number(bound: str) -> str:
    return f"{float(bound):,.0f}" if float(bound).is_integer() else bound


def _missing(key: str, names: list[str | int], form: type[Table]) -> str:
    if any(_is_table(kind) for kind in _types([*names, key], form)):
        return f"the table [{_where([*names, key])}] is missing"
    choices = ", ".join(_choices([*names, key], form))
    return f"the key `{key}` is missing{_in(names)}{f'; it is one of: {choices}' if choices else ''}"


def _unknown(key: str, names: list[str | int], table: dict[str, Any], form: type[Table]) -> str:
    import json  # only to refuse something

    known = sorted(_keys(names, table, form))
    near = difflib.get_close_matches(key, known, n=1)
    hint = f"did you mean `{near[0]}`?" if near else f"known are: {', '.join(known)}"
    if len(key) > LONGEST:
        key = shortened(key)
    return f"unknown key `{key if key.isprintable() else json.dumps(key)}`{_in(names)}; {hint}"


def _in(names: list[str | int]) -> str:
    return f" in [{_where(names)}]" if names else ""


def _value(table: Any, names: list[str | int]) -> Any:
    for name in names:
        try:
            table = table[name]
        except (KeyError, IndexError, TypeError):
            return table
    return table


def _toml(value: Any) -> str:
    """A value about as TOML writes it, on one short line."""
    import json

    try:
        text = json.dumps(value, ensure_ascii=False, default=str)
        text = text if text.isprintable() else json.dumps(value, default=str)
    except (ValueError, RecursionError):  # thousands of digits, or of brackets
        text = "…"
    if not isinstance(value, str):
        text = text.replace("NaN", "nan").replace("Infinity", "inf")
    return text if len(text) <= 60 else text[:57] + "…"


def _types(names: list[str | int], form: type[Table]) -> list[Any]:
    """The form's types that may stand at this place, unions taken apart."""
    types: list[Any] = [form]
    for name in names:
        if isinstance(name, int):
            types = [part for kind in types for inner in get_args(kind)[:1] for part in _parts(inner)]
            continue
        fields = [field for kind in types if _is_table(kind) for field in msgspec.structs.fields(kind)]
        types = [part for field in fields if field.name == name for part in _parts(field.type)]
    return types


def _parts(annotation: Any) -> list[Any]:
    while hasattr(annotation, "__metadata__"):
        annotation = annotation.__origin__
    if get_origin(annotation) is Union or type(annotation).__name__ == "UnionType":
        return [part for member in get_args(annotation) for part in _parts(member)]
    return [annotation]


def _is_table(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, msgspec.Struct)


def _tag(kind: Any) -> Any:
    return kind.__struct_config__.tag


def _keys(names: list[str | int], table: dict[str, Any], form: type[Table]) -> set[str]:
    here = _value(table, names)
    kinds = [kind for kind in _types(names, form) if _is_table(kind)]
    if isinstance(here, dict) and any(_tag(kind) == here.get("kind") for kind in kinds if _tag(kind)):
        kinds = [kind for kind in kinds if _tag(kind) == here["kind"]]
    keys = {field.name for kind in kinds for field in msgspec.structs.fields(kind)}
    return keys | ({"kind"} if any(_tag(kind) for kind in kinds) else set())


def _choices(names: list[str | int], form: type[Table]) -> list[str]:
    """The words that may stand at this place, where only certain ones may."""
    if names[-1] == "kind":
        return [_tag(kind) for kind in _types(names[:-1], form) if _is_table(kind)]
    return [str(choice) for kind in _types(names, form) for choice in get_args(kind)]
