"""Tables as people have them: every kind of writing, layout and fault that we know of, with what is right."""

import gzip
import io
import zipfile
from pathlib import Path

import numpy as np
import pytest

import scenarios
from scenarios import ScenarioError
from scenarios.data.csv import csv_layout, table_text
from scenarios.data.csv.csv_memory import read
from scenarios.files.data_sources import CsvData

A = [1.5, 2.25, -3.0, 1234.5, 12345.75, 7.0, 0.5, 99.125, 1000.0, 54321.5, 3.25, 8.0]
Y = [3.5 * a + 1 for a in A]


def rows(*columns, header="", sep=";", end="\n"):
    lines = [header] if header else []
    lines += [sep.join(entries) for entries in zip(*columns, strict=True)]
    return end.join(lines) + end


def grouped(mark, decimal):
    return lambda value: f"{value:,.3f}".replace(",", "\0").replace(".", decimal).replace("\0", mark)


def written(style, *, y=repr, **options):
    return rows([style(a) for a in A], [y(value) for value in Y], **{"header": "a;y"} | options)


def before(entries, header):
    return rows(entries, map(repr, A), map(repr, Y), header=header, sep=",")


def three(entries, header):
    return rows(map(repr, A), entries, map(repr, Y), header=header, sep=",")


def comma(value):
    return repr(value).replace(".", ",")


def indian(value):
    whole, _, fraction = f"{abs(value):.3f}".partition(".")
    head, tail = whole[:-3], whole[-3:]
    parts = []
    while head:
        head, part = head[:-2], head[-2:]
        parts.insert(0, part)
    return ("-" if value < 0 else "") + ",".join([*parts, tail]) + "." + fraction


