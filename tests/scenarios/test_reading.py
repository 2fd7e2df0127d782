import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import scenarios
from engine.plain_text import shortened
from scenarios import ScenarioError
from scenarios.files.schema import ScenarioFile
from scenarios.reading import parse, read

ROOT = Path(__file__).parents[2]
VALID = """
title = "T"
summary = "S"
briefing = "B"

[data]
kind = "line"

[objective]
kind = "least_squares"

[training]
learning_rate = 0.1
batch_size = 32
"""
BUNDLED = 'kind = "bundled"\nname = "auto-mpg"'


def changed(before, after):
    assert before in VALID
    return VALID.replace(before, after)


def refusal(text):
    with pytest.raises(ScenarioError) as caught:
        parse(text, "my.toml")
    message = str(caught.value)
    assert message.startswith("my.toml: ")
    return message.removeprefix("my.toml: ")


def test_a_valid_file_is_read(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text(VALID)
    scenario = scenarios.load(str(path))
    assert scenario.id == str(path)
    assert scenario.file.title == "T"
    assert scenario.run().advance(10) == 10


def test_a_byte_order_mark_is_no_matter(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_bytes(b"\xef\xbb\xbf" + VALID.encode())
    assert read(path) == parse(VALID, "")


def test_whole_numbers_are_numbers():
    assert parse(changed("0.1", "1"), "").training.learning_rate == 1.0


KNOWN_TRAINING = (
    "batch_size, epochs, gradient_clip, learning_rate, momentum, optimizer, sampling, schedule, seed, weight_decay, "
    "weights"
)
KINDS = "line, sine, chebyshev, moons, circles, xor, blobs, spirals, bundled"
TRAINING = VALID[VALID.index("[training]") :]
REFUSALS = {
    "empty": (" \n", "the file is empty; a scenario needs at least title, summary, briefing, and the tables"),
    "malformed": (
        changed("[data]", "[data"),
        "not valid TOML: Expected ']' at the end of a table declaration (at line 6, column 6): '[data'",
    ),
    "decimal comma": (changed("0.1", "0,1"), "): 'learning_rate = 0,1'; a number has a decimal point"),
    "text without an end": (
        changed('title = "T"', 'title = "T"\nbriefing = """'),
        "not valid TOML: a text has no closing quotation mark (at end of document), begun at line 3: 'briefing",
    ),
    "line without a quotation mark": (
        changed('"T"', '"T'),
        "not valid TOML: a text has no closing quotation mark (at line 2, column 11): 'title = \"T'",
    ),
    "literal without a quotation mark": (
        changed('"T"', "'T"),
        'a text has no closing quotation mark (at end of document), begun at line 2: "title = \'T"',
    ),
    "literal without a quotation mark, before another": (
        changed('"T"', "'T").replace('"S"', "'S'"),
        'a text has no closing quotation mark (at line 2, column 11): "title = \'T"',
    ),
    "last line without a quotation mark": (
        'title = """T"""\nsummary = "S',
        "a text has no closing quotation mark (at end of document), begun at line 2: 'summary = \"S'",
    ),
    "given twice": (changed('title = "T"', 'title = "T"\ntitle = "U"'), "not valid TOML: Cannot overwrite a value"),
    "nested deeply": (changed("0.1", "[" * 5000), "not valid TOML: nested too deeply"),
    "key of many parts": (
        changed("0.1", "1\n" + "a." * 20_000 + "b = 1"),
        "nested too deeply: a key of more than 50 parts",
    ),
    "long key twice": (f"[{'x' * 500}]\n[{'x' * 500}]", "… (at line 2, column"),
    "digits for ever": (changed("0.1", "9" * 5000), "not valid TOML: Exceeds the limit (4300 digits)"),
    "misspelt key": (
        changed("learning_rate", "learnig_rate"),
        "unknown key `learnig_rate` in [training]; did you mean `learning_rate`?",
    ),
    "misspelt table": (changed("[training]", "[trainning]"), "unknown key `trainning`; did you mean `training`?"),
    "unknown key": (
        changed("learning_rate", "altitude"),
        f"unknown key `altitude` in [training]; known are: {KNOWN_TRAINING}",
    ),
    "key of another kind": (
        changed('kind = "line"', 'kind = "moons"\nslope = 2'),
        "unknown key `slope` in [data]; known are: examples, kind, noise, seed, standardise, stratify, validation_",
    ),
    "unprintable key": (changed("learning_rate", '"a\\nb\\u001b"'), 'unknown key `"a\\nb\\u001b"` in [training]'),
    "missing key": (changed("learning_rate = 0.1", ""), "the key `learning_rate` is missing in [training]"),
    "missing title": (changed('title = "T"', ""), "the key `title` is missing"),
    "missing table": (changed(TRAINING, ""), "the table [training] is missing"),
    "missing kind": (
        changed('kind = "line"', "examples = 3"),
        f"the key `kind` is missing in [data]; it is one of: {KINDS}",
    ),
    "unknown kind": (changed('"line"', '"lines"'), f'`data.kind` = "lines" is not one of: {KINDS}'),
    "unknown objective": (
        changed('"least_squares"', '"logistics"'),
        '`objective.kind` = "logistics" is not one of: least_squares, polynomial, logistic, softmax, network',
    ),
    "unknown data set": (
        changed('kind = "line"', 'kind = "bundled"\nname = "auto-mgp"'),
        '`data.name` = "auto-mgp" is not one of: auto-mpg, digits, breast-cancer',
    ),
    "unknown view": (VALID + '[screen]\nview = "map"', '`screen.view` = "map" is not one of: weights, data'),
    "unprintable value": (changed('"line"', '"\\u001b[31m"'), '`data.kind` = "\\u001b[31m" is not one of'),
    "text for a number": (changed("0.1", '"fast"'), '`training.learning_rate` = "fast": must be a number'),
    "date for a number": (changed("0.1", "2020-01-01"), '`training.learning_rate` = "2020-01-01": must be a number'),
    "bool for a number": (changed("0.1", "true"), "`training.learning_rate` = true: must be a number"),
    "bool for a whole number": (changed("32", "true"), "`training.batch_size` = true: must be a whole number"),
    "fraction": (changed("32", "2.5"), "`training.batch_size` = 2.5: must be a whole number"),
    "number for text": (changed('"T"', "3"), "`title` = 3: must be text"),
    "number for a bool": (changed('"least_squares"', '"least_squares"\nbias = 1'), "bias` = 1: must be true or false"),
    "text for a list": (VALID + 'weights = "1"', '`training.weights` = "1": must be a list'),
    "text in a list": (VALID + 'weights = [1, "b"]', '`training.weights[1]` = "b": must be a number'),
    "table in a list": (VALID + "weights = [{ a = 1 }]", "`training.weights[0]`: must be a number"),
    "text for a table": (changed('[data]\nkind = "line"', 'data = "line"'), '`data` = "line": must be a table'),
    "list for a table": (changed("[data]", "[[data]]"), '`data` = [{"kind": "line"}]: must be a table'),
    "text for an optional number": (VALID + '[screen]\nsteps_per_second = "a"', 'second` = "a": must be a number'),
    "nan": (changed("0.1", "nan"), "`training.learning_rate` = nan: must be a number above 0"),
    "nan without bounds": (changed('"line"', '"line"\nslope = nan'), "`data.slope` = nan: must be finite"),
    "infinity": (changed("0.1", "inf"), "`training.learning_rate` = inf: must be finite"),
    "nan in a list": (VALID + "weights = [1.5, nan]", "`training.weights` = [1.5, nan]: must be finite"),
    "too large for a number": (changed("0.1", "9" * 400), ": is too large"),
    "zero learning rate": (changed("0.1", "0"), "`training.learning_rate` = 0: must be a number above 0"),
    "zero batch": (changed("32", "0"), "`training.batch_size` = 0: must be a whole number of at least 1"),
    "momentum of one": (VALID + "momentum = 1", "`training.momentum` = 1: must be a number below 1"),
    "negative noise": (changed('"line"', '"line"\nnoise = -1'), "`data.noise` = -1: must be a number of at least 0"),
    "too many examples": (
        changed('"line"', '"line"\nexamples = 100000000'),
        "`data.examples` = 100000000: must be a whole number of at most 10,000,000",
    ),
    "share": (
        changed('kind = "line"', BUNDLED + "\nvalidation_share = 1.5"),
        "`data.validation_share` = 1.5: must be a number of at most 0.9",
    ),
    "nothing left to train on": (
        changed('"line"', '"line"\nexamples = 4\nvalidation_share = 0.9'),
        "`data.validation_share` = 0.9: holds out 4 of 4 examples; at least one must be held out and one left",
    ),
    "nothing held out": (
        changed('"line"', '"line"\nexamples = 4\nvalidation_share = 0.1'),
        "`data.validation_share` = 0.1: holds out 0 of 4 examples; at least one must be held out and one left",
    ),
    "stratified numbers": (
        changed('"line"', '"line"\nstratify = true'),
        "`data.stratify` = true: must be left out, for this data has no classes",
    ),
    "stratified cars": (
        changed('kind = "line"', BUNDLED + "\nstratify = false"),
        "`data.stratify` = false: must be left out, for this data has no classes",
    ),
    "number for stratify": (changed('"line"', '"xor"\nstratify = 1'), "`data.stratify` = 1: must be true or false"),
    "fewer examples than classes": (
        changed('"line"', '"blobs"\nexamples = 3\nclasses = 4'),
        "`data.examples` = 3: must be at least 4, one for every class",
    ),
    "one example for two default classes": (
        changed('"line"', '"moons"\nexamples = 1'),
        "`data.examples` = 1: must be at least 2, one for every class",
    ),
    "too many numbers": (
        changed('"line"', '"blobs"\nexamples = 1000000\nfeatures = 51'),
        "`data.examples` = 1000000: times features must be at most 50,000,000",
    ),
    "one class": (
        changed('"line"', '"spirals"\nclasses = 1'),
        "`data.classes` = 1: must be a whole number of at least 2",
    ),
    "eleven classes": (
        changed('"line"', '"blobs"\nclasses = 11'),
        "`data.classes` = 11: must be a whole number of at most 10",
    ),
    "one feature": (
        changed('"line"', '"blobs"\nfeatures = 1'),
        "`data.features` = 1: must be a whole number of at least 2",
    ),
    "negative turns": (changed('"line"', '"spirals"\nturns = -1'), "`data.turns` = -1: must be a number of at least 0"),
    "infinite turns": (changed('"line"', '"spirals"\nturns = inf'), "`data.turns` = inf: must be finite"),
    "no periods": (changed('"line"', '"sine"\nperiods = 0'), "`data.periods` = 0: must be a number above 0"),
    "nan amplitude": (changed('"line"', '"sine"\namplitude = nan'), "`data.amplitude` = nan: must be finite"),
    "radius of one": (
        changed('"line"', '"circles"\ninner_radius = 1'),
        "`data.inner_radius` = 1: must be a number below 1",
    ),
    "empty title": (changed('"T"', '""'), '`title` = "": must be text of at least 1 character'),
    "long title": (changed('"T"', f'"{"x" * 70}"'), "xxx…: must be text of at most 60 characters"),
    "long text on one line": (changed('"T"', '"""' + "a\nb" * 30 + '"""'), '`title` = "a\\nba\\nb'),
}


@pytest.mark.parametrize(("text", "expected"), REFUSALS.values(), ids=REFUSALS)
def test_a_refusal_names_key_value_and_what_would_be_right(text, expected):
    message = refusal(text)
    assert expected in message
    assert message.isprintable()
    assert len(message) < 200


SIZES = {
    'kind = "line"': (256, 1, 0),
    'kind = "sine"\nexamples = 20': (20, 1, 0),
    'kind = "moons"': (256, 2, 2),
    'kind = "circles"': (256, 2, 2),
    'kind = "xor"': (256, 2, 2),
    'kind = "blobs"\nclasses = 5\nfeatures = 7': (256, 7, 5),
    'kind = "spirals"\nclasses = 3': (256, 2, 3),
    BUNDLED: (392, 8, 0),
    'kind = "bundled"\nname = "digits"': (1797, 64, 10),
    'kind = "bundled"\nname = "breast-cancer"': (569, 30, 2),
}


def test_the_size_of_the_data_is_known_without_numpy_and_without_its_file():
    program = """
import ast, sys
from scenarios import reading
for text, size in ast.literal_eval(sys.stdin.read()):
    data = reading.parse(text, "").data
    assert (data.num_examples, data.num_features, data.num_classes) == size, (text, size)
assert "numpy" not in sys.modules
"""
    texts = repr([(changed('kind = "line"', data).replace("least_squares", "network"), n) for data, n in SIZES.items()])
    subprocess.run([sys.executable, "-c", program], input=texts, text=True, cwd=ROOT, check=True)


@pytest.mark.parametrize("data", [data for data, (_, _, num_classes) in SIZES.items() if num_classes])
def test_classes_are_not_for_least_squares(tmp_path, data):
    path = tmp_path / "mine.toml"
    path.write_text(changed('kind = "line"', data))
    with pytest.raises(ScenarioError, match=r"mine.toml: `objective.kind` = .*but the data has \d+ classes"):
        scenarios.load(str(path)).run()


def test_weights_must_fit_the_model():
    with pytest.raises(ScenarioError, match=r"^mine: `training.weights` = .*3 numbers, but the model has 2 weights$"):
        parse(VALID + "weights = [1, 2, 3]", "mine")


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"\xff\xfe", "line 1 is not UTF-8 text"),
        (b"title = 'a'\nsummary = '\xe4'", "line 2 is not UTF-8 text"),
        (b"#" * 1_000_001, "has 1,000,001 bytes; at most 1,000,000 are read"),
        (b"", "the file is empty"),
        (b"\0", "not valid TOML"),
    ],
)
def test_a_file_that_is_no_scenario_is_refused(tmp_path, content, expected):
    path = tmp_path / "mine.toml"
    path.write_bytes(content)
    with pytest.raises(ScenarioError) as caught:
        scenarios.load(str(path))
    assert str(caught.value).startswith(f"{path}: {expected}")


