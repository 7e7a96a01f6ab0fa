"""The smallest and the largest value of every channel, over pictures of which one is held."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from convert.graph.graph import Graph, NodeDef
from convert.graph.nodes import constant, node
from convert.graph.run import function
from convert.graph.tensorflow import tensorflow
from convert.quantizers.layers import layers

Channels = NDArray[np.float32]
ChannelRanges = Mapping[str, tuple[Channels, Channels]]
"""Node -> the smallest and the largest value [C] of each channel (the last axis)."""


def channel_ranges(
    graph: Graph, pictures: Iterable[NDArray[np.float32]], names: Iterable[str]
) -> ChannelRanges:
    """Stream pictures [1, h, w, 3] through the graph; only [C] vectors leave it."""
    wanted = tuple(names)
    shapes = graph.shapes()
    measuring = [n for name in wanted for n in _extremes(name, len(shapes[name] or ()))]
    fetches = tuple(f"{name}/{which}" for which in ("smallest", "largest") for name in wanted)
    measured = replace(graph, outputs=fetches).with_nodes([*graph.graph_def.node, *measuring])
    return _over(measured, pictures, wanted)


def _over(
    graph: Graph, pictures: Iterable[NDArray[np.float32]], wanted: tuple[str, ...]
) -> ChannelRanges:
    call, found = function(graph), None
    for picture in pictures:
        each = call(picture)
        low, high = each[: len(wanted)], each[len(wanted) :]
        if found is not None:
            low = [np.minimum(a, b) for a, b in zip(low, found[0], strict=True)]
            high = [np.maximum(a, b) for a, b in zip(high, found[1], strict=True)]
        found = (low, high)
    lowest, highest = found or ([], [])
    return {n: (a, b) for n, a, b in zip(wanted, lowest, highest, strict=False)}


def _extremes(name: str, rank: int) -> list[NodeDef]:
    """Nodes that take the minimum and the maximum over all axes but the last."""
    tf = tensorflow()
    axes = constant(f"{name}/all_but_channels", np.arange(rank - 1, dtype=np.int32))
    kinds = {"T": tf.float32, "Tidx": tf.int32, "keep_dims": False}
    return [
        axes,
        node("Min", f"{name}/smallest", name, axes.name, **kinds),
        node("Max", f"{name}/largest", name, axes.name, **kinds),
    ]


def stored_tensors(graph: Graph) -> tuple[str, ...]:
    """The float32 nodes with channels that an integer file keeps: not those inside a layer."""
    inner = frozenset().union(*(layer.inner for layer in layers(graph)))
    tf = tensorflow()
    return tuple(
        op.name
        for op in graph.pruned().imported().get_operations()
        if op.type != "Const" and op.name not in inner and op.outputs
        if op.outputs[0].dtype == tf.float32 and (op.outputs[0].shape.rank or 0) >= 2
    )
