import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenarios.data.datasets import make
from scenarios.files.data_sources import (
    BlobsData,
    ChebyshevData,
    CirclesData,
    LineData,
    MoonsData,
    SineData,
    SpiralsData,
    XorData,
)

KINDS = [LineData, SineData, ChebyshevData, MoonsData, CirclesData, XorData, BlobsData, SpiralsData]
CLASSIFIED = [kind for kind in KINDS if kind(examples=10).num_classes]


def described(kind, **fields):
    common = {"examples": st.integers(10, 300), "noise": st.floats(0, 10), "seed": st.integers(0, 2**32)}
    return st.builds(kind, **(common | fields))


COUNTS = {"classes": st.integers(2, 10)}
DESCRIPTIONS = st.one_of(
    *(described(kind) for kind in (LineData, SineData, ChebyshevData, MoonsData, CirclesData, XorData)),
    described(BlobsData, features=st.integers(2, 9), **COUNTS),
    described(SpiralsData, turns=st.floats(0, 5), **COUNTS),
)


def without_noise(kind, examples, **fields):
    """{class name: (n, 2) its points, in the order of their coordinates}"""
    data = make(kind(examples=examples, noise=0, **fields))
    return {name: in_order(data.inputs[data.targets == label]) for label, name in enumerate(data.classes)}


def in_order(points):
    return points[np.lexsort(np.round(points, 9).T)]


@given(DESCRIPTIONS)
def test_shapes_are_those_that_the_description_promises(description):
    data = make(description)
    assert data.inputs.shape == (description.examples, description.num_features)
    assert data.targets.shape == (description.examples,)
    assert len(data.features) == len(set(data.features)) == description.num_features
    assert len(data.classes) == len(set(data.classes)) == description.num_classes
    assert data.inputs.dtype == data.targets.dtype == np.float64
    assert np.isfinite(data.inputs).all()
    assert np.isfinite(data.targets).all()
    assert len(data.validation_inputs) == len(data.validation_targets) == 0


@given(DESCRIPTIONS)
def test_the_same_description_gives_the_same_bits(description):
    first, again = make(description), make(description)
    assert first.inputs.tobytes() == again.inputs.tobytes()
    assert first.targets.tobytes() == again.targets.tobytes()


@given(DESCRIPTIONS)
def test_classes_are_numbered_from_zero_and_of_equal_size(description):
    if description.num_classes:
        targets = make(description).targets
        assert set(targets) == set(range(description.num_classes))
        sizes = np.bincount(targets.astype(int))
        assert sizes.max() - sizes.min() <= 1


@pytest.mark.parametrize("kind", KINDS)
def test_another_seed_gives_other_examples(kind):
    first, second = make(kind(seed=1, noise=0.5)), make(kind(seed=2, noise=0.5))
    assert (first.inputs.tobytes(), first.targets.tobytes()) != (second.inputs.tobytes(), second.targets.tobytes())


@pytest.mark.parametrize("kind", CLASSIFIED)
def test_classes_come_in_random_order(kind):
    # Of 400 examples, ±: the first 100 hold about their share of class 0. Hypergeometric, standard deviation
    # below √(100 · ¼ · ¾) = 4.3.
    data = make(kind(examples=400))
    share = 1 / len(data.classes)
    assert np.count_nonzero(data.targets[:100] == 0) == pytest.approx(100 * share, abs=4 * 4.4)
    assert len(set(data.targets[:20])) == len(data.classes)


@pytest.mark.parametrize("kind", CLASSIFIED)
def test_noise_is_normal_and_of_the_given_size(kind):
    # The order of the examples does not depend on the noise, so that the difference is the noise alone.
    noise = make(kind(examples=5000, noise=0.7)).inputs - make(kind(examples=5000, noise=0)).inputs
    assert noise.mean(axis=0) == pytest.approx([0, 0], abs=4 * 0.7 / np.sqrt(5000))
    assert noise.std(axis=0) == pytest.approx([0.7, 0.7], abs=4 * 0.7 / np.sqrt(2 * 5000))
    # Of a normal distribution 68.27 % is within one standard deviation; standard error √(0.68 · 0.32 / 10000).
    assert np.mean(abs(noise) < 0.7) == pytest.approx(0.6827, abs=4 * 0.0047)
    assert abs(np.corrcoef(noise.T)[0, 1]) < 4 / np.sqrt(5000)


def test_a_line_without_noise_is_straight():
    data = make(LineData(examples=50, slope=-2, intercept=5, noise=0))
    np.testing.assert_array_equal(data.targets, -2 * data.inputs[:, 0] + 5)


def test_a_sine_without_noise_is_a_sine():
    data = make(SineData(examples=2000, amplitude=2, periods=3, noise=0))
    x = data.inputs[:, 0]
    np.testing.assert_allclose(data.targets, 2 * np.sin(3 * np.pi * x), rtol=0, atol=1e-14)
    assert abs(x).max() <= 1
    assert np.histogram(x, bins=4, range=(-1, 1))[0] == pytest.approx(500, abs=4 * np.sqrt(2000 * 3 / 16))


def test_a_sine_has_the_noise_it_was_given():
    data = make(SineData(examples=5000, noise=0.5))
    residuals = data.targets - np.sin(np.pi * data.inputs[:, 0])
    assert residuals.std() == pytest.approx(0.5, abs=4 * 0.5 / np.sqrt(2 * 5000))