def test_a_folder_is_refused(tmp_path):
    with pytest.raises(ScenarioError) as caught:
        scenarios.load(str(tmp_path))
    assert str(caught.value).startswith(f"{tmp_path}: cannot be read: ")


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(ScenarioError, match=r"mine\.toml: cannot be read: No such file"):
        scenarios.load(str(tmp_path / "mine.toml"))


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_refused(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text(VALID)
    path.chmod(0)
    with pytest.raises(ScenarioError, match="cannot be read: Permission denied"):
        scenarios.load(str(path))


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("line-fitt", "did you mean line-fit"),
        ("Line-Fit", "did you mean line-fit"),
        ("fuel", "did you mean fuel-economy?"),
        ("oneweight", "did you mean one-weight"),
        ("zzz", "there are: one-weight, line-fit, noisy-batches, "),
        ("", "there are: one-weight, line-fit, noisy-batches, "),
        ("a\0b", "there are: one-weight, line-fit, noisy-batches, "),
        ("x" * 5000, "there are: one-weight, line-fit, noisy-batches, "),
    ],
)
def test_an_unknown_name_is_refused_with_the_nearest(name, hint):
    with pytest.raises(ScenarioError) as caught:
        scenarios.load(name)
    assert f"no scenario and no file is called {shortened(name)}; {hint}" in str(caught.value)


