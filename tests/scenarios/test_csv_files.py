import math
import os
import pickle
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import scenarios
from scenarios import ScenarioError
from scenarios.csv_files import read
from scenarios.sources import CsvData


@pytest.fixture
def write(tmp_path):
    """Writes the content, and returns the path in words."""

    def write(content, name="data.csv"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return str(path)

    return write


def own(path, **options):
    return read(CsvData(path=path, **options))


TABLE = [(1.5, 2.0, 10.25), (2.5, -3.0, 20.5), (3.0, 4.0, 31.0), (0.5, 5e-3, 2.25)]


def table(separator, *, decimal=".", header="a,b,y", end="\n", quote=""):
    lines = [header.replace(",", separator)] if header else []
    for row in TABLE:
        entries = [str(number).replace(".", decimal) for number in row]
        lines.append(separator.join(f"{quote}{entry}{quote}" for entry in entries))
    return end.join(lines) + end


LAYOUTS = {
    "comma": table(","),
    "semicolon": table(";"),
    "tab": table("\t"),
    "pipe": table("|"),
    "space": table(" "),
    "decimal comma": table(";", decimal=","),
    "decimal comma and tab": table("\t", decimal=","),
    "carriage returns": table(",", end="\r\n"),
    "quotes": table(",", quote='"'),
    "spaces after commas": table(", "),
    "many spaces": table("   "),
    "blank lines": "\n" + table(",").replace("\n", "\n\n"),
    "byte order mark": "\ufeff" + table(","),
    "no newline at the end": table(",").rstrip("\n"),
}


@pytest.mark.parametrize("content", LAYOUTS.values(), ids=LAYOUTS)
def test_the_layout_is_found_out(content, write):
    table = own(write(content))
    assert table.data.features == ("a", "b")
    assert table.target == "y"
    assert np.column_stack([table.data.inputs, table.data.targets]).tolist() == [list(row) for row in TABLE]
    assert table.notes == ()


@pytest.mark.parametrize("separator", [",", ";", "\t", "|", " "])
def test_without_a_header_columns_are_numbered(separator, write):
    table_ = own(write(table(separator, header="")))
    assert (table_.data.features, table_.target) == (("x1", "x2"), "x3")
    assert len(table_.data.targets) == len(TABLE)


def test_a_column_that_pandas_left_unnamed(write):
    assert own(write(",a,b\n0,1.5,2.5\n1,2.5,3.5\n2,0,9\n")).data.features == ("x1", "a")


def test_numbers_are_read_to_the_last_bit(write):
    values = np.random.default_rng(0).standard_normal((300, 2)) * 10.0 ** np.arange(-150, 150)[:, None] / 1e60
    content = "a,y\n" + "\n".join(f"{a!r},{y!r}" for a, y in values.tolist())
    table = own(write(content))
    assert np.column_stack([table.data.inputs, table.data.targets]).tolist() == values.tolist()


def test_target_and_features_may_be_chosen(write):
    path = write(table(","))
    table_ = own(path, target="a")
    assert (table_.data.features, table_.target) == (("b", "y"), "a")
    assert table_.data.targets.tolist() == [row[0] for row in TABLE]
    assert own(path, features=("b",)).data.features == ("b",)
    assert own(path, features=("b", "b")).data.features == ("b",)


@pytest.mark.parametrize("missing", ["", "NA", "NaN", "?", "null", "None", "n/a", "na", "-"])
def test_lines_with_a_missing_value_are_left_out_and_counted(missing, write):
    table = own(write(f"a,b,y\n1,2,3\n{missing},5,6\n7,8.5,9\n{missing},2,1\n"))
    assert table.data.inputs.tolist() == [[1, 2], [7, 8.5]]
    assert table.notes == ("2 of 4 lines left out, for they have a missing value, most of them in 'a'",)


def test_texts_become_categories(write):
    table = own(write("size,colour,y\n1,red,1\n2,blue,2\n3,green,3.5\n4,red,4\n"))
    assert table.data.features == ("size", "colour=green", "colour=red")
    assert table.data.inputs.tolist() == [[1, 0, 1], [2, 0, 0], [3, 1, 0], [4, 0, 1]]


def test_a_category_of_dropped_lines_only_is_none(write):
    table = own(write("size,colour,y\n1,red,1\n2,blue,2\n3,green,\n4,red,4.5\n"))
    assert table.data.features == ("size", "colour=red")


def test_too_many_texts_are_left_out(write):
    lines = "\n".join(f"n{k},{k % 7},{k * 1.5}" for k in range(60))
    table = own(write(f"name,a,y\n{lines}"))
    assert table.data.features == ("a",)
    assert table.notes == ("column 'name' left out: more than 50 different texts, such as 'n0'",)


def test_columns_that_tell_nothing_are_left_out(write):
    table = own(write("a,same,gone,kind,y\n1,5,,x,1\n2,5,,x,2\n3,5,NA,x,4\n"))
    assert table.data.features == ("a",)
    assert table.notes == (
        "column 'gone' left out: all its values are missing",
        "column 'same' left out: it is the same on all lines",
        "column 'kind' left out: it is the same on all lines",
    )


CLASSES = {
    "texts": (["no", "yes", "no"], ("no", "yes"), [0, 1, 0]),
    "truth": (["True", "False", "True"], ("False", "True"), [1, 0, 1]),
    "few whole numbers": ([3, 7, 3, 7, 7, 3, 3, 7, 3, 7], ("3", "7"), [0, 1, 0, 1, 1, 0, 0, 1, 0, 1]),
    "many whole numbers": (list(range(20)), (), list(range(20))),
    "few whole numbers on few lines": ([0, 1, 2], (), [0, 1, 2]),
    "fractions": ([0.5, 1] * 10, (), [0.5, 1] * 10),
}


@pytest.mark.parametrize(("column", "classes", "targets"), CLASSES.values(), ids=CLASSES)
def test_texts_and_few_whole_numbers_are_classes(column, classes, targets, write):
    table = own(write("a,y\n" + "\n".join(f"{k}.5,{value}" for k, value in enumerate(column))))
    assert table.data.classes == classes
    assert table.data.targets.tolist() == targets


def test_the_rule_for_classes_can_be_overruled(write):
    path = write("a,y\n" + "\n".join(f"{k}.5,{k % 2}" for k in range(20)))
    assert own(path).num_classes == 2
    assert own(path, classes=False).num_classes == 0
    path = write("a,y\n" + "\n".join(f"{k}.5,{k % 3}" for k in range(6)), "few.csv")
    assert own(path).num_classes == 0
    assert own(path, classes=True).data.classes == ("0", "1", "2")


def test_a_changed_file_is_read_again(write):
    path = write("a,y\n1,2\n2,3.5\n")
    assert own(path).num_examples == 2
    assert own(path) is own(path)
    write("a,y\n1,2\n2,3.5\n9,9\n")
    assert own(path).num_examples == 3


def test_chunks_make_no_difference(write, monkeypatch):
    lines = [f"{k}.25,{'abc'[k % 3]},{'' if k % 11 == 5 else k},{k * k}.5" for k in range(400)]
    path = write("a,kind,b,y\n" + "\n".join(lines))
    whole = own(path)
    scenarios.csv_files.forget()
    monkeypatch.setattr(scenarios.csv_files, "_CHUNK_NUMBERS", 28)
    shares = []
    chunked = read(CsvData(path=path), shares.append)
    assert chunked.data.inputs.tobytes() == whole.data.inputs.tobytes()
    assert chunked.data.targets.tobytes() == whole.data.targets.tobytes()
    assert (chunked.data.features, chunked.notes) == (whole.data.features, whole.notes)
    assert len(shares) == 58
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


REFUSALS = {
    "empty": (b"", "the file is empty; a CSV has a line of names, and a line for every example"),
    "blank": (b" \n\n", "the file is empty"),
    "binary": (b"a,b\n1,\x00\x01", "line 2 holds a zero byte, so this is a binary file; a CSV is text"),
    "utf-16": ("a,b\n1,2\n".encode("utf-16"), "line 1 is not UTF-8 text, but UTF-16; save the file as UTF-8"),
    "latin-1": ("a,b\n1,2\nä,3\n".encode("latin-1"), "line 3 is not UTF-8 text (byte 0xe4); save the file as UTF-8"),
    "latin-1 far down": (
        ("a,b\n" + "1,2.5\n" * 60_000 + "\xe4,3\n").encode("latin-1"),
        "line 60002 is not UTF-8 text (byte 0xe4); save the file as UTF-8",
    ),
    "no line feed": (b"a" * 300_000, "line 1 is longer than 262,144 bytes; that is no CSV file"),
    "one column": (b"a\n1\n2\n", "line 1 has a single column; at least two are needed, a feature and a target"),
    "names only": (b"a,b\n", "has no line of data below the names of the columns"),
    "one line of data": (b"a,b\n1,2\n", "a single line of data cannot be trained on; at least 2 are needed"),
    "short line": (b"a,b,c\n1,2,3\n1,2\n", "line 3 has 2 entries, but line 1 has 3, separated by comma"),
    "long line": (b"a;b\n1;2\n\n1;2;3\n", "line 4 has 3 entries, but line 1 has 2, separated by semicolon"),
    "short line far down": (
        b"a,b,c\n" + b"1,2.5,3\n" * 60_000 + b"1\n",
        "line 60,002 has 1 entry, but line 1 has 3, separated by comma",
    ),
    "long line far down": (
        b"1,2.5,3\n" * 60_000 + b"1,2,3,4\n",
        "line 60,001 has 4 entries, but the first line has 3, separated by comma",
    ),
    "unclosed quote": (b'a,b\n1,2\n"3,4\n5,6\n', 'a quote " on line 3 is never closed; a quote within quotes is'),
    "unclosed long quote": (b'a,b\n1,2\n"3,4\n' + b"5,6\n" * 50_000, 'a quote " on line 3 is never closed'),
    "same name twice": (b"a,b,a\n1,2,3\n", "line 1: columns 1 and 3 are both called 'a'; every column needs a name"),
    "too many columns": (b",".join([b"1"] * 1001), "line 1 has 1,001 columns; at most 1,000 are read"),
    "infinite": (b"a,b\n1,2\n-inf,4\n", "line 3, column 'a': -inf is too large; numbers from −1e100 to 1e100 are read"),
    "overflowing": (b"a,b\n1,2\n\n3,1e400\n", "line 4, column 'b': 1e400 is too large"),
    "text among later numbers": (
        b"a,b\n" + b"1,2.5\n" * 30_000 + b"1,2O\n",
        "line 30,002, column 'b': '2O' is no number, but the first 10,000 entries are",
    ),
    "all lines with gaps": (
        b"a,b,c\n1,,3\n,2,4\n1,,5\n",
        "all 3 lines have a missing value, most of them in 'b'; leave that column out (data.features in a TOML file)",
    ),
    "no target": (b"a,b\n1,\n2,NA\n", "all values of the target 'b' are missing; name another column as the target"),
    "constant target": (b"a,b\n1,7\n2,7\n", "the target 'b' is 7 on all 2 complete lines; there is nothing to learn"),
    "one class": (b"a,b\n1,yes\n2,yes\n", "the target 'b' is yes on all 2 complete lines; there is nothing to learn"),
    "too many classes": (
        "\n".join(f"{k},name {k}" for k in range(11)).encode(),
        "the target 'x2' has 11 different texts, such as 'name 0'; at most 10 classes can be told apart",
    ),
    "far too many classes": (
        "\n".join(f"{k},name {k}" for k in range(99)).encode(),
        "the target 'x2' has more than 50 different texts, such as 'name 0'; at most 10 classes",
    ),
    "nothing to learn from": (
        b"a,b\n7,1.5\n7,2\n",
        "no feature is left beside the target: column 'a' left out: it is the same on all lines",
    ),
}


@pytest.mark.parametrize(("content", "expected"), REFUSALS.values(), ids=REFUSALS)
def test_a_refusal_names_the_place_and_what_would_be_right(content, expected, write):
    path = write(content)
    with pytest.raises(ScenarioError) as caught:
        scenarios.load(path)
    message = str(caught.value)
    assert message.startswith(f"{path}: {expected}")
    assert message.isprintable()
    assert len(message) < len(path) + 200


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"target": "milage"}, "the target 'milage' is no column of it; did you mean 'mileage'?"),
        ({"target": "q"}, "the target 'q' is no column of it; there are 'mileage', 'colour', 'price'"),
        ({"features": ("colors",)}, "the feature 'colors' is no column of it; did you mean 'colour'?"),
        ({"features": ("price",)}, "the target 'price' cannot be a feature as well"),
        ({"target": "colour", "classes": False}, "the target 'colour' is text, such as 'red'; that is classes"),
        ({"classes": True}, "the target 'price' has 12 different values; at most 10 classes can be told apart"),
    ],
)
def test_a_choice_that_cannot_be(options, expected, write):
    path = write("mileage,colour,price\n" + "\n".join(f"{k}.5,{['red', 'blue'][k % 2]},{k}" for k in range(12)))
    with pytest.raises(ScenarioError, match=f"^{re.escape(path)}: {re.escape(expected)}"):
        own(path, **options)