@pytest.mark.parametrize("examples", [2, 3, 100, 101])
def test_moons_are_those_of_scikit_learn(examples):
    sklearn = pytest.importorskip("sklearn.datasets", reason="scikit-learn is not installed")
    points, labels = sklearn.make_moons(((examples + 1) // 2, examples // 2), noise=None)
    moons = without_noise(MoonsData, examples)
    np.testing.assert_allclose(moons["upper"], in_order(points[labels == 0]), atol=1e-12)
    np.testing.assert_allclose(moons["lower"], in_order(points[labels == 1]), atol=1e-12)


@pytest.mark.parametrize("examples", [2, 3, 100, 101])
@pytest.mark.parametrize("radius", [0, 0.3, 0.8])
def test_circles_are_those_of_scikit_learn(examples, radius):
    sklearn = pytest.importorskip("sklearn.datasets", reason="scikit-learn is not installed")
    points, labels = sklearn.make_circles(((examples + 1) // 2, examples // 2), noise=None, factor=radius)
    circles = without_noise(CirclesData, examples, inner_radius=radius)
    np.testing.assert_allclose(circles["outer"], in_order(points[labels == 0]), atol=1e-12)
    np.testing.assert_allclose(circles["inner"], in_order(points[labels == 1]), atol=1e-12)


def test_moons_are_two_half_circles():
    moons = without_noise(MoonsData, 50)
    assert np.hypot(*moons["upper"].T) == pytest.approx(1)
    assert np.hypot(*(moons["lower"] - [1, 0.5]).T) == pytest.approx(1)
    assert moons["upper"][:, 1].min() == pytest.approx(0, abs=1e-12)
    assert moons["lower"][:, 1].max() == pytest.approx(0.5, abs=1e-12)


def test_circles_have_their_radii():
    circles = without_noise(CirclesData, 50, inner_radius=0.25)
    assert np.hypot(*circles["outer"].T) == pytest.approx(1)
    assert np.hypot(*circles["inner"].T) == pytest.approx(0.25)


def test_xor_is_its_truth_table():
    corners = without_noise(XorData, 8)
    assert corners["same"].tolist() == [[-1, -1], [-1, -1], [1, 1], [1, 1]]
    assert corners["different"].tolist() == [[1, -1], [1, -1], [-1, 1], [-1, 1]]


def test_spirals_turn_as_often_as_told():
    data = make(SpiralsData(examples=3000, noise=0, classes=3, turns=2))
    radius = np.hypot(*data.inputs.T)
    assert radius.max() == pytest.approx(1)
    assert radius.min() == pytest.approx(1 / 1000)
    for label in range(3):
        arm = np.argsort(np.where(data.targets == label, radius, np.inf))[:1000]
        angles = np.unwrap(np.arctan2(data.inputs[arm, 1], data.inputs[arm, 0])) / (2 * np.pi)
        assert angles - angles[0] == pytest.approx(2 * (radius[arm] - radius[arm[0]]))
        assert (angles[-1] - label / 3) % 1 == pytest.approx(0, abs=1e-9) or (
            (angles[-1] - label / 3) % 1 == pytest.approx(1, abs=1e-9)
        )


def test_blobs_lie_on_a_regular_polygon():
    blobs = without_noise(BlobsData, 10, classes=5)
    for label, name in enumerate("ABCDE"):
        corner = [np.cos(2 * np.pi * label / 5), np.sin(2 * np.pi * label / 5)]
        np.testing.assert_allclose(blobs[name], [corner, corner], atol=1e-12)


def test_blobs_of_two_classes_have_constant_columns_that_are_exactly_so():
    data = make(BlobsData(examples=10, noise=0, classes=2, features=5))
    assert np.unique(data.inputs, axis=0).tolist() == [[-1, 0, 1, 0, -1], [1, 0, 1, 0, 1]]


@pytest.mark.parametrize("features", [2, 3, 20])
@pytest.mark.parametrize("classes", [2, 3, 10])
def test_centres_of_blobs_are_far_apart(classes, features):
    centres = np.unique(make(BlobsData(noise=0, classes=classes, features=features)).inputs, axis=0)
    assert len(centres) == classes
    distances = np.linalg.norm(centres[:, None] - centres, axis=-1) + 9 * np.eye(classes)
    assert distances.min() >= 2 * np.sin(np.pi / classes) - 1e-9  # the side of the polygon, or more


@pytest.mark.parametrize("kind", KINDS)
def test_enormous_noise_overflows_without_a_word(kind):
    data = make(kind(examples=256, noise=1e308, standardise=True, validation_share=0.5))
    values = data.inputs if data.classes else data.targets
    assert not np.isfinite(values).all()


@pytest.mark.parametrize("degree", [1, 3, 8])
def test_chebyshev_is_numpys_polynomial(degree):
    data = make(ChebyshevData(examples=20, degree=degree))
    assert data.inputs[:, 0] == pytest.approx(np.linspace(-1, 1, 20))
    assert data.targets == pytest.approx(np.polynomial.chebyshev.Chebyshev.basis(degree)(data.inputs[:, 0]), abs=1e-12)
