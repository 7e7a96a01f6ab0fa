"""One layer in eight bits: its kernel rounded, what went wrong before it made good, its bias."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from convert.graph.graph import Graph
from convert.quantizers.grids import GridOf
from convert.quantizers.layers import Layer, bias, kernel
from convert.quantizers.methods import ALL, Methods
from convert.quantizers.moments import Moments
from convert.quantizers.rounding import Grid, damped, rounded

Doubles = NDArray[np.float64]
Floats = NDArray[np.float32]

OWN_WINDOWS = 4


@dataclass(frozen=True, kw_only=True)
class Solved:
    """A layer's kernel on its grid."""

    kernel: Floats
    """The values, in the layer's own layout."""
    codes: NDArray[np.int16]
    """In the same layout."""
    grid: Grid
    bias: Floats | None
    """Refitted; None where the layer has none."""
    unrounded: Floats
    """The kernel before it was rounded: what the layer is in a file that keeps it in float."""
    unrounded_bias: Floats | None
    """The bias that belongs to it."""


def solve(
    graph: Graph,
    layer: Layer,
    seen: Moments,
    grid_of: GridOf,
    methods: Methods = ALL,
    step: float | None = None,
    own_windows: int = OWN_WINDOWS,
) -> Solved:
    """Round a layer's kernel to the grid so that with what it will read it gives what it gave.

    The weights first move to the least-squares answer for the inputs of the eight-bit network (as
    in GPTAQ, Li et al. 2025); the bias then makes the mean right (Nagel et al. 2019). `methods`
    may leave each of these out. `step`: of the codes that the layer reads, if it reads codes.
    `own_windows`: of a picture's windows, how many say something that the others do not.
    """
    given, old = kernel(graph, layer), bias(graph, layer)
    weights = _grouped(given, layer)
    doubt = seen.doubt(own_windows)
    hessian = damped(seen.covariance, doubt)
    target = _corrected(weights, seen, doubt) if methods.upstream else weights
    grid = grid_of(target, hessian)
    if methods.hessian_rounding:
        made = rounded(target, hessian, grid)
    else:
        made = grid.values(grid.codes(target))
    return Solved(
        kernel=_as_read(made, given, layer).astype(np.float32),
        codes=_as_read(grid.codes(made), given, layer).astype(np.int16),
        grid=grid,
        bias=_on_steps(
            _refitted(old, weights, made, seen) if methods.refit_bias else old, grid, step
        ),
        unrounded=_as_read(target, given, layer).astype(np.float32),
        unrounded_bias=_refitted(old, weights, target, seen) if methods.refit_bias else old,
    )


def nearest(graph: Graph, layer: Layer, grid_of: GridOf) -> Solved:
    """A layer's kernel with every weight on its nearest code, and its bias as it is."""
    given, old = kernel(graph, layer), bias(graph, layer)
    weights = _grouped(given, layer)
    groups, depth, _ = weights.shape
    grid = grid_of(weights, np.broadcast_to(np.eye(depth), (groups, depth, depth)))
    codes = grid.codes(weights)
    return Solved(
        kernel=_as_read(grid.values(codes), given, layer).astype(np.float32),
        codes=_as_read(codes, given, layer).astype(np.int16),
        grid=grid,
        bias=old,
        unrounded=given,
        unrounded_bias=old,
    )


def _corrected(weights: Doubles, seen: Moments, doubt: float) -> Doubles:
    """The W' of least |x W - y W'|^2, held to W by the damping: the more, the less was seen."""
    stiff = damped(seen.covariance, doubt)
    held = stiff - seen.covariance
    return np.asarray(np.linalg.solve(stiff, (seen.cross_covariance + held) @ weights))


def _refitted(old: Floats | None, weights: Doubles, made: Doubles, seen: Moments) -> Floats | None:
    if old is None:
        return None
    before = np.einsum("gd,gdo->go", seen.sum_float / seen.count, weights).reshape(-1)
    after = np.einsum("gd,gdo->go", seen.sum_eight / seen.count, made).reshape(-1)
    # Of a transposed convolution there are several columns for each channel, one a tap.
    change = (before - after).reshape(-1, old.size).mean(axis=0)
    return np.asarray(old + change, np.float32)


def _on_steps(bias: Floats | None, grid: Grid, step: float | None) -> Floats | None:
    """A bias as integers of the sums it is added to, which is how a file holds it.

    Large weights make large steps, and where a picture is all of one colour (what it is padded
    with) each pixel is rounded to the same side.
    """
    if bias is None or step is None:
        return bias
    scales = np.broadcast_to(grid.scale, (*grid.scale.shape[:1], 1, grid.scale.shape[2]))
    steps = scales.reshape(-1) * step
    return np.asarray(np.rint(bias / steps) * steps, np.float32)


def _grouped(values: Floats, layer: Layer) -> Doubles:
    """A kernel as [G, D, O]: HWIO, HWCM (depthwise), HWOI (transposed) or IO."""
    exact = values.astype(np.float64)
    if layer.depthwise:
        return exact.reshape(-1, *exact.shape[2:]).transpose(1, 0, 2)
    if layer.op == "Conv2DBackpropInput":
        return exact.reshape(-1, exact.shape[-1]).T[None]
    return exact.reshape(1, -1, exact.shape[-1])


def _as_read(grouped: Doubles, like: Floats, layer: Layer) -> Doubles:
    if layer.depthwise:
        return np.asarray(grouped.transpose(1, 0, 2).reshape(like.shape))
    if layer.op == "Conv2DBackpropInput":
        return np.asarray(grouped[0].T.reshape(like.shape))
    return np.asarray(grouped.reshape(like.shape))
