import numpy as np
import pytest

import scenarios
from scenarios.data.csv.csv_memory import read
from scenarios.files.data_sources import CsvData


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
    assert table.notes == (
        "2 of 4 lines left out, for they have a missing value, most of them in 'a', such as "
        f"{missing!r} in column 'a' on line 3",
    )


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


def test_a_column_that_counts_the_lines_is_left_out(write):
    lines = "\n".join(f"{k + 1},{k % 7},{k * 1.5}" for k in range(12))
    table = own(write(f"id,a,y\n{lines}"))
    assert table.data.features == ("a",)
    assert table.notes == ("column 'id' left out: it only numbers the lines, 1, 2, 3 …",)
    alone = own(write("t,y\n" + "\n".join(f"{k},{k * k}" for k in range(12))))
    assert alone.notes == ()


def test_columns_that_tell_nothing_are_left_out(write):
    table = own(write("a,same,gone,kind,y\n1,5,,x,1\n2,5,,x,2\n3,5,NA,x,4\n"))
    assert table.data.features == ("a",)
    assert table.notes == (
        "column 'same' left out: it is the same on all lines",
        "column 'gone' left out: all its values are missing",
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
    scenarios.data.csv.csv_memory.forget()
    monkeypatch.setattr(scenarios.data.csv.csv_files, "_CHUNK_NUMBERS", 28)
    shares = []
    chunked = read(CsvData(path=path), shares.append)
    assert chunked.data.inputs.tobytes() == whole.data.inputs.tobytes()
    assert chunked.data.targets.tobytes() == whole.data.targets.tobytes()
    assert (chunked.data.features, chunked.notes) == (whole.data.features, whole.notes)
    assert len(shares) == 58
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


def test_names_cannot_steer_the_terminal(write):
    table = own(write('"a\x1b[2J","b\nc",y\n1,"r\x07",k\x1b\n2,s,m\n3,t,m\n4,t,m\n'))
    assert table.data.features == (r"a\x1b[2J", r"b\nc=s", r"b\nc=t")
    assert table.data.classes == (r"k\x1b", "m")


def test_a_column_is_found_by_the_name_in_the_file_and_by_the_one_that_is_shown(write):
    for name in ("Prix\xa0€\x07", r"Prix €\x07"):
        assert own(write("a,Prix\xa0€\x07,b\n1,2,3\n2,3,5\n3,4,8\n"), target=name).target == r"Prix €\x07"
