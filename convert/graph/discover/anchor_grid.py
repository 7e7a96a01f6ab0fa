"""Boxes that a detector tells its own from, as the settings that generate such a grid.

The grids are those of SSD (Liu et al. 2016), as TensorFlow's `create_ssd_anchors` and MediaPipe's
`SsdAnchorsCalculator` make them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise, product
from math import ceil
from typing import Any

import numpy as np
from numpy.typing import NDArray

from convert.graph.discover.values import tidy
from convert.pictures.anchors import anchors
from convert.preprocessing import AnchorSpec, Size

Grid = NDArray[np.float64]
"""[N, 4]: centre y and x, height and width, in parts of the input."""

_CLOSE = 1e-5
_STRIDES = (4, 8, 16, 32, 64, 128, 256, 512, 1024)
_CENTRE, _REDUCED, _ROUNDED = 0.5, 3, 6


@dataclass(frozen=True, kw_only=True)
class _Layer:
    """Rows and columns of a layer's grid, and its boxes' sides [S, 2]."""

    cells: Size
    sides: Grid

    @property
    def scales(self) -> Grid:
        return np.asarray(np.sqrt(self.sides.prod(axis=1)))

    @property
    def ratios(self) -> list[float]:
        """Width over height."""
        return [_short(w / h) for h, w in self.sides]


def fit_anchors(grid: Grid, size: Size) -> AnchorSpec | None:
    """The settings that make exactly this grid for an input of `size`; None where none do."""
    if not len(grid) or not np.isfinite(grid).all() or (grid[:, 2:] <= 0).any():
        return None
    layers = list(_layers(grid))
    if not layers:
        return None
    for fields in _settings(layers, size):
        spec = AnchorSpec.model_validate(fields)
        made = anchors(spec)
        if made.shape == grid.shape and np.abs(made - grid).max() < _CLOSE:
            return spec
    return None


def _layers(grid: Grid) -> Iterator[_Layer]:
    """Layer after layer; the rest is left where it is no grid."""
    rest = grid
    while len(rest):
        shapes = _run(rest[:, :2])
        columns = _run(rest[::shapes, :1])
        starts = rest[:: shapes * columns, 0]
        rows = next((i for i in range(1, len(starts)) if starts[i] <= starts[i - 1]), len(starts))
        rows = _rows(starts[:rows])
        yield _Layer(cells=(rows, columns), sides=rest[:shapes, 2:])
        rest = rest[shapes * columns * rows :]


def _rows(starts: Grid) -> int:
    """How many of some rising row centres are evenly spaced."""
    steps = np.diff(starts)
    uneven = np.flatnonzero(np.abs(steps - steps[:1]) > _CLOSE)
    return int(uneven[0]) + 1 if len(uneven) else len(starts)


def _run(values: Grid) -> int:
    """How many of the first rows are alike."""
    unlike = np.flatnonzero((np.abs(values - values[0]) > _CLOSE).any(axis=1))
    return int(unlike[0]) if len(unlike) else len(values)


def _settings(layers: list[_Layer], size: Size) -> Iterator[dict[str, Any]]:
    """Settings that may have made the layers."""
    last = layers[-1]
    for reduced, between in product((False, True), (1.0, 0.0)):
        if reduced and len(layers[0].ratios) != _REDUCED:
            continue
        ratios = last.ratios[:-1] if between else last.ratios
        lowest = layers[0].scales[1 if reduced else 0]
        highest = last.scales[0] if len(layers) > 1 else lowest
        if ratios:
            yield {
                **_cells(layers, size),
                "min_scale": _short(lowest),
                "max_scale": _short(highest),
                "aspect_ratios": tuple(ratios),
                "interpolated_scale_aspect_ratio": last.ratios[-1] if between else 0.0,
                "reduce_boxes_in_lowest_layer": reduced,
            }


def _cells(layers: list[_Layer], size: Size) -> dict[str, Any]:
    """Strides where powers of two make the grids, else the grids themselves."""
    strides = [_stride(layer.cells, size) for layer in layers]
    rising = all(a and b and a < b for a, b in pairwise(strides))
    if all(strides) and rising:
        return {"input_size": size, "strides": tuple(strides)}
    return {"feature_maps": tuple(layer.cells for layer in layers)}


def _stride(cells: Size, size: Size) -> int | None:
    fits = (s for s in _STRIDES if tuple(ceil(side / s) for side in size) == cells)
    return next(fits, None)


def _short(value: float) -> float:
    """The shortest decimal that float32 arithmetic on corners may have meant."""
    for digits in range(1, _ROUNDED):
        short = float(f"{value:.{digits}g}")
        if abs(short - value) <= 2e-5 * abs(value):
            return short
    return tidy(float(value))
