"""Decide how kernels are stored in eight bits for a runtime that computes in float32."""

from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from convert.graph.graph import Graph
from convert.progress import Progress
from convert.quantization import Storage, Stored
from convert.quantizers.equalize import Criterion, Proof, equalize
from convert.quantizers.grids import GridOf, per_channel, per_tensor
from convert.quantizers.layers import Layer, kernel, layers, with_constants, with_own_biases
from convert.quantizers.methods import ALL, Methods
from convert.quantizers.solve import Solved
from convert.quantizers.spread import Pictures, spread
from convert.quantizers.walk import constants, solve_all, unrounded, walkable

_PICTURES = 16
"""That the layers are solved on; there is no activation to be rounded, so fewer do."""
_EVEN = Criterion(activations=1, producers=2, consumers=2)
"""Kernels that share one scale gain most where both those that make and read a channel agree."""


@dataclass(frozen=True, kw_only=True)
class StoredCore:
    """A core whose kernels hold what will be stored."""

    graph: Graph
    floats: Graph
    """The core before any rounding: the same nodes."""
    unrounded: Graph
    """As `graph`, but with kernels that are not rounded."""
    storage: Storage
    proofs: tuple[Proof, ...] = ()


def store_kernels(
    graph: Graph,
    pictures: Pictures,
    *,
    channel_scales: bool,
    methods: Methods = ALL,
    drawn: bool = False,
    progress: Progress | None = None,
) -> StoredCore:
    """Round every kernel, each making good what the ones before it changed.

    Without `channel_scales` each has one scale and minimum, and the channels are evened out
    before; with them a kernel's channels are normalised to -127..127 and multiplied by their
    scales in the graph. From `drawn` pictures nothing is concluded that real ones might not bear
    out.
    """
    own = with_own_biases(graph)
    evened = (
        equalize(own, pictures, _EVEN, real=not drawn)
        if methods.equalize and not channel_scales
        else None
    )
    even = evened.graph if evened else own
    found = layers(even)
    walked = spread(pictures, walkable(even, found, _PICTURES))
    grid_of = partial(_grid_of, channel_scales)
    methods = replace(methods, upstream=False) if drawn else methods
    solved = solve_all(even, found, walked, {}, grid_of, methods, progress)
    kept = {
        layer.kernel: _stored(layer, solved[layer.name], even, _by_channel(layer, channel_scales))
        for layer in found
    }
    values = {**constants(found, solved), **{name: one.values for name, one in kept.items()}}
    return StoredCore(
        graph=with_constants(even, values),
        floats=even,
        unrounded=with_constants(even, unrounded(found, solved)),
        storage=Storage(kernels=kept),
        proofs=evened.proofs if evened else (),
    )


def _by_channel(layer: Layer, channel_scales: bool) -> bool:
    """Whether a kernel gets scales; a transposed one has its channels where they cannot be."""
    return channel_scales and layer.op != "Conv2DBackpropInput"


def _grid_of(channel_scales: bool, layer: Layer) -> GridOf:
    return per_channel if _by_channel(layer, channel_scales) else per_tensor


def _stored(layer: Layer, one: Solved, graph: Graph, channel_scales: bool) -> Stored:
    if not channel_scales:
        scale = float(one.grid.scale)
        return Stored(
            codes=one.codes.astype(np.uint8),
            scale=scale,
            minimum=float(np.float32(-float(one.grid.zero) * scale)),
        )
    shape = _scales_shape(layer, kernel(graph, layer).shape)
    return Stored(
        codes=(one.codes + 128).astype(np.uint8),
        scale=1.0,
        minimum=-128.0,
        channel_scales=np.asarray(one.grid.scale, np.float32).reshape(shape),
    )


def _scales_shape(layer: Layer, shape: tuple[int, ...]) -> tuple[int, ...]:
    """Of the scales: they vary over the output channels alone (HWCM: over C and M)."""
    if layer.depthwise:
        return shape[2:]
    return tuple(side if axis == layer.output_axis else 1 for axis, side in enumerate(shape))
