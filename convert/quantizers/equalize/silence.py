"""Set weights to zero that can do nothing: those that make or read a channel that never varies.

Reason: batch norm, folded, leaves channels whose weights are 1e-12 of the others' and whose Relu
gives a constant. What reads them may be as large as it likes: of MobileNetV1 0.25's second
depthwise kernel, the dead channels hold the largest weight, 34 times that of the living, and with
it the only scale of the kernel.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from convert.graph.graph import Graph
from convert.quantizers.channel_ranges import ChannelRanges
from convert.quantizers.layers import Layer, bias, kernel, layers, with_constants

_CLAMPING = (None, "Relu", "Relu6")
# Of its tensor's range, what float32 would round away.
_NOTHING = 1e-6

Flags = NDArray[np.bool_]
Values = dict[str, NDArray[Any]]


def silence(graph: Graph, ranges: ChannelRanges) -> tuple[Graph, ChannelRanges]:
    """The same function, for every picture as bright as these: not by chance on these alone."""
    still: dict[str, Flags] = {}
    made: Values = {}
    for layer in layers(graph):
        if layer.data in ranges and layer.final in ranges:
            weights = kernel(graph, layer).astype(np.float64)
            # A sum of padding zeros and of constants is the same everywhere if these are zero.
            zero = still.get(layer.data, np.zeros(len(ranges[layer.data][0]), bool)) & (
                (ranges[layer.data][0] == 0) & (ranges[layer.data][1] == 0)
            )
            if layer.activation in _CLAMPING and _alone(graph, layer):
                still[layer.final] = _never_varies(layer, weights, zero, ranges)
                made.update(_silenced(graph, layer, zero, still[layer.final], ranges))
    return with_constants(graph, made), ranges


def _alone(graph: Graph, layer: Layer) -> bool:
    """Whether nobody else needs the layer's constants as they are."""
    own = (layer.kernel, layer.bias or "")
    return layer.bias is not None and all(len(graph.consumers[name]) == 1 for name in own)


def _never_varies(
    layer: Layer, weights: NDArray[np.float64], zero: Flags, ranges: ChannelRanges
) -> Flags:
    """The output channels that no input, however it varies within its range, can move."""
    low, high = (side.astype(np.float64) for side in ranges[layer.data])
    width = np.where(zero, 0.0, np.maximum(np.abs(low), np.abs(high)))
    if layer.depthwise:
        moved = (np.abs(weights).sum((0, 1)) * width[:, None]).reshape(-1)
    else:
        others = tuple(set(range(weights.ndim)) - {layer.input_axis, layer.output_axis})
        sums = np.abs(weights).sum(others)
        moved = width @ (sums if layer.input_axis < layer.output_axis else sums.T)
    lowest, highest = ranges[layer.final]
    nothing = _NOTHING * float(highest.max() - lowest.min())
    return np.asarray((moved <= nothing) & (lowest == highest))


def _silenced(
    graph: Graph, layer: Layer, zero: Flags, still: Flags, ranges: ChannelRanges
) -> Mapping[str, NDArray[Any]]:
    weights, offset = kernel(graph, layer).copy(), bias(graph, layer)
    if layer.bias is None or offset is None or not (zero.any() or still.any()):
        return {}
    if layer.depthwise:
        weights[:, :, still.reshape(weights.shape[2:])] = 0
    else:
        np.moveaxis(weights, layer.output_axis, 0)[still] = 0
        np.moveaxis(weights, layer.input_axis, 0)[zero] = 0
    constant = ranges[layer.final][0]
    return {layer.kernel: weights, layer.bias: np.where(still, constant, offset)}
