"""Scale channels, and take it back in the layers that read them."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from convert.graph.graph import Graph
from convert.quantizers.channel_ranges import ChannelRanges
from convert.quantizers.equalize.classes import Classes
from convert.quantizers.layers import Layer, bias, kernel, layers, with_constants


def rescale(graph: Graph, classes: Classes, scales: NDArray[np.float64]) -> Graph:
    """The same function with each class of channels multiplied by its scale."""
    made: dict[str, NDArray[Any]] = {}
    for layer in layers(graph):
        given, taken = scales[classes.of[layer.biased]], scales[classes.of[layer.data]]
        if (given == 1).all() and (taken == 1).all():
            continue
        made[layer.kernel] = _kernel(graph, layer, given, taken)
        offset = bias(graph, layer)
        if layer.bias is not None and offset is not None:
            made[layer.bias] = offset * given
    return with_constants(graph, made)


def rescaled(ranges: ChannelRanges, classes: Classes, scales: NDArray[np.float64]) -> ChannelRanges:
    """What the ranges are after that."""
    factors = {name: scales[classes.of[name]].astype(np.float32) for name in ranges}
    return {n: (low * factors[n], high * factors[n]) for n, (low, high) in ranges.items()}


def _kernel(
    graph: Graph, layer: Layer, given: NDArray[np.float64], taken: NDArray[np.float64]
) -> NDArray[np.float64]:
    weights = kernel(graph, layer).astype(np.float64)
    if layer.depthwise:
        return np.asarray(weights * given.reshape(weights.shape[2:]) / taken[:, None])
    outputs, inputs = [1] * weights.ndim, [1] * weights.ndim
    outputs[layer.output_axis] = inputs[layer.input_axis] = -1
    return np.asarray(weights * given.reshape(outputs) / taken.reshape(inputs))
