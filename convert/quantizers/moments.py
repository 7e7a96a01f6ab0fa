"""First and second moments of what a layer reads, in the float and in the eight-bit network."""

from dataclasses import dataclass
from functools import reduce

import numpy as np
from numpy.typing import NDArray

from convert.graph.graph import Graph
from convert.quantizers.layers import Layer, kernel
from convert.quantizers.patches import patches

Doubles = NDArray[np.float64]
POSITIONS = 512
"""Windows looked at in each picture."""


@dataclass(frozen=True, kw_only=True)
class Moments:
    """Of a layer's windows x (float network) and y (eight-bit network), D numbers each.

    G groups: one for a dense layer, one per channel for a depthwise one.
    """

    count: int
    second: Doubles
    """Sum of y yT, [G, D, D]."""
    cross: Doubles
    """Sum of y xT, [G, D, D]."""
    sum_float: Doubles
    """Of x, [G, D]."""
    sum_eight: Doubles
    """Of y, [G, D]."""

    @property
    def covariance(self) -> Doubles:
        """Of y, [G, D, D]."""
        mean = self.sum_eight / self.count
        return self.second / self.count - mean[:, :, None] * mean[:, None, :]

    @property
    def cross_covariance(self) -> Doubles:
        """Of y and x, [G, D, D]."""
        eight, floats = self.sum_eight / self.count, self.sum_float / self.count
        return self.cross / self.count - eight[:, :, None] * floats[:, None, :]


def moments(
    graph: Graph,
    layer: Layer,
    floats: list[NDArray[np.float32]],
    eights: list[NDArray[np.float32]],
) -> Moments:
    """Moments of a layer's inputs, one array [N, H, W, C] (or [N, I]) a picture in each list."""
    node, shape = graph.node(layer.name), kernel(graph, layer).shape
    window = (shape[0], shape[1]) if len(shape) == 4 else (1, 1)
    parts = (
        [_grouped(patches(data, node, window, POSITIONS), layer) for data in pair]
        for pair in zip(floats, eights, strict=True)
    )
    return reduce(_added, (_of(x, y) for x, y in parts))


def _grouped(windows: NDArray[np.float32], layer: Layer) -> Doubles:
    """[P, h * w, C] as [G, P, D]."""
    if layer.depthwise:
        return windows.transpose(2, 0, 1).astype(np.float64)
    return windows.reshape(1, len(windows), -1).astype(np.float64)


def _of(x: Doubles, y: Doubles) -> Moments:
    turned = y.transpose(0, 2, 1)
    return Moments(
        count=x.shape[1],
        second=turned @ y,
        cross=turned @ x,
        sum_float=x.sum(axis=1),
        sum_eight=y.sum(axis=1),
    )


def _added(one: Moments, other: Moments) -> Moments:
    return Moments(
        count=one.count + other.count,
        second=one.second + other.second,
        cross=one.cross + other.cross,
        sum_float=one.sum_float + other.sum_float,
        sum_eight=one.sum_eight + other.sum_eight,
    )
