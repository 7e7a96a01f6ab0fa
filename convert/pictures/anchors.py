"""The anchors of an SSD detector, in the order of its outputs.

After MediaPipe's `SsdAnchorsCalculator` (mediapipe/calculators/tflite/ssd_anchors_calculator.cc).
"""

import math
from collections.abc import Iterator
from functools import lru_cache
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from convert.preprocessing import AnchorSpec, Size

Anchors = NDArray[np.float32]
"""[N, 4]: centre y, centre x, height, width; in parts of the input."""
_Shape = tuple[float, float]
"""A scale and an aspect ratio."""


@lru_cache(maxsize=8)
def anchors(spec: AnchorSpec) -> Anchors:
    """All anchors: by layer, then row, column, and shape. Not to be written to."""
    layers = list(enumerate(spec.strides or spec.feature_maps))
    grids = [
        _grid(_cells(spec, members[0][0]), [index for index, _ in members], spec)
        for members in (list(group) for _, group in groupby(layers, key=lambda layer: layer[1]))
    ]
    exact = np.concatenate(grids)
    rounded = exact if spec.step is None else np.round(exact / spec.step) * spec.step
    found = rounded.astype(np.float32)
    found.flags.writeable = False
    return found


def _grid(cells: Size, layers: list[int], spec: AnchorSpec) -> NDArray[np.float64]:
    """The anchors of layers that share a grid: [rows * columns * shapes, 4]."""
    sides = _sides([shape for layer in layers for shape in _shapes(layer, spec)], spec)
    down, across = (
        (np.arange(count) + offset) / count
        for count, offset in zip(cells, spec.anchor_offset, strict=True)
    )
    grid = np.empty((*cells, len(sides), 4))
    grid[..., 0] = down[:, np.newaxis, np.newaxis]
    grid[..., 1] = across[:, np.newaxis]
    grid[..., 2:] = sides
    return grid.reshape(-1, 4)


def _cells(spec: AnchorSpec, layer: int) -> Size:
    """Rows and columns of a layer's grid."""
    if spec.feature_maps:
        return spec.feature_maps[layer]
    height, width = spec.input_size or (1, 1)
    stride = spec.strides[layer]
    return math.ceil(height / stride), math.ceil(width / stride)


def _sides(shapes: list[_Shape], spec: AnchorSpec) -> NDArray[np.float64]:
    """Height and width of each shape, [S, 2]."""
    if spec.fixed_anchor_size:
        return np.ones((len(shapes), 2))
    return np.array([(scale / math.sqrt(r), scale * math.sqrt(r)) for scale, r in shapes])


def _shapes(layer: int, spec: AnchorSpec) -> Iterator[_Shape]:
    """The shapes of a layer's anchors, in their order."""
    scale = _scale(layer, spec)
    if layer == 0 and spec.reduce_boxes_in_lowest_layer:
        yield from ((0.1, 1.0), (scale, 2.0), (scale, 0.5))
        return
    yield from ((scale, ratio) for ratio in spec.aspect_ratios)
    if spec.interpolated_scale_aspect_ratio:
        last = layer == _count(spec) - 1
        following = 1.0 if last else _scale(layer + 1, spec)
        yield math.sqrt(scale * following), spec.interpolated_scale_aspect_ratio


def _scale(layer: int, spec: AnchorSpec) -> float:
    count = _count(spec)
    if count == 1:
        return (spec.min_scale + spec.max_scale) / 2
    return spec.min_scale + (spec.max_scale - spec.min_scale) * layer / (count - 1)


def _count(spec: AnchorSpec) -> int:
    return len(spec.strides or spec.feature_maps)
