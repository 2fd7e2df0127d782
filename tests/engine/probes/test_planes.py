import numpy as np
import pytest

from engine import probes


def walk(steps, weights, seed=0):
    generator = np.random.default_rng(seed)
    return np.cumsum(generator.standard_normal((steps, weights)) * np.arange(1, weights + 1), axis=0)


def test_loss_grid_has_the_first_weight_along_its_rows(make_line):
    objective = make_line()
    first, second = np.linspace(-1, 1, 3), np.linspace(0, 5, 4)
    grid = probes.loss_grid(objective, first, second)
    expected = [[objective.loss(np.array([w, b])) for w in first] for b in second]
    np.testing.assert_allclose(grid, expected, rtol=1e-12)


def test_two_weights_are_their_own_plane(make_line):
    # Result 8: it loses nothing.
    trajectory = walk(50, 2)
    plane = probes.trajectory_plane(trajectory)
    assert plane.coordinates(trajectory).tobytes() == trajectory.tobytes()
    assert sum(plane.shares) == pytest.approx(1)
    first, second = np.linspace(-1, 1, 3), np.linspace(0, 5, 4)
    with_plane = probes.loss_grid(make_line(), first, second, plane=plane)
    np.testing.assert_allclose(with_plane, probes.loss_grid(make_line(), first, second), rtol=1e-12)


@pytest.mark.parametrize(("steps", "weights"), [(3, 3), (100, 3), (100, 20), (20, 1000)])
def test_the_plane_is_that_of_scikit_learns_principal_components(steps, weights):
    decomposition = pytest.importorskip("sklearn.decomposition")
    trajectory = walk(steps, weights)
    pca = decomposition.PCA(n_components=2, svd_solver="full").fit(trajectory)
    plane = probes.trajectory_plane(trajectory)
    np.testing.assert_allclose(plane.shares, pca.explained_variance_ratio_, rtol=1e-9)
    for ours, theirs in ((plane.first, pca.components_[0]), (plane.second, pca.components_[1])):
        np.testing.assert_allclose(ours * np.sign(ours.dot(theirs)), theirs, atol=1e-9)
    np.testing.assert_array_equal(plane.origin, trajectory[-1])


def test_a_random_walk_looks_planar():
    # Antognini & Sohl-Dickstein 2018: the shares approach 6/π²/k². The scatter over ten walks is about 1 %.
    generator = np.random.default_rng(0)
    trajectory = np.cumsum(generator.standard_normal((200, 5000)), axis=0)
    shares = probes.trajectory_plane(trajectory).shares
    assert shares == pytest.approx((6 / np.pi**2, 6 / np.pi**2 / 4), abs=0.03)


def test_the_signs_do_not_depend_on_the_trajectorys():
    trajectory = walk(30, 5)
    one, other = probes.trajectory_plane(trajectory), probes.trajectory_plane(-trajectory)
    np.testing.assert_allclose(one.first, other.first, atol=1e-12)
    np.testing.assert_allclose(one.second, other.second, atol=1e-12)
    assert max(one.first, key=abs) > 0


def test_the_loss_in_the_plane_is_that_of_its_weights(make_plane):
    objective = make_plane(50, 4)
    trajectory = walk(20, 5)
    plane = probes.trajectory_plane(trajectory)
    first, second = np.linspace(-1, 2, 4), np.linspace(-3, 0, 3)
    grid = probes.loss_grid(objective, first, second, plane=plane)
    expected = [[objective.loss(plane.origin + a * plane.first + b * plane.second) for a in first] for b in second]
    np.testing.assert_allclose(grid, expected, rtol=1e-9)
    assert plane.coordinates(trajectory[-1:]).tolist() == [[0, 0]]


@pytest.mark.parametrize("moved", [0, 1])
def test_a_run_that_hardly_moved_has_a_plane_nevertheless(moved):
    trajectory = np.zeros((10, 4)) + moved * np.arange(10.0)[:, None]
    plane = probes.trajectory_plane(trajectory)
    basis = np.stack([plane.first, plane.second])
    np.testing.assert_allclose(basis @ basis.T, np.eye(2), atol=1e-12)
    if moved:
        np.testing.assert_allclose(plane.first, np.full(4, 0.5))
        assert plane.shares == pytest.approx((1, 0))
    else:
        assert np.isnan(plane.shares).all()


@pytest.mark.parametrize("bad", [np.nan, np.inf, 1e200])
@pytest.mark.parametrize("weights", [2, 5])
def test_weights_that_are_not_finite_or_enormous(bad, weights):
    trajectory = walk(20, weights)
    trajectory[-1] = bad
    plane = probes.trajectory_plane(trajectory)
    assert np.isfinite(plane.shares).all()
    assert np.isfinite(plane.origin).all()
    nothing = probes.trajectory_plane(np.full((3, weights), np.nan))
    assert np.isnan(nothing.shares).all()


def test_losses_that_overflow_are_no_warning(make_line):
    grid = probes.loss_grid(make_line(), np.array([0.0, 1e200]), np.array([0.0, np.nan]))
    assert np.isfinite(grid[0, 0])
    assert not np.isfinite(grid[0, 1])


def test_one_weight_spans_no_plane():
    with pytest.raises(ValueError, match="two weights"):
        probes.trajectory_plane(np.ones((5, 1)))