def test_limits_of_size(write, monkeypatch):
    path = write("a,b\n" + "1,2.5\n" * 100)
    monkeypatch.setattr(scenarios.csv_files, "MAX_ROWS", 99)
    with pytest.raises(ScenarioError, match="has more than 99 lines of data; at most that many are read"):
        own(path)
    monkeypatch.setattr(scenarios.csv_files, "MAX_ROWS", 100)
    monkeypatch.setattr(scenarios.csv_files, "MAX_NUMBERS", 198)
    with pytest.raises(ScenarioError, match="has more than 99 lines of 2 columns; at most 198 numbers are read"):
        own(path)
    monkeypatch.setattr(scenarios.csv_layout, "MAX_BYTES", 500)
    with pytest.raises(ScenarioError, match="has 604 bytes; at most 500 are read"):
        own(path)


def test_what_is_no_file(tmp_path):
    for name, words in {"none.csv": "No such file", "folder.csv": "it is a directory; name a CSV file"}.items():
        (tmp_path / "folder.csv").mkdir(exist_ok=True)
        with pytest.raises(ScenarioError) as caught:
            scenarios.load(str(tmp_path / name))
        assert str(caught.value).startswith(f"{tmp_path / name}: cannot be read: {words}")
    os.mkfifo(tmp_path / "pipe.csv")
    with pytest.raises(ScenarioError, match=r"pipe\.csv: cannot be read: it is no regular file"):
        scenarios.load(str(tmp_path / "pipe.csv"))


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_refused(tmp_path):
    path = tmp_path / "data.csv"
    path.write_text("a,b\n1,2\n")
    path.chmod(0)
    with pytest.raises(ScenarioError, match="cannot be read: Permission denied"):
        scenarios.load(str(path))