def is_read_or_refused(function, *arguments):
    try:
        return isinstance(function(*arguments), ScenarioFile)
    except ScenarioError as error:
        return "fuzz.toml: " in str(error)


@given(st.binary() | st.binary().map(lambda tail: VALID.encode() + tail))
def test_any_bytes_are_read_or_refused(tmp_path_factory, content):
    path = tmp_path_factory.getbasetemp() / "fuzz.toml"
    path.write_bytes(content)
    assert is_read_or_refused(read, path)


VALUES = st.one_of(
    st.sampled_from(
        ['""', '"line"', '"blobs"', '"a\\u0000b"', "true", "nan", "-inf", "1e400", "0x" + "f" * 5000, "2020-01-01"]
    ),
    st.sampled_from(["[]", "{}", "[[1], 2]", "{ a = [{ b = 1 }] }", "[" * 50 + "]" * 50, "{ kind = 3 }"]),
    st.sampled_from(['{ kind = "cosine", steps = 5 }', '{ kind = "cosine", "a`b\\u001b" = 5 }']),
    st.integers().map(str),
    st.floats().map(lambda number: f"{number:e}"),
)
KEYS = st.sampled_from(
    [
        *("title", "data", "data.kind", "data.a.b", "training", "training.weights", "screen", "screen.view", "kind"),
        *("learning_rate", "batch_size", "examples", "name", "validation_share", "bias"),
        *("stratify", "classes", "turns", "noise", "schedule", "training.schedule", "optimizer"),
        *("'.'", '"\\u001b"', "'a`b - at `$.c'"),
    ]
)