COMMA = {"sep": ",", "header": "a,y"}
WRITTEN = {
    "german": written(grouped(".", ","), y=comma),
    "german with tab": written(grouped(".", ","), y=comma, sep="\t", header="a\ty"),
    "german in quotes": written(lambda a: f'"{grouped(".", ",")(a)}"', y=lambda y: f'"{comma(y)}"', **COMMA),
    "english": written(lambda a: f'"{a:,.3f}"', **COMMA),
    "english with semicolon": written(lambda a: f"{a:,.3f}"),
    "french": written(grouped("\u202f", ","), y=comma),
    "french with nbsp": written(grouped("\xa0", ","), y=comma),
    "blanks": written(grouped(" ", "."), **COMMA),
    "swiss": written(grouped("'", "."), **COMMA),
    "swiss, typographic": written(grouped("\u2019", "."), sep="\t", header="a\ty"),
    "indian": written(lambda a: f'"{indian(a)}"', **COMMA),
    "dollar": written(lambda a: f'"{"-" if a < 0 else ""}${abs(a):,.3f}"', **COMMA),
    "dollar before the sign": written(lambda a: f'"${a:,.3f}"', **COMMA),
    "euro at the right": written(lambda a: grouped(".", ",")(a) + " €", y=comma),
    "CHF": written(lambda a: "CHF " + grouped("'", ".")(a), **COMMA),
    "rupees": written(lambda a: f'"₹ {indian(a)}"', **COMMA),
    "per cent": written(lambda a: f"{a}%", **COMMA),
    "per cent with a blank": written(lambda a: f"{comma(a)} %", y=comma),
    "unit": written(lambda a: f"{a} kg", **COMMA),
    "unit with a square": written(lambda a: f"{a} m²", **COMMA),
    "brackets": written(lambda a: f'"({abs(a):,.3f})"' if a < 0 else f'"{a:,.3f}"', **COMMA),
    "minus at the end": written(lambda a: f"{abs(a)}{'-' if a < 0 else ''}", **COMMA),
    "unicode minus": written(lambda a: repr(a).replace("-", "\u2212"), **COMMA),
    "plus": written(lambda a: f"{a:+}", **COMMA),
    "scientific": written(lambda a: f"{a:.6E}", **COMMA),
    "scientific with comma": written(lambda a: f"{a:.6E}".replace(".", ","), y=comma),
    "trailing blanks": written(lambda a: f"{a}  ", **COMMA),
    "quoted": written(lambda a: f'"{a}"', y=lambda y: f'"{y}"', **COMMA),
    "excel's apostrophe": written(lambda a: f"'{a}" if a > 0 else repr(a), **COMMA),
    "pipe": written(repr, sep="|", header="a|y"),
    "white space": written(repr, sep="   ", header="a   y"),
    "leading white space": rows([f"  {a:>9}" for a in A], [f"{y:>12}" for y in Y], header="  a  y", sep=" "),
    "carriage returns": written(repr, end="\r", **COMMA),
    "windows": written(repr, end="\r\n", **COMMA),
    "sep line": "sep=;\n" + written(repr),
    "sep line for tab": "sep=\\t\n" + written(repr, sep="\t", header="a\ty"),
    "sep line, quoted": '"sep=|"\n' + written(repr, sep="|", header="a|y"),
    "title": "Measurements\n" + written(repr, **COMMA),
    "two titles": "Measurements of 2020\n\nall, in kg, and so on\n" + written(repr, **COMMA),
    "titles padded by Excel": "Measurements,,\n,,\n" + three([""] * 12, "a,x,y"),
    "comments": "# made by a program\n# on Monday\n" + written(repr, **COMMA),
    "names in a comment": "# a y\n" + written(repr, sep=" ", header=""),
    "names in a comment, comma": "# a,y\n" + written(repr, sep=",", header=""),
    "footer": written(repr, **COMMA) + "Source: the office\n",
    "totals": written(repr, **COMMA) + f"Total,{sum(Y)}\n",
    "units below the names": "a,y\nkg,EUR\n" + written(repr, sep=",", header=""),
    "names again in the middle": written(repr, **COMMA) + "a,y\n",
    "blank lines": written(repr, **COMMA).replace("\n", "\n\n"),
    "empty lines of Excel": written(repr, **COMMA) + ",\n,\n",
    "trailing separator": written(repr, sep=",", header="a,y").replace("\n", ",\n"),
    "trailing separator but for the names": written(repr, **COMMA).replace("\n", ",\n").replace("y,", "y"),
    "trailing separators": written(repr, sep=",", header="a,y").replace("\n", ",,\n"),
    "one line too long": written(repr, **COMMA) + "1,2,3\n",
    "one line too short": written(repr, **COMMA) + "1\n",
    "inf": written(repr, **COMMA) + "inf,5\n-inf,6\n",
    "too large": written(repr, **COMMA) + "1e400,5\n",
    "single quotes": written(lambda a: f"'{a}'", y=lambda y: f"'{y}'", sep=",", header="'a','y'"),
    "one star": written(repr, **COMMA) + "5.5*,7\n",
    "row numbers called id": before([str(k) for k in range(1001, 1013)], "car_id,a,y"),
    "row names of R": rows([f'"{k}"' for k in range(1, 13)], map(repr, A), map(repr, Y), header='"a","y"', sep=","),
    "index of pandas": before(map(str, range(12)), ",a,y"),
    "shuffled index": before([str(k * 5 % 12) for k in range(12)], ",a,y"),
    "numbers of the lines": before(map(str, range(1, 13)), "nr,a,y"),
    "names of the lines": before([f"n{k}" for k in range(12)], "name,a,y"),
    "dates": before([f"2020-01-{k + 1:02}" for k in range(12)], "day,a,y"),
    "german dates": rows([f"{k + 1}.1.2020" for k in range(12)], map(repr, A), map(repr, Y), header="day;a;y"),
    "times": before(["12:30", "8:00"] * 6, "at,a,y"),
    "text with line breaks": before([f'"n\n{k}"' for k in range(12)], "t,a,y"),
    "text with separators": before([f'"n,{k};"' for k in range(12)], "t,a,y"),
    "empty column": rows(map(repr, A), [""] * 12, map(repr, Y), header="a,x,y", sep=","),
    "nearly empty column": three(["NA"] * 11 + ["1"], "a,x,y"),
    "constant column": rows(map(repr, A), ["1"] * 12, map(repr, Y), header="a,x,y", sep=","),
}  # fmt: skip


@pytest.mark.parametrize("content", WRITTEN.values(), ids=WRITTEN)
def test_every_writing_of_the_same_numbers(content, write):
    own = read(CsvData(path=write(content)))
    assert own.data.features == ("a",)
    assert own.target == "y"
    assert own.data.inputs[:, 0].tolist() == A
    assert own.data.targets.tolist() == Y


WORDS = ["?", "NA", "n/a", "null", "none", "-", "nan", "..", "#N/A", "#DIV/0!", "unknown", "missing", "\t?", "*", ""]


@pytest.mark.parametrize("word", WORDS)
def test_a_missing_word_of_the_field_is_named(word, write):
    own = read(CsvData(path=write(written(repr, **COMMA) + f"{word},5\n")))
    assert own.data.inputs[:, 0].tolist() == A
    (note,) = own.notes
    assert note == (f"1 of 13 lines left out, for it has a missing value: {word.strip()!r} in column 'a' on line 14")


ENCODINGS = ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252", "latin-1"]


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_every_encoding(encoding, packed, tmp_path):
    path = tmp_path / "data.txt"
    content = written(repr, sep=";", header="Größe;y").encode(encoding)
    path.write_bytes(gzip.compress(content) if packed else content)
    scenario = scenarios.load(str(path))
    own = read(scenario.file.data)
    assert own.columns[0].name == "Größe"
    assert own.num_examples == 12