def line(examples, noise=0.1):
    random = np.random.default_rng(1)
    x = random.normal(50, 10, examples)
    return "x,y\n" + "\n".join(
        f"{a},{b}" for a, b in zip(x, 3 * x + noise * random.standard_normal(examples), strict=True)
    )


def test_one_number_from_one_feature_is_a_line_fit(write):
    scenario = scenarios.load(write(line(200)))
    run = scenario.run()
    assert scenario.file.objective.__struct_config__.tag == "least_squares"
    assert scenario.file.screen.view == "weights"
    assert run.trainer.objective.weight_names == ("w", "b")
    assert len(run.trainer.objective.examples) == 160
    assert scenario.file.training.learning_rate == 0.1
    run.advance(400)
    assert run.trainer.loss() < 0.02
    assert run.validation_loss() < 0.02


@pytest.mark.parametrize(("classes", "kind"), [("AB", "logistic"), ("ABC", "softmax")])
def test_classes_from_two_features(classes, kind, write):
    random = np.random.default_rng(1)
    labels = np.arange(300) % len(classes)
    points = random.standard_normal((300, 2)) + 4 * np.column_stack([np.cos(labels * 2), np.sin(labels * 2)])
    content = "a,b,class\n" + "\n".join(f"{a},{b},{classes[k]}" for (a, b), k in zip(points, labels, strict=True))
    scenario = scenarios.load(write(content))
    assert scenario.file.objective.__struct_config__.tag == kind
    assert scenario.file.screen.view == "data"
    run = scenario.run()
    before = run.validation_loss()
    run.advance(500)
    assert run.validation_loss() < before / 4


