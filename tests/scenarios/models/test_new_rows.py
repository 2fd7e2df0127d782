"""New rows: columns by name, and a sentence with line and column for what cannot be predicted from."""

import gzip

import numpy as np
import pytest

from scenarios import ScenarioError
from scenarios.models.new_rows import read_rows
from tests.scenarios.models.tables import trained


def predicted(path, model):
    return np.concatenate([model.predict(rows).values for rows in read_rows(path, model)])


def read(folder, content, target="price"):
    path = folder / "new.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return predicted(path, trained(target)[0]).tolist()


@pytest.fixture
def expected():
    return trained()[0].predict({"kg": [1000.5, 2000.0], "colour": ["red", "blue"]}).values.tolist()


WRITTEN = {
    "plain": "kg,colour\n1000.5,red\n2000,blue\n",
    "semicolons": "colour;price;kg\nred;1;1000,5\nblue;2;2000,0\n",
    "tabs": "kg\tcolour\r\n1000.5\tred\r\n\r\n2000\tblue\r\n",
    "title": "Cars of May\n\nkg,colour\n1000.5,Red\n2000, BLUE \n",
    "quotes": '"kg","colour"\n"1,000.5",red\n"2,000.0",blue',
    "units": "\ufeffkg,colour\n1000.5 kg,red\n2000 kg,blue\n",
    "utf-16": "kg,colour\n1000.5,red\n2000,blue\n".encode("utf-16"),
    "packed": gzip.compress(b"kg,colour\n1000.5,red\n2000,blue\n"),
    "empty column": "kg,colour,\n1000.5,red,\n2000,blue,\n",
}


@pytest.mark.parametrize("content", WRITTEN.values(), ids=list(WRITTEN))
def test_columns_are_found_by_their_names_however_the_table_is_written(content, expected, tmp_path):
    assert read(tmp_path, content) == expected


def test_a_single_row_and_none_at_all(expected, tmp_path):
    assert read(tmp_path, "kg,colour\n1000.5,red\n") == expected[:1]
    (tmp_path / "none.csv").write_text("kg,colour\n", encoding="utf-8")
    assert list(read_rows(tmp_path / "none.csv", trained()[0])) == []


def test_many_rows_come_in_their_order(tmp_path):
    rows = [f"{900 + row / 10},{'red' if row % 3 else 'blue'}" for row in range(9000)]
    found = read(tmp_path, "\n".join(["kg,colour", *rows]))
    table = {
        "kg": [900 + row / 10 for row in range(9000)],
        "colour": ["red" if row % 3 else "blue" for row in range(9000)],
    }
    assert found == trained()[0].predict(table).values.tolist()


REFUSALS = {
    "column": ("kg,price\n1,2\n", "new.csv: the column 'colour' is missing; there are 'kg', 'price'"),
    "misspelt": ("kg,color\n1,red\n", "new.csv: the column 'colour' is missing; did you mean color?"),
    "no names": (
        "1000,red\n2000,blue\n",
        "new.csv: no line names any of the columns that the model needs: 'kg', 'colour'",
    ),
    "category": ("kg,colour\n1,red\n2,pink\n", "new.csv: line 3: 'pink' in the column 'colour' is no category of the"),
    "near": ("kg,colour\n1,gren\n", "is no category of the training; did you mean green?"),
    "missing": ("kg,colour\n1,red\nNA,red\n", "new.csv: line 3: 'NA' stands for a missing value in the column 'kg'"),
    "empty": ("kg,colour\n1,\n", "new.csv: line 2: there is no value in the column 'colour'"),
    "short": ("colour,kg\nred\n", "new.csv: line 2: there is no value in the column 'kg'"),
    "long": ("kg,colour\n1,red,7\n", "new.csv: line 2 has 3 entries, for 2 columns"),
    "text": ("kg,colour\nheavy,red\n", "new.csv: line 2: 'heavy' in the column 'kg' is no number"),
    "date": ("kg,colour\n2026-01-01,red\n", "new.csv: line 2: '2026-01-01' in the column 'kg' is no number"),
    "quote": ('kg,colour\n1,red\n2,"red\n', 'new.csv: a quote " on line 3 is never closed'),
    "nothing": ("", "new.csv: the file is empty"),
    "excel": (b"PK\x03\x04", "new.csv: is no table of text, but a ZIP archive, or an Excel"),
    "zero byte": (b"kg,colour\n1,red\0\n", "new.csv: line 2 holds a zero byte"),
}


@pytest.mark.parametrize(("content", "words"), REFUSALS.values(), ids=list(REFUSALS))
def test_rows_that_cannot_be_predicted_from_are_refused_with_their_line(content, words, tmp_path):
    with pytest.raises(ScenarioError) as refused:
        read(tmp_path, content)
    assert words in str(refused.value)


def test_a_category_that_looks_like_a_number_is_one(tmp_path):
    import scenarios

    rows = [f"{row % 7},{'six' if row % 3 else 4},{row % 7 + (row % 3 > 0)}.5" for row in range(90)]
    (tmp_path / "mixed.csv").write_text("\n".join(["a,cylinders,y", *rows]))
    scenario = scenarios.load(str(tmp_path / "mixed.csv"))
    model = scenario.model(scenario.trainer())
    assert model.columns == {"a": (), "cylinders": ("4", "six")}
    (tmp_path / "new.csv").write_text("a,cylinders\n1,4\n2,4\n")
    assert len(predicted(tmp_path / "new.csv", model)) == 2


def test_a_table_of_a_single_column_will_do(tmp_path):
    import scenarios

    scenario = scenarios.load("line-fit")
    (tmp_path / "new.csv").write_text("x\n1.5\n-2\n")
    assert len(predicted(tmp_path / "new.csv", scenario.model(scenario.trainer()))) == 2
