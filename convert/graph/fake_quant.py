"""FakeQuant nodes, by which quantization-aware training shows a network its own rounding.

Jacob et al. 2018. The float core has none on its activations; what they knew is kept as ranges.
"""

from dataclasses import replace

import numpy as np

from convert.graph.discover.flow import Flow
from convert.graph.graph import Graph, NodeDef, node_name
from convert.graph.nodes import float_attributes, node
from convert.graph.tensorflow import tensorflow

Range = tuple[float, float]
"""The smallest and the largest real value of a tensor."""

FAKE_QUANT = frozenset(
    {
        "FakeQuantWithMinMaxArgs",
        "FakeQuantWithMinMaxVars",
        "FakeQuantWithMinMaxVarsPerChannel",
        "QuantizeAndDequantizeV2",
        "QuantizeAndDequantizeV3",
        "QuantizeAndDequantizeV4",
    }
)


def ranges(graph: Graph) -> dict[str, Range]:
    """Tensor (the name of its node) -> the range that training found for it.

    Of what varies only, as weights tell their own; of one range per tensor.
    """
    found = {}
    for each in _simulating(graph):
        limits = _limits(graph, each)
        if limits is not None:
            found[graph.through_identity(each.input[0]).name] = limits
    return found


def by_rounding_nodes(graph: Graph) -> dict[str, Range]:
    """The same ranges by the nodes that round: a graph may be cut at one of them."""
    found = {each.name: _limits(graph, each) for each in _simulating(graph)}
    return {name: limits for name, limits in found.items() if limits is not None}


def without_fake_quant(graph: Graph) -> Graph:
    """The same network without rounding of what varies; rounded weights stay as they are used.

    The nodes' names stay, for a FakeQuant may be an end.
    """
    dropped = {each.name: _passing(each) for each in _simulating(graph)}
    if not dropped:
        return graph
    graph_def = tensorflow().compat.v1.GraphDef(
        node=[dropped.get(each.name, each) for each in graph.graph_def.node],
        versions=graph.graph_def.versions,
        library=graph.graph_def.library,
    )
    return replace(graph, graph_def=graph_def)


def _simulating(graph: Graph) -> list[NodeDef]:
    """The nodes that round what depends on a placeholder."""
    nodes = [n for n in graph.graph_def.node if n.op in FAKE_QUANT]
    varying = Flow(graph=graph, picture="").varying if nodes else frozenset()
    return [n for n in nodes if node_name(n.input[0]) in varying]


def _limits(graph: Graph, each: NodeDef) -> Range | None:
    if each.op == "FakeQuantWithMinMaxArgs":
        usual = {"min": -6.0, "max": 6.0}
        low, high = (each.attr[k].f if k in each.attr else v for k, v in usual.items())
        return float(low), float(high)
    if each.op.startswith("QuantizeAndDequantize") and not each.attr["range_given"].b:
        return None
    bounds = [graph.constant(r) for r in each.input[1:3]]
    if any(b is None or np.size(b) != 1 for b in bounds):
        return None
    least, most = (float(np.reshape(b, -1)[0]) for b in bounds if b is not None)
    return least, most


def _passing(each: NodeDef) -> NodeDef:
    return node("Identity", each.name, each.input[0], **float_attributes())