def test_the_learning_rate_is_stable_whatever_the_scale_of_the_features(write):
    for scale in (1e-30, 1, 1e30):
        random = np.random.default_rng(0)
        x = scale * (5 + random.standard_normal((300, 8)))
        x[:, 1:] += 30 * scale * random.standard_normal((300, 1))  # nearly the same seven times over
        rows = np.column_stack([x, x[:, 0] / scale])
        path = write("\n".join(",".join(map(repr, row)) for row in rows.tolist()))
        run = scenarios.load(path).run()
        before = run.trainer.loss()
        run.advance(1000)
        assert run.trainer.loss() < before


def test_a_scenario_crosses_the_pipe_cheaply_and_gives_the_same_bits(write):
    scenario = scenarios.load(write(line(5000)))
    crossing = pickle.dumps(scenario)
    assert len(crossing) < 5000
    runs = [scenario.run(), pickle.loads(crossing).run()]
    scenarios.csv_files.forget()
    runs.append(pickle.loads(crossing).run())
    for run in runs:
        run.advance(100)
    assert len({run.trainer.weights.tobytes() for run in runs}) == 1


def test_the_briefing_says_what_was_left_out(write):
    lines = "\n".join(f"{k}.5,{'?' if k % 4 == 3 else k},{k}.25" for k in range(100))
    scenario = scenarios.load(write(f"a,b,y\n{lines}"))
    assert scenario.notes == ("25 of 100 lines left out, for they have a missing value, most of them in 'b'",)
    assert "- 25 of 100 lines left out" in scenario.file.briefing
    assert "75 examples" in scenario.file.briefing
    assert len(re.findall(r"\w+", scenario.file.briefing)) < 130


