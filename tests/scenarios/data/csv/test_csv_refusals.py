import os
import re

import pytest

import scenarios
from scenarios import ScenarioError
from scenarios.data.csv.csv_memory import read
from scenarios.files.data_sources import CsvData


def own(path, **options):
    return read(CsvData(path=path, **options))


REFUSALS = {
    "empty": (b"", "the file is empty; a CSV has a line of names, and a line for every example"),
    "blank": (b" \n\n", "the file is empty"),
    "binary": (b"a,b\n1,\x00\x01", "line 2 holds a zero byte, so this is a binary file; a CSV is text"),
    "no text": (b"a,b\n1,2\n\x81,3\n", "line 3 is not UTF-8 text (byte 0x81); save the file as UTF-8"),
    "no text far down": (
        b"a,b\n" + b"1,2.5\n" * 60_000 + b"\x81,3\n",
        "line 60002 is not UTF-8 text (byte 0x81); save the file as UTF-8",
    ),
    "no line feed": (b"a" * 300_000, "line 1 is longer than 131,072 bytes; that is no CSV file"),
    "one column": (b"a\n1\n2\n", "line 1 has a single column; at least two are needed, a feature and a target"),
    "names only": (b"a,b\n", "has no line of data below the names of the columns"),
    "one line of data": (b"a,b\n1,2\n", "a single line of data cannot be trained on; at least 2 are needed"),
    "short lines": (b'a,b,c\n1,2\n3,4\n5,6\n"', 'a quote " on line 5 is never closed'),
    "long line": (b"a;b\n1;2\n\n1;2;3\n", "line 4 has 3 entries, but the table has 2 columns, separated by semicolon"),
    "long lines far down": (
        b"1,2.5,3\n" * 60_000 + b"1,2,3,4\n" * 4_000,
        "line 60,001 has 4 entries, but the table has 3 columns, separated by comma; 4,000 lines are such",
    ),
    "prose": (
        b"This is, as you see,\nno table at all.\nBut, well, a text\nof many lines, so,\nthere.\nIs it, or what, say\n"
        * 9,
        "is no table: line ",
    ),
    "unclosed quote": (b'a,b\n1,2\n"3,4\n5,6\n', 'a quote " on line 3 is never closed, or that line has an entry of'),
    "unclosed long quote": (b'a,b\n1,2\n"3,4\n' + b"5,6\n" * 50_000, 'a quote " on line 3 is never closed'),
    "endless entry far down": (
        b"a,b\n" + b"1,2.5\n" * 60_000 + b"9" * 200_000 + b",3\n",
        'a quote " on line 60,002 is never closed, or that line has an entry of more than 131,072 characters',
    ),
    "too many columns": (b",".join([b"1"] * 1001), "line 1 has 1,001 columns; at most 1,000 are read"),
    "all lines with gaps": (
        b"a,b\n1,\n,2\n3,\n,4\n",
        "all 4 lines have a missing value, most of them in 'a'; leave that column out (--drop)",
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
    monkeypatch.setattr(scenarios.data.csv.csv_files, "MAX_ROWS", 99)
    with pytest.raises(ScenarioError, match="has more than 99 lines of data; at most that many are read"):
        own(path)
    monkeypatch.setattr(scenarios.data.csv.csv_files, "MAX_ROWS", 100)
    monkeypatch.setattr(scenarios.data.csv.csv_files, "MAX_NUMBERS", 198)
    with pytest.raises(ScenarioError, match="has more than 99 lines of 2 columns; at most 198 numbers are read"):
        own(path)
    monkeypatch.setattr(scenarios.data.csv.table_text, "MAX_BYTES", 500)
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