def archive(name):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as packed:
        packed.writestr(name, "a,y\n1,2\n")
    return file.getvalue()


OTHERS = {
    "zip": (archive("data.csv"), "ZIP archive"),
    "xlsx": (archive("xl/workbook.xml"), "Excel"),
    "xls": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(100), "Excel"),
    "parquet": (b"PAR1" + bytes(100), "Parquet"),
    "html": (b"\n<!DOCTYPE html>\n<html><body>404, not found, sorry</body></html>", "HTML"),
    "xml": (b"<?xml version='1.0'?><table/>", "XML"),
    "json": (b'{"a": [1, 2], "y": [3, 4]}', "JSON"),
    "json lines": (b'{"a": 1, "y": 2}\n{"a": 3, "y": 4}\n', "JSON"),
    "json of records": (b'[{"a": 1, "y": 2}, {"a": 3, "y": 4}]', "JSON"),
    "pointer": (b"version https://git-lfs.github.com/spec/v1\noid sha256:12\nsize 3\n", "Git LFS pointer"),
    "numpy": (b"\x93NUMPY\x01\x00" + bytes(60), "NumPy"),
    "sqlite": (b"SQLite format 3\x00" + bytes(60), "SQLite"),
    "pdf": (b"%PDF-1.7\n", "PDF"),
    "bzip2": (b"BZh91AY&SY", "bzip2"),
    "empty": (b"", "empty"),
    "blanks": (b"  \n \n", "empty"),
    "names only": (b"a,y\n", "no line of data"),
    "one column": (b"a\n1\n2\n", "single column"),
    "damaged gzip": (gzip.compress(b"a,y\n1,2\n" * 1000)[:40], "cannot be read"),
}


@pytest.mark.parametrize(("content", "what"), OTHERS.values(), ids=OTHERS)
def test_what_is_no_table_is_called_by_its_name(content, what, tmp_path):
    for ending in ("csv", "txt", "data", "mine"):
        path = tmp_path / f"file.{ending}"
        path.write_bytes(content)
        with pytest.raises(ScenarioError) as caught:
            scenarios.load(str(path))
        assert str(caught.value).startswith(f"{path}: ")
        assert what in str(caught.value)


def cycled(words, count=20):
    return [words[k % len(words)] for k in range(count)]


TEXTS = list(map(",".join, zip(cycled(["yes", "no"]), cycled(["red", "red", "blue"]), cycled("abba"), strict=True)))
IRIS = [f"{k}.1,{k * k % 7}.5,{['setosa', 'virginica'][k % 2]}" for k in range(20)]
HEADERS = {
    "years": ("country,1990,2000,2010", [f"C{k % 3},{k}.5,{k * k}.5,{k}.25" for k in range(20)], True),
    "years of whole numbers": ("land,2001,2002,2003", [f"C{k % 3},{k * 7},{k * k},{k}" for k in range(20)], True),
    "digits": ("label,0,1,2,3", [f"{k % 2},{k * 7 % 255},{k * 3},9,{k}" for k in range(20)], True),
    "digits alone": ("0,1,2,3", [f"{k * 7 % 255},{k * 3},9,{k}" for k in range(20)], True),
    "no names, numbers": ("5,3,8", [f"{k * 7 % 255},{k * 3},{k % 9}" for k in range(20)], False),
    "no names, rising numbers": ("0,1,2,3", [f"{k},{k + 1},{k + 2},{k + 3}" for k in range(1, 20)], False),
    "no names, texts": ("yes,red,a", TEXTS, False),
    "names, texts": ("ok,colour,kind", TEXTS, True),
    "no names, iris": ("5.1,3.5,setosa", IRIS, False),
    "no names, first is missing": ("?,3.5,1.5", [f"{k}.1,{k * k % 7}.5,{k}.5" for k in range(20)], False),
    "names over dates": ("when,y", [f"2020-01-{k + 1:02},{k}.5" for k in range(20)], True),
}  # fmt: skip


@pytest.mark.parametrize(("first", "lines", "named"), HEADERS.values(), ids=HEADERS)
def test_names_are_told_by_what_is_below(first, lines, named, write):

    path = Path(write("\n".join([first, *lines])))
    layout = csv_layout.find_layout(path, table_text.head(path))
    expected = tuple(first.split(",")) if named else tuple(f"x{k + 1}" for k in range(first.count(",") + 1))
    assert layout.names == expected


def test_two_columns_of_one_name(write):
    own = read(CsvData(path=write(rows(map(repr, A), map(repr, A[::-1]), map(repr, Y), header="a,a,y", sep=","))))
    assert own.data.features == ("a", "a (2)")
    assert own.notes == ("column 2 is called 'a (2)' here, for 'a' is a name of two columns",)