TOML = """
title = "Mine"
summary = "S"
briefing = "B"
[data]
kind = "csv"
path = "data.csv"
validation_share = 0.25
[objective]
kind = "least_squares"
[training]
learning_rate = 0.1
batch_size = 32
"""


def test_a_csv_within_a_scenario_file(write, monkeypatch, tmp_path):
    write(line(100))
    path = write(TOML, "mine.toml")
    monkeypatch.chdir(tmp_path.parent)  # the path is from the folder of the file
    run = scenarios.load(path).run()
    assert len(run.trainer.objective.examples) == 75
    run.advance(300)
    assert run.trainer.loss() < 0.1


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ('path = "data.csv"\n', "", "mine.toml: the key `path` is missing in [data]"),
        ('"data.csv"', "3", "mine.toml: `data.path` = 3: must be text"),
        ('"data.csv"', '""', 'mine.toml: `data.path` = "": must be text of at least 1 character'),
        ('"data.csv"', '"a\\u0000"', "cannot be read: "),
        ('"data.csv"', '"none.csv"', "none.csv: cannot be read: No such file"),
        ('"data.csv"', '"."', "cannot be read: it is a directory"),
        ('"data.csv"', '"data.csv"\ntarget = "z"', "data.csv: the target 'z' is no column of it"),
        ('"data.csv"', '"data.csv"\nfeatures = []', "`data.features` = []: must be a list of at least 1"),
        ('"data.csv"', '"data.csv"\nfeatures = ["x", 1]', "`data.features[1]` = 1: must be text"),
        ('"data.csv"', '"data.csv"\nexamples = 3', "unknown key `examples` in [data]; known are: classes, features, "),
        ('"data.csv"', '"data.csv"\nstratify = true', "`data.stratify` = true: must be left out, for this data has no"),
        ("0.25", "0.001", "`data.validation_share` = 0.001: holds out 0 of 100 examples"),
        ("least_squares", "softmax", 'mine.toml: `objective.kind` = "softmax": tells classes apart, but in this data'),
        (
            "batch_size = 32",
            "batch_size = 32\nweights = [1]",
            "`training.weights` = [1]: holds 1 numbers, but the model",
        ),
        ('"least_squares"', '"network"\nhidden = [10000, 10000]', "would have 100,040,001 weights on this data"),
    ],
)
def test_a_scenario_file_that_does_not_fit_its_csv(before, after, expected, write):
    write(line(100))
    assert before in TOML
    with pytest.raises(ScenarioError) as caught:
        scenarios.load(write(TOML.replace(before, after), "mine.toml"))
    assert expected in str(caught.value)


def test_a_target_is_for_csv_files_only():
    with pytest.raises(ScenarioError, match=r"^line-fit: a target is named for a CSV file only; in a TOML file it is"):
        scenarios.load("line-fit", target="y")


ENTRIES = st.sampled_from(
    [
        *("1", "2.5", "-3", "1e9", "0", "inf", "nan", "", "?", "red", "blue", "1_0", " 4 ", "1,5", "1e400", "true"),
        *('"a', 'b"', '"c"', "\x00", "é", "\u2028", "0x1f", "1.2.3", "٣", "-", "a\r"),
    ]
)
NUMBERS = st.floats(-100, 100).map("{:.3g}".format) | st.integers(0, 3).map(str)


def rows(entries):
    return st.integers(1, 4).flatmap(
        lambda width: st.lists(st.lists(entries, min_size=width, max_size=width), max_size=30)
    )


def joined(separator, end):
    return lambda rows: end.join(separator.join(row) for row in rows).encode()


TABLES = st.builds(
    lambda rows, separator, end: joined(separator, end)(rows),
    rows(NUMBERS) | rows(NUMBERS | ENTRIES) | rows(st.text(max_size=3)),
    st.sampled_from([",", ";", "\t", "|", " "]),
    st.sampled_from(["\n", "\r\n", "\r", "\n\n"]),
)


@settings(max_examples=200)
@given(st.binary() | TABLES | st.tuples(TABLES, st.binary(max_size=4), TABLES).map(b"".join))
def test_any_bytes_train_or_are_refused(tmp_path_factory, content):
    path = tmp_path_factory.getbasetemp() / "fuzz.csv"
    path.write_bytes(content)
    assert outcome(path) in ("trained", "refused")


def outcome(path):
    try:
        run = scenarios.load(str(path)).run()
    except ScenarioError as error:
        named = str(error).startswith(f"{path}: ") and "cannot be read as CSV" not in str(error)
        return "refused" if named else str(error)
    return "trained" if run.advance(3) == 3 and math.isfinite(run.trainer.loss()) else run.status
