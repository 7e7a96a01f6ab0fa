"""Takes apart the fused ops that the tfjs converter writes, into ops that TensorFlow has."""

from collections.abc import Iterator
from typing import Any

from convert.errors import RuntimeFailure
from convert.graph.tensorflow import tensorflow

NodeDef = Any

# The op without what is fused onto it, and which of the fused op's attributes are its own.
_CONVOLUTION = ("T", "strides", "padding", "explicit_paddings", "dilations", "data_format")
_PLAIN = {
    "_FusedConv2D": ("Conv2D", _CONVOLUTION),
    "FusedDepthwiseConv2dNative": ("DepthwiseConv2dNative", _CONVOLUTION),
    "_FusedMatMul": ("MatMul", ("T", "transpose_a", "transpose_b")),
}
_ACTIVATIONS = ("Relu", "Relu6", "Elu", "LeakyRelu", "Sigmoid", "Tanh")


def without_fused_ops(graph_def: Any) -> Any:
    """The same graph with each fused op as a chain of plain ones; the last one has its name.

    Raises RuntimeFailure for a fused op that neither TensorFlow nor tfjs's kernels know.
    """
    result = tensorflow().compat.v1.GraphDef()
    result.CopyFrom(graph_def)
    del result.node[:]
    for node in graph_def.node:
        result.node.extend(_chain(node) if node.op in _PLAIN else [node])
    return result


def _chain(node: NodeDef) -> Iterator[NodeDef]:
    op, attributes = _PLAIN[node.op]
    fused = [name.decode() for name in node.attr["fused_ops"].list.s]
    arguments = list(node.input[2:])
    last = _node(op, node, list(node.input[:2]), attributes)
    for position, name in enumerate(fused):
        last.name = f"{node.name}/{op}" if position == 0 else f"{node.name}/{fused[position - 1]}"
        yield last
        if name == "BiasAdd":
            last = _node(name, node, [last.name, arguments.pop(0)], ("T", "data_format"))
        elif name in _ACTIVATIONS:
            last = _node(name, node, [last.name], ("T",))
        else:
            raise RuntimeFailure(f"node {node.name!r}: {node.op} with {name} fused onto it")
        if name == "LeakyRelu":
            last.attr["alpha"].f = node.attr["leakyrelu_alpha"].f
    yield last


def _node(op: str, fused: NodeDef, inputs: list[str], attributes: tuple[str, ...]) -> NodeDef:
    node = tensorflow().compat.v1.NodeDef(op=op, name=fused.name, input=inputs)
    for name in attributes:
        if name in fused.attr:
            node.attr[name].CopyFrom(fused.attr[name])
    return node
