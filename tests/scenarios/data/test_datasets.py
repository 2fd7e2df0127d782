from dataclasses import fields

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import scenarios
from scenarios.data.datasets import DataSet, auto_mpg, breast_cancer, digits, make
from scenarios.data.splitting import split, standardised
from scenarios.files.data_sources import BlobsData, BundledData, LineData, MoonsData, XorData

BUNDLED = {"auto-mpg": auto_mpg, "digits": digits, "breast-cancer": breast_cancer}


def rows(data, part=""):
    return np.c_[getattr(data, f"{part}inputs"), getattr(data, f"{part}targets")]


def sorted_rows(*parts):
    return sorted(map(tuple, np.vstack(parts)))


def numbered(labels):
    """A data set of these class numbers; the input of each example is its place."""
    labels = np.array(labels, dtype=float)
    return DataSet(("x",), np.arange(len(labels), dtype=float)[:, None], labels, classes=tuple("ABCDE"))


# The real ones


@pytest.mark.parametrize("name", BUNDLED)
def test_a_description_knows_the_size_of_the_file(name):
    description, data = BundledData(name=name), BUNDLED[name]()
    assert data.inputs.shape == (description.num_examples, description.num_features)
    assert data.targets.shape == (description.num_examples,)
    assert len(data.features) == len(set(data.features)) == description.num_features
    assert len(data.classes) == description.num_classes
    assert np.isfinite(rows(data)).all()


def test_auto_mpg_is_the_known_data_set():
    data = auto_mpg()
    assert data.features == (
        *("cylinders", "displacement", "horsepower", "weight", "acceleration", "year"),
        *("europe", "japan"),
    )
    # Sums over the 392 complete rows of cars.json in vega_datasets 0.9.0, added up with pandas.
    assert data.targets.sum() == pytest.approx(9190.8)
    assert data.inputs.sum(axis=0) == pytest.approx([2145, 76209.5, 40952, 1167213, 6092.2, 774612, 68, 79])


@pytest.mark.parametrize(("name", "loader"), [("digits", "load_digits"), ("breast-cancer", "load_breast_cancer")])
def test_the_data_is_that_of_scikit_learn(name, loader):
    sklearn = pytest.importorskip("sklearn.datasets", reason="scikit-learn is not installed")
    data, theirs = BUNDLED[name](), getattr(sklearn, loader)()
    np.testing.assert_array_equal(data.inputs, theirs.data)
    np.testing.assert_array_equal(data.targets, theirs.target)
    assert data.features == tuple(theirs.feature_names)
    assert data.classes == tuple(map(str, theirs.target_names))


def test_classes_are_as_frequent_as_published():
    # UCI: digits in optdigits.names, testing set; tumours in wdbc.names.
    assert np.bincount(digits().targets.astype(int)).tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]
    assert np.bincount(breast_cancer().targets.astype(int)).tolist() == [212, 357]


# Nothing held out, and the bits of the presets


@pytest.mark.parametrize("name", BUNDLED)
def test_without_a_validation_share_every_example_trains_in_the_order_of_the_file(name):
    data = make(BundledData(name=name, standardise=False, seed=7))
    np.testing.assert_array_equal(rows(data), rows(BUNDLED[name]()))
    assert len(data.validation_targets) == 0


def test_the_lines_of_the_presets_keep_their_bits():
    for name, examples, noise in (("line-fit", 256, 1), ("one-weight", 64, 0)):
        data, random = make(scenarios.load(name).file.data), np.random.default_rng(0)
        x, epsilon = random.standard_normal(examples), random.standard_normal(examples)
        assert data.inputs.tobytes() == x.tobytes()
        assert data.targets.tobytes() == (3 * x + 2 + epsilon if noise else x).tobytes()


def test_the_cars_of_the_preset_keep_their_bits():
    data, raw = make(scenarios.load("fuel-economy").file.data), auto_mpg()
    order = np.random.default_rng(0).permutation(392)
    training, validation = order[78:], order[:78]
    inputs = (raw.inputs - raw.inputs[training].mean(axis=0)) / raw.inputs[training].std(axis=0)
    assert data.inputs.tobytes() == inputs[training].tobytes()
    assert data.validation_inputs.tobytes() == inputs[validation].tobytes()
    assert data.targets.tobytes() == raw.targets[training].tobytes()
    assert data.validation_targets.tobytes() == raw.targets[validation].tobytes()


# Split


@pytest.mark.parametrize("stratify", [False, True])
@given(st.lists(st.integers(0, 4), min_size=2, max_size=200), st.floats(0.001, 0.9), st.integers(0, 99))
def test_a_split_loses_no_example_and_holds_out_the_share(stratify, labels, share, seed):
    data = numbered(labels)
    parts = split(data, share, np.random.default_rng(seed), stratify=stratify)
    assert len(parts.validation_targets) == round(len(labels) * share)
    assert sorted_rows(rows(parts), rows(parts, "validation_")) == sorted_rows(rows(data))


@given(st.lists(st.integers(0, 4), min_size=2, max_size=200), st.floats(0.001, 0.9), st.integers(0, 99))
def test_a_stratified_split_keeps_the_shares_of_the_classes_to_within_one_example(labels, share, seed):
    parts = split(numbered(labels), share, np.random.default_rng(seed), stratify=True)
    held_out = np.bincount(parts.validation_targets.astype(int), minlength=5)
    assert (abs(held_out - np.bincount(labels, minlength=5) * share) < 1).all()


