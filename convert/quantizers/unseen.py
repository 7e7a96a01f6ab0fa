"""Ranges where no real picture was seen: wider than what drawn pictures fill.

Measured on MobileNetV1 0.25 and DeepLab 0.5: what drawn pictures never reach and is clipped costs
far more than coarser steps do; ranges out of batch norms (beta +- 4 to 8 gamma) were no better.
"""

from collections.abc import Mapping

from convert.graph.graph import Graph
from convert.quantization import Range

_WIDER = 1.25
_BOUNDS: Mapping[str, Range] = {
    "Relu6": (0.0, 6.0),
    "Sigmoid": (0.0, 1.0),
    "Softmax": (0.0, 1.0),
    "Tanh": (-1.0, 1.0),
}
"""What an op can give at all."""


def widened(graph: Graph, ranges: Mapping[str, Range]) -> dict[str, Range]:
    """Each range of a node a quarter wider, but not beyond what its op can give."""
    found = {}
    for name, (low, high) in ranges.items():
        least, most = _BOUNDS.get(graph.node(name).op, (low * _WIDER, high * _WIDER))
        found[name] = (max(low * _WIDER, least), min(high * _WIDER, most))
    return found
