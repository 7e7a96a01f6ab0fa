"""First and second moments of what a layer reads, in the float and in the eight-bit network."""

from dataclasses import dataclass
from functools import reduce

import numpy as np
from numpy.typing import NDArray

from convert.graph.graph import Graph
from convert.quantizers.layers import Layer, kernel
from convert.quantizers.patches import patches

Doubles = NDArray[np.float64]
Floats = NDArray[np.float32]
POSITIONS = 512
"""Windows looked at in each picture."""
_ROUNDING = 1e-5
"""Of a sum of float32 squares."""


@dataclass(frozen=True, kw_only=True)
class Moments:
    """Of a layer's windows x (float network) and y (eight-bit network), D numbers each.

    G groups: one for a dense layer, one per channel for a depthwise one.
    """

    count: int
    pictures: int
    second: Doubles
    """Sum of y yT, [G, D, D]."""
    cross: Doubles
    """Sum of y xT, [G, D, D]."""
    sum_float: Doubles
    """Of x, [G, D]."""
    sum_eight: Doubles
    """Of y, [G, D]."""

    def doubt(self, own_windows: int) -> float:
        """How little is known: numbers to learn over observations that are their own.

        Windows of one picture are much alike: a whole map of them counts as `own_windows`, and of
        a pooled layer there is one a picture.
        """
        own = self.pictures * min(self.count / self.pictures, own_windows)
        return float(self.second.shape[1] / own)

    @property
    def covariance(self) -> Doubles:
        """Of y, [G, D, D]."""
        mean = self.sum_eight / self.count
        raw = self.second / self.count
        # What nearly never varies is left with the rounding errors of two large numbers.
        surely = _ROUNDING * np.einsum("gii->gi", raw)[:, :, None] * np.eye(raw.shape[1])
        return np.asarray(raw - mean[:, :, None] * mean[:, None, :] + surely)

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
    seen = (
        _of(
            patches(x, node, window, POSITIONS),
            patches(y, node, window, POSITIONS),
            layer.depthwise,
        )
        for x, y in zip(floats, eights, strict=True)
    )
    return reduce(_added, seen)


def _of(x: Floats, y: Floats, depthwise: bool) -> Moments:
    """Of windows [P, h * w, C] of one picture."""
    a, b = (w if depthwise else w.reshape(len(w), -1, 1) for w in (x, y))
    return Moments(
        count=len(a),
        pictures=1,
        second=_products(b, b, depthwise),
        cross=_products(b, a, depthwise),
        sum_float=a.sum(axis=0, dtype=np.float64).T,
        sum_eight=b.sum(axis=0, dtype=np.float64).T,
    )


def _products(one: Floats, other: Floats, depthwise: bool) -> Doubles:
    """Sum over P of one otherT, [C, D, D] of [P, D, C]; of one picture float32 is enough."""
    if not depthwise:
        product = one[:, :, 0].T @ other[:, :, 0]
        return product[None].astype(np.float64)
    # Not as a product of matrices for each channel: they are too small for it to be quick.
    columns = [(one[:, i : i + 1] * other).sum(axis=0) for i in range(one.shape[1])]
    return np.asarray(np.stack(columns).transpose(2, 0, 1), np.float64)


def _added(one: Moments, other: Moments) -> Moments:
    return Moments(
        count=one.count + other.count,
        pictures=one.pictures + other.pictures,
        second=one.second + other.second,
        cross=one.cross + other.cross,
        sum_float=one.sum_float + other.sum_float,
        sum_eight=one.sum_eight + other.sum_eight,
    )
