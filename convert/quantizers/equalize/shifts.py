"""Add to channels, and take it back in the biases of the layers that read them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from convert.graph.graph import Graph
from convert.quantizers.channel_ranges import ChannelRanges
from convert.quantizers.equalize.groups import Ids
from convert.quantizers.layers import Layer, bias, kernel, layers, with_constants

Vector = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Shifts:
    """Numbered shifts, one for each channel of each layer that may have one."""

    made: Mapping[str, Ids]
    """Layer -> the numbers of its channels."""
    of: Mapping[str, tuple[Ids, ...]]
    """Node -> what adds up to the shifts of its channels; -1 stands for nothing."""
    free: NDArray[np.bool_]
    """Number -> whether it may be other than zero."""

    def total(self, node: str, values: Vector) -> Vector | float:
        """The shifts [C] of a node's channels, given all shifts by their numbers."""
        padded = np.append(values, 0.0)
        return sum((padded[row] for row in self.of.get(node, ())), start=0.0)


def shift(graph: Graph, admitted: Shifts, values: Vector) -> Graph:
    """The same function with these shifts, by their numbers."""
    made: dict[str, NDArray[Any]] = {}
    for layer in layers(graph):
        offset = bias(graph, layer)
        if layer.bias is None or offset is None:
            continue
        change = np.zeros(len(offset))
        if layer.name in admitted.made:
            change += np.append(values, 0.0)[admitted.made[layer.name]]
        change -= _through(graph, layer, admitted.total(layer.data, values))
        if change.any():
            made[layer.bias] = offset + change
    return with_constants(graph, made)


def shifted(ranges: ChannelRanges, admitted: Shifts, values: Vector) -> ChannelRanges:
    """What the ranges are after that."""
    moved = {name: np.float32(admitted.total(name, values)) for name in ranges}
    return {n: (low + moved[n], high + moved[n]) for n, (low, high) in ranges.items()}


def _through(graph: Graph, layer: Layer, given: Vector | float) -> Vector | float:
    """What a shift of a layer's input adds to its output, where it sees its whole kernel."""
    if not np.any(given):
        return 0.0
    weights = kernel(graph, layer).astype(np.float64)
    if layer.depthwise:
        return np.asarray((weights.sum((0, 1)) * np.reshape(given, (-1, 1))).reshape(-1))
    others = tuple(set(range(weights.ndim)) - {layer.input_axis, layer.output_axis})
    return np.asarray(np.reshape(given, -1) @ weights.sum(others))
