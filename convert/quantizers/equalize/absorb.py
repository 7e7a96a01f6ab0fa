"""Bias absorption (Nagel et al. 2019, 4.1.3): what a Relu always gives goes into the next bias.

Reason: a channel that never falls below c wastes the part of the range from 0 to c. The paper
guesses c from batch norm and is nearly exact; here c is what the pictures never fell below.
"""

import numpy as np

from convert.graph.graph import Graph
from convert.quantizers.channel_ranges import ChannelRanges
from convert.quantizers.equalize.classes import HEADROOM
from convert.quantizers.equalize.shiftable import shiftable
from convert.quantizers.equalize.shifts import shift, shifted
from convert.quantizers.layers import layers


def absorb(graph: Graph, ranges: ChannelRanges) -> tuple[Graph, ChannelRanges]:
    """The same function with what a Relu never falls below in the biases behind it."""
    admitted = shiftable(graph, after_relu=ranges)
    values = np.zeros(len(admitted.free))
    for layer in layers(graph):
        own = admitted.made.get(layer.name, np.zeros(0, int))
        sure = own >= 0
        if sure.any():
            values[own[sure]] = -ranges[layer.final][0][sure] / HEADROOM
    values[~admitted.free] = 0
    return shift(graph, admitted, values), shifted(ranges, admitted, values)
