import json
import math
import pickle
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import scenarios
from scenarios import ScenarioError


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
    assert run.trainer.validation_loss() < 0.02


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
    before = run.trainer.validation_loss()
    run.advance(500)
    assert run.trainer.validation_loss() < before / 4


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
    scenarios.data.csv.csv_memory.forget()
    runs.append(pickle.loads(crossing).run())
    for run in runs:
        run.advance(100)
    assert len({run.trainer.weights.tobytes() for run in runs}) == 1


def test_the_briefing_says_what_was_left_out(write):
    lines = "\n".join(f"{k}.5,{'?' if k % 4 == 3 else k},{k}.25" for k in range(100))
    scenario = scenarios.load(write(f"a,b,y\n{lines}"))
    assert scenario.notes == (
        "25 of 100 lines left out, for they have a missing value, most of them in 'b', such as '?' in column 'b' on "
        "line 5",
    )
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
        ('"data.csv"', '"a\\u0000"', '`data.path` = "a\\u0000": character 2 is the control character U+0000'),
        ('"data.csv"', '"none.csv"', "none.csv: cannot be read: No such file"),
        ('"data.csv"', '"."', "cannot be read: it is a directory"),
        ('"data.csv"', '"../data.csv"', '`data.path` = "../data.csv": must lie in the folder of this file'),
        (
            '"data.csv"',
            '"sub/../../data.csv"',
            "must lie in the folder of this file, or below; with --allow-",
        ),
        ('"data.csv"', '"/etc/passwd"', '`data.path` = "/etc/passwd": must lie in the folder'),
        ('"data.csv"', '"~/data.csv"', '`data.path` = "~/data.csv": must lie in the folder'),
        ('"data.csv"', '"~"', '`data.path` = "~": must lie in the folder'),
        ('"data.csv"', '"~root/data.csv"', "must lie in the folder"),
        ('"data.csv"', '"data.csv"\ntarget = "z"', "data.csv: the target 'z' is no column of it"),
        ('"data.csv"', '"data.csv"\nfeatures = []', "`data.features` = []: must be a list of at least 1"),
        ('"data.csv"', '"data.csv"\nfeatures = ["x", 1]', "`data.features[1]` = 1: must be text"),
        (
            '"data.csv"',
            '"data.csv"\nexamples = 3',
            "unknown key `examples` in [data]; known are: centre_target, cl",
        ),
        ('"data.csv"', '"data.csv"\nstratify = true', "`data.stratify` = true: must be left out, for this data has no"),
        ("0.25", "0.001", "`data.validation_share` = 0.001: holds out 0 of 100 examples"),
        ("least_squares", "softmax", 'mine.toml: `objective.kind` = "softmax": tells classes apart, but in this data'),
        (
            "batch_size = 32",
            "batch_size = 32\nweights = [1]",
            "`training.weights` = [1]: holds 1 number, but the model",
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


@pytest.mark.parametrize("after", ['"none.csv"', '"data.csv"\ntarget = "z"'])
def test_what_is_wrong_with_the_csv_of_a_scenario_names_both_files(after, write, tmp_path):
    write(line(100))
    path = write(TOML.replace('"data.csv"', after), "mine.toml")
    with pytest.raises(ScenarioError) as caught:
        scenarios.load(path)
    assert str(caught.value).startswith(f"{path}: [data]: {tmp_path}")


def test_a_target_is_for_csv_files_only():
    with pytest.raises(ScenarioError, match=r"^line-fit: --target is for a CSV file only; in a TOML file it is"):
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


@given(st.binary() | TABLES | st.tuples(TABLES, st.binary(max_size=4), TABLES).map(b"".join))
def test_any_bytes_train_or_are_refused(tmp_path_factory, content):
    path = tmp_path_factory.getbasetemp() / "fuzz.csv"
    path.write_bytes(content)
    assert outcome(path) in ("trained", "refused")


def outcome(path, named=None):
    try:
        run = scenarios.load(str(path)).run()
    except ScenarioError as error:
        well = str(error).startswith(str(named or f"{path}: ")) and "cannot be read as CSV" not in str(error)
        return "refused" if well else str(error)
    return "trained" if run.advance(3) == 3 and math.isfinite(run.trainer.loss()) else run.status


OPTIONS = st.dictionaries(
    st.sampled_from(["path", "target", "features", "classes", "validation_share", "stratify", "standardise", "seed"]),
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3)
    | st.sampled_from(["fuzz.csv", "x1", "x2", ".", "..", ["x1"], ["x1", "x2"], [], [1], 0.5, "a\0"]),
)  # fmt: skip
OBJECTIVES = st.sampled_from(["least_squares", "polynomial", "logistic", "softmax", "network"])


@given(OPTIONS, OBJECTIVES, TABLES)
def test_any_table_and_options_in_a_scenario_file_train_or_are_refused(tmp_path_factory, options, objective, content):
    path = tmp_path_factory.getbasetemp() / "fuzz.toml"
    path.with_suffix(".csv").write_bytes(content)
    options = {"path": "fuzz.csv"} | {key: value for key, value in options.items() if value is not None}
    lines = "".join(f"{key} = {json.dumps(value)}\n" for key, value in options.items())
    path.write_text(
        TOML.replace('path = "data.csv"\nvalidation_share = 0.25\n', lines).replace("least_squares", objective)
    )
    assert outcome(path, path.parent) in ("trained", "refused")


def test_a_column_that_looks_like_markdown_is_shown_as_it_is(tmp_path):
    path = tmp_path / "mine.csv"
    rows = "\n".join(f"{k},1,{k * k % 7}" for k in range(20))
    path.write_text(f"a,[b](http://x.y),*c* <i>\n{rows}\n")
    briefing = scenarios.load(str(path)).file.briefing
    assert r" \*c\* \<i\>" in briefing
    assert r"\[b\]\(http\:\/\/x\.y\)" in briefing
