"""Count the core: its ops, its parameters, and its multiply-accumulates at its static shape."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from math import prod

from convert.anatomy import Shape
from convert.graph.graph import Graph, NodeDef, node_name
from convert.graph.tensorflow import tensorflow

Shapes = Mapping[str, Shape | None]

_UNCOUNTED = frozenset({"Const", "Placeholder"})
_ATROUS = frozenset({"Add", "AddV2", "BiasAdd", "FusedBatchNorm", "FusedBatchNormV3", "Mul"})
"""What may stand between an atrous pair's convolution and its BatchToSpaceND."""


def count_ops(graph: Graph, varying: frozenset[str] | None = None) -> dict[str, int]:
    """Op -> count, the commonest first; only of `varying` nodes where they are given."""
    nodes = graph.graph_def.node
    counted = Counter(n.op for n in nodes if varying is None or n.name in varying)
    kept = {op: c for op, c in counted.items() if varying is None or op not in _UNCOUNTED}
    return dict(sorted(kept.items(), key=lambda item: (-item[1], item[0])))


def count_parameters(core: Graph) -> int:
    """Elements of float and quantized constants that are no scalars: weights and batch norm's."""
    total = 0
    for node in core.graph_def.node:
        if node.op == "Const" and _is_weight(node):
            total += prod(d.size for d in node.attr["value"].tensor.tensor_shape.dim)
    return total


def _is_weight(node: NodeDef) -> bool:
    tensor = node.attr["value"].tensor
    dtype = tensorflow().as_dtype(tensor.dtype)
    return bool(tensor.tensor_shape.dim) and (dtype.is_floating or dtype.is_quantized)


def count_macs(core: Graph, shapes: Shapes) -> int | None:
    """Multiply-accumulates of convolutions and matrix products; None where a shape is unknown."""
    total = 0
    for node in core.graph_def.node:
        count = _COUNTS.get(node.op)
        if count is None:
            continue
        found = count(core, node, shapes)
        if found is None:
            return None
        total += found
    return total


def _convolution(core: Graph, node: NodeDef, shapes: Shapes) -> int | None:
    """Output elements x (kernel height x width x input channels of one group)."""
    out, kernel = _output(core, node, shapes), _known(shapes.get(node_name(node.input[1])))
    if out is None or kernel is None:
        return None
    return prod(out) * prod(kernel[:3])


def _depthwise(core: Graph, node: NodeDef, shapes: Shapes) -> int | None:
    """Output elements x (kernel height x width)."""
    out, kernel = _output(core, node, shapes), _known(shapes.get(node_name(node.input[1])))
    if out is None or kernel is None:
        return None
    return prod(out) * prod(kernel[:2])


def _transposed(core: Graph, node: NodeDef, shapes: Shapes) -> int | None:
    """Input elements x (kernel height x width x output channels)."""
    given, kernel = (_known(shapes.get(node_name(node.input[i]))) for i in (2, 1))
    if given is None or kernel is None:
        return None
    return prod(given) * prod(kernel[:3])


def _product(core: Graph, node: NodeDef, shapes: Shapes) -> int | None:
    """Output elements x the length of the axis that is summed over."""
    out, first = _known(shapes.get(node.name)), _known(shapes.get(node_name(node.input[0])))
    if out is None or first is None:
        return None
    turned = node.attr["transpose_a"].b or node.attr["adj_x"].b
    return prod(out) * first[-2 if turned else -1]


_COUNTS: Mapping[str, Callable[[Graph, NodeDef, Shapes], int | None]] = {
    "Conv2D": _convolution,
    "DepthwiseConv2dNative": _depthwise,
    "Conv2DBackpropInput": _transposed,
    "MatMul": _product,
    "BatchMatMul": _product,
    "BatchMatMulV2": _product,
    "BatchMatMulV3": _product,
}


def _output(core: Graph, node: NodeDef, shapes: Shapes) -> tuple[int, ...] | None:
    """A convolution's output; for an atrous pair, after BatchToSpaceND has cut its padding off."""
    own = _known(shapes.get(node.name))
    for reader in _after(core, node):
        if reader.op == "BatchToSpaceND":
            merged = _known(shapes.get(reader.name))
            return own and merged and (*merged[:3], own[3])
    return own


def _after(core: Graph, node: NodeDef) -> Iterator[NodeDef]:
    """The readers of a node, one after another, as long as there is one and it is elementwise."""
    while True:
        readers = core.consumers.get(node.name, [])
        if len(readers) != 1:
            return
        node = readers[0]
        yield node
        if node.op not in _ATROUS:
            return


def _known(shape: Shape | None) -> tuple[int, ...] | None:
    if shape is None:
        return None
    known = tuple(length for length in shape if length is not None)
    return known if len(known) == len(shape) else None
