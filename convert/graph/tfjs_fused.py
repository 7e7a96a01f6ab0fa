"""Takes apart the ops that only tfjs has, fused ones first, into ops that TensorFlow has."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from convert.errors import UnsupportedError
from convert.graph.graph import NodeDef
from convert.graph.nodes import constant, float_attributes, node
from convert.graph.tensorflow import tensorflow

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

    Raises UnsupportedError for a fused op that neither TensorFlow nor tfjs's kernels know.
    """
    result = tensorflow().compat.v1.GraphDef()
    result.CopyFrom(graph_def)
    del result.node[:]
    for each in graph_def.node:
        result.node.extend(_plain(each))
    return result


def _plain(each: NodeDef) -> Iterator[NodeDef]:
    if each.op in _PLAIN:
        yield from _chain(each)
    elif each.op == "Prelu":
        yield from prelu(each.name, each.input[0], each.input[1])
    elif each.op == "_FusedHardSwish":
        yield from _hard_swish(each.name, each.input[0])
    else:
        yield each


def _chain(fused: NodeDef) -> Iterator[NodeDef]:
    op, attributes = _PLAIN[fused.op]
    names = [name.decode() for name in fused.attr["fused_ops"].list.s]
    arguments = list(fused.input[2:])
    # A chain's node has the fused node's name and its own op's, save the last.
    places = [op, *names]
    called = [f"{fused.name}/{place}" for place in places[:-1]] + [fused.name]
    yield _part(op, called[0], fused, list(fused.input[:2]), attributes)
    for name, source, made in zip(names, called, called[1:], strict=False):
        if name == "BiasAdd":
            yield _part(name, made, fused, [source, arguments.pop(0)], ("T", "data_format"))
        elif name == "Prelu":
            yield from prelu(made, source, arguments.pop(0))
        elif name in _ACTIVATIONS:
            yield _activation(name, made, fused, source)
        else:
            raise UnsupportedError(f"node {fused.name!r}: {fused.op} with {name} fused onto it")


def _activation(op: str, name: str, fused: NodeDef, source: str) -> NodeDef:
    made = _part(op, name, fused, [source], ("T",))
    if op == "LeakyRelu":
        made.attr["alpha"].f = fused.attr["leakyrelu_alpha"].f
    return made


def _part(
    op: str, name: str, fused: NodeDef, inputs: list[str], attributes: tuple[str, ...]
) -> NodeDef:
    return node(
        op, name, *inputs, **{key: fused.attr[key] for key in attributes if key in fused.attr}
    )


def prelu(name: str, source: str, slope: str) -> Iterator[NodeDef]:
    """Relu(x) + (-slope) * Relu(-x), the form that TensorFlow's converter makes a PRELU of."""
    plain = float_attributes()
    yield node("Relu", f"{name}/positive", source, **plain)
    yield node("Neg", f"{name}/turned", source, **plain)
    yield node("Relu", f"{name}/negative", f"{name}/turned", **plain)
    yield node("Neg", f"{name}/slope", slope, **plain)
    yield node("Mul", f"{name}/sloped", f"{name}/slope", f"{name}/negative", **plain)
    yield node("AddV2", name, f"{name}/positive", f"{name}/sloped", **plain)


def _hard_swish(name: str, source: str) -> Iterator[NodeDef]:
    """X * Relu6(x + 3) / 6 (Howard et al. 2019)."""
    plain = float_attributes()
    yield constant(f"{name}/three", np.float32(3))
    yield constant(f"{name}/sixth", np.float32(1 / 6))
    yield node("AddV2", f"{name}/shifted", source, f"{name}/three", **plain)
    yield node("Relu6", f"{name}/gate", f"{name}/shifted", **plain)
    yield node("Mul", f"{name}/gated", source, f"{name}/gate", **plain)
    yield node("Mul", name, f"{name}/gated", f"{name}/sixth", **plain)