def test_two_hundred_columns(write):
    values = np.random.default_rng(0).normal(size=(50, 200)).round(6)
    path = write("\n".join(",".join(map(repr, line)) for line in values.tolist()))
    own = read(CsvData(path=path))
    assert np.column_stack([own.data.inputs, own.data.targets]).tolist() == values.tolist()


def test_thousands_and_decimals_in_one_file(write):
    """Each column is judged by itself; where it cannot be, by the others."""
    lines = "\n".join(f'"{k},000",{k}.5,"{k},500"' for k in range(1, 30))
    own = read(CsvData(path=write(f"a,b,y\n{lines}")))
    assert own.data.inputs[0].tolist() == [1000, 1.5]
    lines = "\n".join(f"{k},125;{k},5;{k}" for k in range(1, 30))
    own = read(CsvData(path=write(f"a;b;y\n{lines}", "b.csv")))
    assert own.data.inputs[0].tolist() == [1.125, 1.5]


def test_three_places_everywhere_and_nothing_else_to_go_by(write):
    """A point is decimal, whatever the separator, unless the numbers are round."""
    own = read(CsvData(path=write("a;y\n" + "\n".join(f"{k}.{k}17;{k}.{9 - k}25" for k in range(1, 9)))))
    assert own.data.inputs[:, 0].tolist() == [float(f"{k}.{k}17") for k in range(1, 9)]
    own = read(CsvData(path=write("a;y\n" + "\n".join(f"{k}.{k}00;{k}.{9 - k}00" for k in range(1, 9)), "b.csv")))
    assert own.data.inputs[:, 0].tolist() == [1000 * k + 100 * k for k in range(1, 9)]


def test_texts_that_are_nearly_numbers_stay_texts(write):
    columns = cycled(["0", "1", "2", "3+"], 40), cycled(["5A", "7B", "9C"], 40), cycled(["0-9", "10-19"], 40)
    lines = "\n".join(",".join([*texts, f"{k}.5"]) for k, texts in enumerate(zip(*columns, strict=True)))
    own = read(CsvData(path=write(f"dependents,room,range,y\n{lines}")))
    assert [column.how for column in own.columns[:3]] == [f"category with {k} values" for k in (4, 3, 2)]


def table(content, write):
    return read(CsvData(path=str(write(content))))


@pytest.mark.parametrize(
    ("entries", "said"),
    [
        (["4%", "0.03"] * 10, "'4%' is 4, '0.03', which has none, is 0.03"),
        (["$3", "€4", "5"] * 7, "without '$' and '€': '$3' is 3, '€4' is 4, '5', which has none, is 5"),
        (["02134", "90210"] * 10, "'02134' is read as the number 2134"),
        (["1 kg", "2 kg"] * 10, "without 'kg': '1 kg' is 1"),
    ],
)
def test_what_numbers_lose_is_said_of_each_manner(entries, said, write):
    own = table(rows(entries, [repr(k / 8) for k in range(len(entries))], header="a,y", sep=","), write)
    (note,) = own.notes
    assert note.startswith("column 'a'")
    assert note.endswith(said)


def test_fortran_writes_a_d_before_the_exponent(write):
    own = table(rows([f"{a:.4e}".replace("e", "D") for a in A], map(repr, Y), sep=" "), write)
    assert own.data.inputs[:, 0] == pytest.approx(A, rel=1e-4)


@pytest.mark.parametrize(
    ("texts", "classes", "said"),
    [
        (["Yes", "yes ", "no", "NO"], ("Yes", "no"), "'yes' is taken for 'Yes'"),
        (["True", "FALSE", "true", "False"], ("FALSE", "True"), "'true' is taken for 'True'"),
        (["A", "a"], ("A", "a"), ""),  # a single letter may stand for another thing
    ],
)
def test_capitals_make_no_other_class(texts, classes, said, write):
    own = table(rows(map(str, range(24, 0, -1)), cycled(texts, 24), header="a,y", sep=","), write)
    assert own.data.classes == classes
    assert [note for note in own.notes if "taken for" in note] == ([f"column 'y': {said}"] if said else [])
    features = table(rows(cycled(texts, 24), map(str, [3, 1, 2] * 8), header="a,y", sep=","), write).data.features
    assert len(features) == 1


def test_what_is_told_of_a_column_is_of_the_lines_in_use(write):
    kept = [f"{place},{k % 7}.5,{k * 1.25}" for k, place in enumerate(["N", "S", "W"] * 8)]
    lines = ["(zone),(cm),(kg)", *kept[:5], "N,?,3.5", *kept[5:], "Total,,99"]
    region, size, weight = table("region,size,weight\n" + "\n".join(lines), write).columns
    assert region.how == "category with 3 values"
    assert (size.missing, size.example) == (1, "0.5")
    assert (weight.missing, weight.example) == (0, "0.0")
