"""The layers of a core by name: what holds weights, with its bias and activation."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from convert.errors import UnsupportedError
from convert.graph.graph import Graph, NodeDef, is_control, node_name
from convert.graph.nodes import constant, renamed_inputs
from convert.quantizers.activations import activation

Floats = NDArray[np.float32]

# Op -> which of its inputs are data and kernel.
_INPUTS: Mapping[str, tuple[int, int]] = {
    "Conv2D": (0, 1),
    "DepthwiseConv2dNative": (0, 1),
    "Conv2DBackpropInput": (2, 1),
    "MatMul": (0, 1),
}
_RANK = {"MatMul": 2}
BIASES = frozenset({"BiasAdd", "Add", "AddV2"})


@dataclass(frozen=True, kw_only=True)
class Layer:
    """A convolution or a matrix product by constant weights, and what belongs to it."""

    name: str
    """The node that multiplies."""
    op: str
    data: str
    """The node it reads."""
    kernel: str
    """The Const of its weights; behind a Reshape it has another shape than the layer reads."""
    bias: str | None
    """The Const of its bias, float32 [O]."""
    biased: str
    """The node that adds it; `name` where there is none."""
    activation: str | None
    """Relu, Relu6, LeakyRelu, Prelu, HardSwish ...: how it is spelled does not matter."""
    final: str
    """The node that gives what the layer gives, after bias and activation."""
    inner: frozenset[str]
    """The layer's other nodes, which integer files fuse: nobody outside reads them."""
    readers: tuple[str, ...]
    """The layers that read it, also through nodes that belong to no layer."""

    @property
    def depthwise(self) -> bool:
        """Whether each channel has a kernel of its own."""
        return self.op == "DepthwiseConv2dNative"

    @property
    def output_axis(self) -> int:
        """The kernel's axis of output channels; of a depthwise one [h, w, C, M] it is C * M."""
        return {"Conv2D": 3, "DepthwiseConv2dNative": 2, "Conv2DBackpropInput": 2}.get(self.op, 1)

    @property
    def input_axis(self) -> int:
        """The kernel's axis of input channels."""
        return {"Conv2D": 2, "DepthwiseConv2dNative": 2, "Conv2DBackpropInput": 3}.get(self.op, 0)


def layers(graph: Graph) -> tuple[Layer, ...]:
    """Every layer, each after those that it reads. Constants must have been folded."""
    ordered = graph.pruned()
    found = [layer for n in ordered.graph_def.node if (layer := _layer(ordered, n)) is not None]
    names = frozenset(layer.name for layer in found)
    return tuple(_with_readers(ordered, layer, names) for layer in found)


def kernel(graph: Graph, layer: Layer) -> Floats:
    """A layer's weights as it reads them: HWIO, HWCM (depthwise), HWOI (transposed), IO."""
    value = _constant_of(graph, graph.node(layer.name).input[_INPUTS[layer.op][1]])
    if value is None:
        raise UnsupportedError(
            f"the weights of {layer.name!r} are no constant", hint="Fold constants before."
        )
    return np.asarray(value[1], np.float32)


def bias(graph: Graph, layer: Layer) -> Floats | None:
    """A layer's bias [O]; None where it has none."""
    return None if layer.bias is None else np.asarray(graph.constant(layer.bias), np.float32)


def with_constants(graph: Graph, values: Mapping[str, NDArray[Any]]) -> Graph:
    """The same graph with other values in its Const nodes, in their own shapes and dtypes."""
    made = {name: _replaced(graph, name, value) for name, value in values.items()}
    return graph.with_nodes(made.get(n.name, n) for n in graph.graph_def.node)


def with_own_biases(graph: Graph) -> Graph:
    """The same graph with a bias for each layer alone, where several read one (of zeros, mostly).

    Without that, none of them could be changed.
    """
    made: dict[str, NodeDef] = {}
    for layer in layers(graph):
        if layer.bias is not None and len(graph.consumers[layer.bias]) > 1:
            reader, name = graph.node(layer.biased), f"{layer.biased}/own_bias"
            read = {r: name for r in reader.input if node_name(r) == layer.bias}
            made[reader.name] = renamed_inputs(reader, read)
            made[name] = constant(name, np.asarray(bias(graph, layer)))
    kept = [n for n in graph.graph_def.node if n.name not in made]
    return graph.with_nodes([*kept, *made.values()]) if made else graph


def _replaced(graph: Graph, name: str, value: NDArray[Any]) -> NodeDef:
    old = graph.constant(name)
    if old is None or old.size != value.size:
        raise UnsupportedError(
            f"{name!r} is no constant of {value.size} values", hint="Name a Const of the graph."
        )
    return constant(name, np.asarray(value).reshape(old.shape).astype(old.dtype))


def _constant_of(graph: Graph, name: str) -> tuple[str, NDArray[Any]] | None:
    """A Const behind Identity and Reshape: its name, and its value as it is read."""
    node = graph.through_identity(name)
    if node.op == "Const":
        value = graph.constant(node.name)
        return None if value is None else (node.name, value)
    if node.op != "Reshape":
        return None
    inner, shape = _constant_of(graph, node.input[0]), graph.constant(node.input[1])
    return None if inner is None or shape is None else (inner[0], inner[1].reshape(shape))


def _layer(graph: Graph, node: NodeDef) -> Layer | None:
    if node.op not in _INPUTS:
        return None
    data, weights = (node.input[i] for i in _INPUTS[node.op])
    found = _constant_of(graph, weights)
    if found is None or found[1].ndim != _RANK.get(node.op, 4):
        return None
    biased, offset = _bias(graph, node)
    kind, applied = activation(graph, biased)
    parts = tuple(dict.fromkeys((node.name, biased, *applied)))
    return Layer(
        name=node.name,
        op=node.op,
        data=node_name(data),
        kernel=found[0],
        bias=offset,
        biased=biased,
        activation=kind,
        final=parts[-1],
        inner=frozenset(parts[:-1]),
        readers=(),
    )


def _bias(graph: Graph, node: NodeDef) -> tuple[str, str | None]:
    """The node that adds a constant vector to a convolution, and the constant."""
    readers = graph.consumers[node.name]
    if len(readers) != 1 or readers[0].op not in BIASES or node.name in graph.outputs:
        return node.name, None
    others = [r for r in readers[0].input if not is_control(r) and node_name(r) != node.name]
    value = graph.constant(others[0]) if len(others) == 1 else None
    if value is None or value.ndim != 1:
        return node.name, None
    return readers[0].name, graph.through_identity(others[0]).name


def _with_readers(graph: Graph, layer: Layer, names: frozenset[str]) -> Layer:
    found: dict[str, None] = {}
    seen, stack = {layer.final}, [layer.final]
    while stack:
        for reader in graph.consumers[stack.pop()]:
            if reader.name in names:
                found[reader.name] = None
            elif reader.name not in seen:
                seen.add(reader.name)
                stack.append(reader.name)
    return replace(layer, readers=tuple(name for name in graph.nodes if name in found))
