"""Files as people have met them: each was read wrongly once. Weights are the least-squares optimum over all lines that
should be used, in the columns' own units, the intercept last."""

from pathlib import Path

import numpy as np
import pytest

import scenarios
from scenarios import ScenarioError
from scenarios.data.csv.csv_memory import read
from scenarios.files.data_sources import CsvData

CASES = Path(__file__).parent / "cases"
THOUSANDS = [0.00100012, 1.008381, -0.025498]
PLAIN = [2.994888, -2.003189, 1.024365]
# File: lines, names of the features, weights, MSE, a part of what is said.
FITS = {
    "a05h_minimal.tsv": (12, ("pop",), [1.0, 0.0], 0.0, "'1,200' is read as 1200"),
    "a05e_us_thousands_mixed_tsv.csv": (60, ("pop", "rooms"), THOUSANDS, 0.0888285, "'20,081' is read as 20081"),
    "a05g_de_thousands_mixed.csv": (60, ("einwohner", "zimmer"), THOUSANDS, 0.0888285, "'20.081' is read as 20081"),
    "a07c_thousands_few.csv": (60, ("a", "b"), [0.001, 1, 0], 0.0, "'1,000' is read as 1000"),
    "a06b_de_one_point.csv": (60, ("a", "b"), PLAIN, 0.0081544, "column 'a': 1 entry has another decimal mark"),
    "a54b_unknown_few.csv": (199, ("age",), [0.499394, 0.018897], 0.0102283, "'unknown' in column 'age' on line 9"),
    "a53b_one_error_few.csv": (199, ("age",), [0.500124, -0.011819], 0.0104118, "'#DIV/0!' in column 'age' on line 9"),
    "a38f_missing_ws.csv": (199, ("pcv",), [2.003552, -0.070676], 0.7906768, "'?' in column 'pcv' on line 68"),
    "a37c_minus_few.csv": (200, ("temp",), [1.999897, 0.002697], 0.0106904, ""),
    "a50_summary_row.csv": (60, ("a", "b"), PLAIN, 0.0081544, "'Total' in column 'a' on line 62"),
    "a55_names_small.csv": (32, ("weight",), [-5.038063, 40.157164], 0.9225007, "column 'name' left out: every line"),
    "a30b_na_category.csv": (60, ("area",), [89.983985, 45057.5], 560.631, "column 'pool' left out: 58 of its 60"),
    "a33_nbsp.csv": (60, ("Prix €", "b"), PLAIN, 0.0081544, ""),
    "a13_sep.csv": (60, ("a", "b"), PLAIN, 0.0081544, ""),
    "a14_title.csv": (59, ("Year", "Jan", "Feb"), None, None, "line 1 skipped: above the table, 'Land-Ocean"),
    "a11b_trailing_all.csv": (60, ("a", "b"), PLAIN, 0.0081544, "column 'x4' left out: all its values are missing"),
    "a29.txt": (60, ("a", "b"), PLAIN, 0.0081544, ""),
    "a02b_utf16_nobom.csv": (60, ("a", "b"), PLAIN, 0.0081544, "the text is UTF-16 without the mark that says so"),
    "a22_huge_int.csv": (60, ("id", "a"), None, None, ""),
}


@pytest.mark.parametrize(("name", "right"), FITS.items(), ids=FITS)
def test_the_optimum_is_that_of_the_lines_that_count(name, right):
    lines, features, weights, error, said = right
    own = read(CsvData(path=str(CASES / name)))
    assert (own.num_examples, own.data.features) == (lines, features)
    assert (said in " ".join(own.notes)) if said else own.notes == ()
    if weights is not None:
        design = np.column_stack([own.data.inputs, np.ones(lines)])
        found = np.linalg.lstsq(design, own.data.targets, rcond=None)[0]
        np.testing.assert_allclose(found, weights, rtol=1e-5, atol=1e-5)
        assert np.mean((design @ found - own.data.targets) ** 2) == pytest.approx(error, rel=1e-5, abs=1e-9)


def classes(name, **options):
    own = read(CsvData(path=str(CASES / name), **options))
    return dict(zip(own.data.classes, np.bincount(own.data.targets.astype(int)).tolist(), strict=True)), own


def test_classes():
    assert classes("a38_trailing_space_class.csv")[0] == {"no": 33, "yes": 27}
    assert classes("a18c_label_pixels.csv", target="label")[0] == {"0": 30, "1": 30, "2": 30}
    assert classes("a19_all_text_noheader.csv")[0] == {"none": 60, "recur": 20}
    found, own = classes("a06d_de_point_classtarget.csv")
    assert sum(found.values()) == 200
    assert own.data.features == ("zeit", "a")
    assert own.data.inputs[1].tolist() == [9.3, 0.1]


def test_years_are_names():
    own = read(CsvData(path=str(CASES / "a18d_years_wide.csv")))
    assert own.num_examples == 60
    assert own.data.features[-2:] == ("1990", "2000")
    assert own.notes == ("line 1 is read as names, such as '1990'",)
    assert own.target == "2010"


def test_white_space_with_a_tab_before_the_last_column():
    own = read(CsvData(path=str(CASES / "a70_automod_space_tab.csv"), target="x1"))
    assert len(own.columns) == 9
    assert "1 of 80 lines left out, for it has a missing value: '?' in column 'x4' on line 6" in own.notes


def test_a_pointer_is_no_table():
    with pytest.raises(ScenarioError, match="is no table of text, but a Git LFS pointer"):
        scenarios.load(str(CASES / "a72_lfs.csv"))


def test_a_target_far_from_zero_is_centred_and_its_optimum_reached():
    scenario = scenarios.load(str(CASES / "b13d_utm.csv"))
    (note,) = scenario.notes
    assert note.startswith("the target 'northing_m' is centred: its mean 5412350.24 is taken off")
    run = scenario.run()
    assert abs(run.trainer.objective.targets.mean()) < 5
    run.trainer.batch_size, run.trainer.learning_rate = 320, 0.4
    run.advance(2000)
    assert run.trainer.loss() == pytest.approx(1.1024, rel=1e-4)
