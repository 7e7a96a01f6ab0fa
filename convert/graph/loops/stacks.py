"""The lists that loops read and write: with one element, a batch of one and what is in it."""

from collections.abc import Mapping

import numpy as np

from convert.graph.graph import Graph, NodeDef
from convert.graph.loops.frames import holding
from convert.graph.nodes import constant, node
from convert.graph.tensorflow import tensorflow

_READS: Mapping[str, tuple[int, str, int]] = {
    "TensorArrayReadV3": (2, "TensorArrayScatterV3", 2),
    "TensorListGetItem": (0, "TensorListFromTensor", 0),
}
"""Op -> its operand that is the list, the op that fills one from a batch, where the batch is."""
_STACKS: Mapping[str, tuple[int, str, int]] = {
    "TensorArrayGatherV3": (2, "TensorArrayWriteV3", 2),
    "TensorListStack": (0, "TensorListSetItem", 2),
}
"""Op -> its operand that is the list, the op that puts an element in, and where the element is."""


def without_stacks(graph: Graph) -> Graph:
    """Reads of an element become Squeeze, and stacks of one element ExpandDims, by their names."""
    nodes: list[NodeDef] = []
    for each in graph.graph_def.node:
        nodes += _element(graph, each) or _batch(graph, each) or [each]
    return holding(graph, nodes)


def _element(graph: Graph, each: NodeDef) -> list[NodeDef] | None:
    found = _source(graph, each, _READS)
    if found is None:
        return None
    kind = each.attr["dtype" if each.op == "TensorArrayReadV3" else "element_dtype"]
    return [node("Squeeze", each.name, found, T=kind, squeeze_dims=[0])]


def _batch(graph: Graph, each: NodeDef) -> list[NodeDef] | None:
    found = _source(graph, each, _STACKS)
    if found is None:
        return None
    kind = each.attr["dtype" if each.op == "TensorArrayGatherV3" else "element_dtype"]
    axis = constant(f"{each.name}/axis", np.int32(0))
    int32 = tensorflow().int32
    return [axis, node("ExpandDims", each.name, found, axis.name, T=kind, Tdim=int32)]


def _source(graph: Graph, each: NodeDef, table: Mapping[str, tuple[int, str, int]]) -> str | None:
    """The tensor that a list was made of; None for what is no list, or that loops still fill."""
    if each.op not in table:
        return None
    operand, op, place = table[each.op]
    maker = graph.through_identity(each.input[operand])
    reference: str = maker.input[place] if maker.op == op else ""
    return reference or None
