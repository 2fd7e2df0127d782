"""Any table of numbers, written in any style, comes back the same."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from scenarios.data.csv.csv_memory import read
from scenarios.files.data_sources import CsvData

SEPARATORS = [",", ";", "\t", "|", " "]
NUMBERS = st.integers(-10_000_000, 10_000_000).map(lambda number: number / 100)


def entry(number, decimal, thousands, places, quotes, blank):
    text = f"{number:,.{places}f}".replace(",", "\0").replace(".", decimal).replace("\0", thousands)
    return f"{quotes}{text}{quotes or blank}"


@given(
    st.lists(st.tuples(NUMBERS, NUMBERS, NUMBERS), min_size=3, max_size=40),
    st.sampled_from(SEPARATORS),
    st.sampled_from([".", ","]),
    st.sampled_from(["", ".", ",", "'", "\u2019", " ", "\xa0"]),
    st.integers(1, 2),  # decimal places: with three or none, thousands cannot be told from them
    st.booleans(),
    st.sampled_from(["", " ", "  "]),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"]),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.booleans(),
)
def test_a_table_comes_back_the_same(
    tmp_path_factory, table, separator, decimal, thousands, places, quoted, blank, encoding, end, named
):
    if thousands == decimal:
        thousands = ""
    if separator in (decimal, thousands) or (separator == " " and thousands == "\xa0"):
        quoted = True
    quotes = '"' if quoted else ""
    table = [tuple(round(number, places) for number in row) for row in table]
    table = [(k + 1.5, *row, k - 0.5) for k, row in enumerate(table)]
    style = decimal, thousands, places, quotes, blank
    lines = [separator.join(entry(number, *style) for number in row) for row in table]
    if named:
        lines.insert(0, separator.join(["a", "b", "c", "d", "größe"]))
    path = tmp_path_factory.getbasetemp() / "style.csv"
    path.write_bytes(end.join(lines).encode(encoding))
    own = read(CsvData(path=str(path)))
    values = np.array(table)
    kept = [column for column in range(4) if np.ptp(values[:, column]) > 0]
    names = ("a", "b", "c", "d") if named else ("x1", "x2", "x3", "x4")
    assert own.target == ("größe" if named else "x5")
    assert own.data.features == tuple(names[column] for column in kept)
    np.testing.assert_array_equal(own.data.inputs, values[:, kept])
    np.testing.assert_array_equal(own.data.targets, values[:, 4])