@given(st.lists(st.tuples(KEYS, VALUES), max_size=3), st.sampled_from(VALID.splitlines(keepends=True)), st.booleans())
def test_any_toml_is_read_or_refused(pairs, place, instead):
    inserted = "".join(f"{key} = {value}\n" for key, value in pairs)
    assert is_read_or_refused(parse, VALID.replace(place, inserted if instead else place + inserted, 1), "fuzz.toml")


@given(st.sampled_from(["learning_rate", "examples", "a.b"]), st.integers(1, 4000))
def test_any_depth_is_read_or_refused(key, depth):
    assert is_read_or_refused(parse, f"[training]\n{key} = [{{ {'.'.join('a' * depth)} = 1 }}]", "fuzz.toml")


@pytest.mark.parametrize("key", ["title", "summary", "briefing"])
@pytest.mark.parametrize("char", ["\x1b", "\x07", "\x7f", "\x9b", "\u202e", "\u2028", "\0", "\r"], ids=ascii)
def test_no_text_of_a_scenario_holds_a_character_that_a_terminal_obeys(key, char):
    before = f'{key} = "{key[0].upper()}'
    with pytest.raises(ScenarioError) as caught:
        parse(VALID.replace(before, f"{before}\\u{ord(char):04x}", 1), "mine.toml")
    line = " of line 1" if key == "briefing" else ""
    message = str(caught.value)
    assert message.startswith(f"mine.toml: `{key}` = ")
    assert f"character 2{line} is the control character U+{ord(char):04X}; leave it out" in message
    assert message.isprintable()


def test_a_briefing_has_lines_and_tabs_and_any_language():
    briefing = "one\\n\\ttwo\\n名 אב é 🙂\u00a0"
    assert parse(VALID.replace('briefing = "B', f'briefing = "B{briefing}'), "mine.toml").briefing.count("\n") == 2
    with pytest.raises(ScenarioError, match="character 3 of line 2 is the control character U\\+0008"):
        parse(VALID.replace('briefing = "B', 'briefing = "B\\nab\\b'), "mine.toml")
