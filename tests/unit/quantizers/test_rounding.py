import numpy as np
import pytest

from convert.quantizers.grids import per_channel, per_tensor
from convert.quantizers.rounding import cost, damped, rounded


@pytest.fixture
def problem():
    """Weights [1, 24, 5] and the Hessian of correlated inputs."""
    random = np.random.default_rng(5)
    mixed = random.normal(size=(200, 24)) @ random.normal(size=(24, 24))
    return random.normal(size=(1, 24, 5)), (mixed.T @ mixed)[None] / 200


@pytest.mark.parametrize("grid_of", [per_channel, per_tensor])
def test_rounding_by_the_hessian_costs_less_than_rounding_to_the_nearest(problem, grid_of):
    weights, hessian = problem
    grid = grid_of(weights, damped(hessian))
    nearest = grid.values(grid.codes(weights))
    made = rounded(weights, damped(hessian), grid)
    assert cost(made - weights, hessian).sum() < 0.6 * cost(nearest - weights, hessian).sum()


@pytest.mark.parametrize("grid_of", [per_channel, per_tensor])
def test_every_value_lies_on_the_grid(problem, grid_of):
    weights, hessian = problem
    grid = grid_of(weights, damped(hessian))
    made = rounded(weights, damped(hessian), grid)
    codes = grid.codes(made)
    np.testing.assert_allclose(grid.values(codes), made, rtol=0, atol=1e-12)
    assert codes.min() >= grid.low
    assert codes.max() <= grid.high


def test_zero_stays_zero_in_a_kernel_with_a_scale_per_channel(problem):
    weights, hessian = problem
    weights[:, :, 2] = 0
    assert (rounded(weights, hessian, per_channel(weights, hessian))[:, :, 2] == 0).all()


def test_one_outlier_is_clipped_where_that_costs_less(problem):
    _, hessian = problem
    random = np.random.default_rng(2)
    weights = random.normal(size=(1, 24, 1)) * 0.01
    weights[0, 0] = 1.0
    quiet = hessian.copy()
    quiet[0, 0, :] = quiet[0, :, 0] = 0.0
    quiet[0, 0, 0] = 1e-9  # what the outlier multiplies hardly ever varies
    assert float(per_channel(weights, quiet).scale.max()) < 1.0 / 127


def test_a_scale_is_what_float32_can_store(problem):
    scale = per_channel(*problem).scale
    np.testing.assert_array_equal(scale, scale.astype(np.float32))
