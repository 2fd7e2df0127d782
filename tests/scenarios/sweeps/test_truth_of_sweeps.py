"""What sweeps of the line fit must show: known results on its learning rates and batch sizes, medians over seeds.

On finer grids, with more seeds and more batch sizes: tests/benchmarks/sweep_truth.py.
"""

import math

import pytest

from tests.scenarios.sweeps.truths import critical_batch_size, diagonal, edges, one_step_rates

STEP = 10**0.25  # of the grid 0.001:1:13
RATES = [STEP**power for power in range(-8, 2)]


def test_trainings_blow_up_within_a_step_of_the_grid_of_the_limit_in_the_mean_square():
    """A typical training's own limit is a little higher: 1.8 times with batches of 1, and the same with large ones."""
    found = edges(RATES[5:], (1, 8, 64), seeds=3, steps=1000)
    assert all(lost - above in (0, 1) for lost, above in found.values()), found


def test_along_the_diagonal_of_linear_scaling_the_noise_is_equal_until_it_fails():
    """Twice the rate and twice the batch, for batches drawn independently; the same rate would make 32 times as much
    noise of the smallest as of the largest."""
    noise = diagonal(0.005, (1, 4, 32), seeds=25, examples=1000, sampling="with_replacement")
    assert max(noise.values()) < 2 * min(noise.values()), noise
    assert diagonal(0.005, (256,), seeds=3, examples=256_000, sampling="with_replacement") == {256: math.inf}


def test_the_best_rate_of_a_step_is_that_of_mccandlish_within_a_step_of_the_grid():
    """Theory is of the mean over seeds. The median's best rate is 1.3 times as high with batches of 1, by all 256
    examples; of few seeds it scatters by a step."""
    found = one_step_rates(RATES[3:9], (1, 4, 64), seeds=9)
    apart = {size: abs(math.log(best / nearest(theory))) / math.log(STEP) for size, (best, theory) in found.items()}
    assert all(steps < 1.01 for steps in apart.values()), found


def nearest(rate):
    return min(RATES, key=lambda it: abs(math.log(it / rate)))


def test_the_curve_of_steps_to_a_target_bends_at_the_noise_scale_within_a_factor_of_two():
    """The noise scale is the mean over the way to the target: it grows on the way, from 2.3 to 23."""
    critical, noise_scale = critical_batch_size(0.1, RATES[4:8], (1, 4, 16, 64), seeds=9, steps=40)
    assert noise_scale == pytest.approx(5.85, rel=0.01)
    assert 0.5 < critical / noise_scale < 2, critical
