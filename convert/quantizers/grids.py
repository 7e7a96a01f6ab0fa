"""Which grid a kernel is rounded to: its scale is chosen by error, not by range alone."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from convert.quantizers.rounding import Grid, cost

Doubles = NDArray[np.float64]
GridOf = Callable[[Doubles, Doubles], Grid]
"""From weights [G, D, O] and their Hessian [G, D, D] to a grid."""

_SHARES = (1.0, 0.95, 0.9, 0.85, 0.8, 0.75, 0.7, 0.6, 0.5)
"""Of the range that is kept; what lies beyond is clipped."""
_SMALLEST = 1e-12


def per_channel(weights: Doubles, hessian: Doubles) -> Grid:
    """Symmetric, codes -127..127, one scale per output channel: int8 of TFLite and ONNX."""
    largest = np.maximum(np.abs(weights).max(axis=1, keepdims=True), _SMALLEST)
    best, least = largest / 127, np.full_like(largest, np.inf)
    for share in _SHARES:
        grid = _symmetric(largest * share / 127)
        costs = cost(grid.values(grid.codes(weights)) - weights, hessian)
        best = np.where(costs < least, grid.scale, best)
        least = np.minimum(costs, least)
    # A scale is stored as float32, and the codes are those of what is stored.
    return _symmetric(best.astype(np.float32).astype(np.float64))


def per_tensor(weights: Doubles, hessian: Doubles) -> Grid:
    """Codes 0..255 with one scale and one minimum for all: how tfjs stores uint8."""
    low, high = min(float(weights.min()), 0.0), max(float(weights.max()), _SMALLEST)
    grids = [_affine(low * share, high * share) for share in _SHARES]
    costs = [cost(grid.values(grid.codes(weights)) - weights, hessian).sum() for grid in grids]
    return grids[int(np.argmin(costs))]


def _symmetric(scale: Doubles) -> Grid:
    return Grid(scale=scale, zero=np.zeros(1), low=-127, high=127)


def _affine(low: float, high: float) -> Grid:
    scale = np.float64(np.float32((high - low) / 255))
    return Grid(
        scale=np.asarray(scale), zero=np.asarray(-np.float64(np.float32(low)) / scale),
        low=0, high=255,
    )  # fmt: skip