def test_every_example_of_a_class_is_held_out_as_often_as_the_others():
    # 400 draws of 3 of 10, twice over: each has mean 120 and standard deviation √(400 · 0.3 · 0.7) = 9.2.
    data, counts = numbered([0, 1] * 10), np.zeros(20)
    for seed in range(400):
        parts = split(data, 0.3, np.random.default_rng(seed), stratify=True)
        counts[parts.validation_inputs[:, 0].astype(int)] += 1
    assert counts == pytest.approx(120, abs=4 * 9.2)


@pytest.mark.parametrize(("name", "sizes"), [("digits", (1438, 359)), ("breast-cancer", (455, 114))])
def test_real_classes_are_stratified_unless_told_otherwise(name, sizes):
    stratified = make(BundledData(name=name, validation_share=0.2))
    plain = make(BundledData(name=name, validation_share=0.2, stratify=False))
    for data in (stratified, plain):
        assert (len(data.targets), len(data.validation_targets)) == sizes
    classes = np.bincount(BUNDLED[name]().targets.astype(int))
    off_stratified, off_plain = (
        abs(np.bincount(data.validation_targets.astype(int)) - classes * 0.2).max() for data in (stratified, plain)
    )
    assert off_stratified < 1 < off_plain


@pytest.mark.parametrize("kind", [LineData, MoonsData, BlobsData, XorData])
def test_holding_out_takes_from_the_same_examples(kind):
    whole, parts = make(kind(examples=100, seed=3)), make(kind(examples=100, seed=3, validation_share=0.25))
    assert len(parts.validation_targets) == 25
    assert sorted_rows(rows(parts), rows(parts, "validation_")) == sorted_rows(rows(whole))


def test_auto_mpg_is_split_into_training_and_validation():
    data = make(BundledData(name="auto-mpg", standardise=False, validation_share=0.2))
    assert (len(data.targets), len(data.validation_targets)) == (314, 78)  # round(392 · 0.2) = 78
    assert sorted_rows(rows(data), rows(data, "validation_")) == sorted_rows(rows(auto_mpg()))


def test_another_seed_holds_out_other_cars():
    first, other = (make(BundledData(name="auto-mpg", validation_share=0.2, seed=seed)) for seed in (0, 1))
    assert set(first.validation_targets) != set(other.validation_targets)


@pytest.mark.parametrize("name", BUNDLED)
def test_a_split_gives_the_same_bits_again(name):
    first, again = (make(BundledData(name=name, validation_share=0.3, seed=5)) for _ in range(2))
    for field in fields(DataSet):
        one, two = getattr(first, field.name), getattr(again, field.name)
        assert one.tobytes() == two.tobytes() if isinstance(one, np.ndarray) else one == two


# Standardised


@pytest.mark.parametrize(
    "description",
    [
        BundledData(name="auto-mpg", validation_share=0.2),
        BundledData(name="breast-cancer", validation_share=0.2),
        MoonsData(standardise=True, validation_share=0.2),
        LineData(standardise=True, validation_share=0.2),
    ],
    ids=lambda description: type(description).__name__,
)
def test_standardisation_knows_the_training_part_only(description):
    data, raw = make(description), make(msgspec.structs.replace(description, standardise=False))
    np.testing.assert_allclose(data.inputs.mean(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(data.inputs.std(axis=0), 1, atol=1e-12)
    mean, deviation = raw.inputs.mean(axis=0), raw.inputs.std(axis=0)
    np.testing.assert_allclose(data.validation_inputs, (raw.validation_inputs - mean) / deviation, atol=1e-11)
    assert abs(data.validation_inputs.mean(axis=0)).max() > 0.01
    np.testing.assert_array_equal(data.targets, raw.targets)


def test_generated_data_is_left_as_it_is_and_real_data_is_standardised():
    assert not LineData().standardise
    assert not MoonsData().standardise
    assert BundledData(name="digits").standardise


def test_pixels_that_are_always_white_stay_finite():
    data = make(BundledData(name="digits", validation_share=0.2))
    assert np.isfinite(data.inputs).all()
    assert np.isfinite(data.validation_inputs).all()
    blank = np.ptp(digits().inputs, axis=0) == 0
    assert blank.sum() == 3  # pixels 0, 32 and 39 of every digit
    assert not data.inputs[:, blank].any()
    np.testing.assert_allclose(data.inputs.std(axis=0)[data.inputs.any(axis=0)], 1)


@given(st.floats(-1e100, 1e100), st.integers(1, 50))
def test_a_constant_column_is_only_shifted(value, examples):
    inputs = np.full((examples, 1), value)
    data = standardised(DataSet(("x",), inputs, np.zeros(examples), inputs[:1] + 3, np.zeros(1)))
    # The mean of equal numbers is off by rounding: a sum of up to 50 terms, each rounded once.
    rounding = 50 * np.finfo(float).eps * abs(value)
    assert abs(data.inputs).max() <= rounding
    assert data.validation_inputs[0, 0] == pytest.approx(inputs[0, 0] + 3 - value, abs=rounding + 1e-12)


def test_a_column_too_small_to_square_is_only_shifted():
    inputs = np.array([[1e-200], [3e-200]])
    assert np.isfinite(standardised(DataSet(("x",), inputs, np.zeros(2))).inputs).all()
