"""Graphs that keep their channels first, rewritten with channels last: TensorFlow runs no others.

Each convolution, pool and the like gets its NHWC form as `<name>/last`, and so does all that only
passes maps on, so that no transposition is left between them. Where something else reads a map, a
Transpose of the node's own name gives it as it was. Inputs and outputs that are maps end up with
channels last.
"""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from convert.errors import UnsupportedError
from convert.graph.graph import Graph, NodeDef, has_other_outputs, is_control, node_name
from convert.graph.loops.frames import holding
from convert.graph.loops.unroll import without_loose
from convert.graph.nodes import attribute, constant, node, renamed_inputs
from convert.graph.tensorflow import tensorflow

_LAST, _FIRST = (0, 2, 3, 1), (0, 3, 1, 2)
"""Orders of axes that put the channels last, and first again."""
_RANK = 4
_FORMATTED = frozenset(
    {"AvgPool", "BiasAdd", "Conv2D", "DepthwiseConv2dNative", "FusedBatchNorm"}
    | {"FusedBatchNormV2", "FusedBatchNormV3", "MaxPool"}
)
_UNARY = frozenset(
    {"Abs", "Cast", "Elu", "Exp", "Identity", "LeakyRelu", "Neg", "Relu", "Relu6", "Rsqrt"}
    | {"Selu", "Sigmoid", "Softplus", "Sqrt", "Square", "StopGradient", "Tanh"}
)
_BINARY = frozenset({"Add", "AddV2", "Maximum", "Minimum", "Mul", "RealDiv", "Sub"})
_REDUCTIONS = frozenset({"Max", "Mean", "Sum"})


def channels_last(graph: Graph) -> Graph:
    """The same answers with channels last; the graph itself where no node has them first.

    Raises UnsupportedError for a node with channels first that has no such form here.
    """
    first = [n for n in graph.graph_def.node if _is_first(n)]
    if not first:
        return graph
    _refuse_unknown(graph, first)
    made = _Rewriting(graph).whole()
    return without_loose(made, graph)


def _refuse_unknown(graph: Graph, first: list[NodeDef]) -> None:
    for each in first:
        if each.op not in _FORMATTED or has_other_outputs(graph, each):
            raise UnsupportedError(
                f"{each.op} {each.name!r} has its channels first (NCHW), which TensorFlow does not "
                "run without a GPU, and convert has no form of it with channels last",
                hint="Export the model again with channels last (NHWC), or as ONNX.",
            )


class _Rewriting:
    """The nodes made so far, and what has its channels last by which name."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.shapes = graph.shapes()
        self.last: dict[str, str] = {}
        self.nodes: dict[str, NodeDef] = {}
        self.turned_inputs: dict[str, str] = {}
        self._rules: Mapping[str, Callable[[NodeDef], bool]] = {
            **dict.fromkeys(_FORMATTED, self._formatted),
            **dict.fromkeys(_UNARY, self._unary),
            **dict.fromkeys(_BINARY, self._binary),
            **dict.fromkeys(_REDUCTIONS, self._reduced),
            "ConcatV2": self._concatenated,
            "Pad": self._padded,
            "Placeholder": self._placed,
            "Squeeze": self._squeezed,
        }

    def whole(self) -> Graph:
        """The graph of all nodes; maps that nobody reads have their channels last."""
        for each in self.graph.graph_def.node:
            rule = self._rules.get(each.op)
            if rule is None or not rule(each):
                self.nodes[each.name] = renamed_inputs(each, self.turned_inputs)
        for name, last in self.last.items():
            if not self.graph.consumers.get(name) and name not in self.turned_inputs:
                kind = self.nodes[name].attr["T"]
                self.nodes[name] = node("Identity", name, last, T=attribute(kind))
        return holding(self.graph, self.nodes.values())

    def _add(self, made: NodeDef) -> str:
        self.nodes[made.name] = made
        return str(made.name)

    def _constant(self, name: str, value: Any) -> str:
        return self._add(constant(name, np.asarray(value)))

    def _turned(self, name: str, source: str, order: tuple[int, ...], kind: Any) -> str:
        axes = self._constant(f"{name}/order", np.array(order, np.int32))
        int32 = tensorflow().int32
        return self._add(node("Transpose", name, source, axes, T=attribute(kind), Tperm=int32))

    def _map(self, reference: str, kind: Any) -> str:
        """A map with its channels last, turned where it has none such yet."""
        name = node_name(reference)
        if name not in self.last or ":" in reference.removesuffix(":0"):
            turned = f"{reference.replace(':', '_')}/turned"
            return turned if turned in self.nodes else self._turned(turned, reference, _LAST, kind)
        return self.last[name]

    def _done(self, each: NodeDef, made: NodeDef) -> bool:
        """Note the form of a node with channels last, and turn it for those who read it as it was.

        The type of a Cast's map is what it casts to.
        """
        self.last[each.name] = self._add(made)
        kind = each.attr["DstT" if each.op == "Cast" else "T"]
        self._turned(each.name, made.name, _FIRST, kind)
        return True

    def _copied(self, each: NodeDef, *inputs: str, name: str | None = None) -> NodeDef:
        copy = tensorflow().compat.v1.NodeDef()
        copy.CopyFrom(each)
        copy.name = name or f"{each.name}/last"
        copy.attr.pop("_class", None)
        del copy.input[:]
        copy.input.extend(inputs)
        return copy

    def _formatted(self, each: NodeDef) -> bool:
        if not _is_first(each) or self._rank(each.name) != _RANK:
            return False
        image, *others = _data(each)
        made = self._copied(each, self._map(image, each.attr["T"]), *others)
        made.attr["data_format"].s = b"NHWC"
        for key in ("strides", "ksize", "dilations", "explicit_paddings"):
            values = list(made.attr[key].list.i) if key in made.attr else []
            if values:
                made.attr[key].list.i[:] = _reordered(values)
        return self._done(each, made)

    def _unary(self, each: NodeDef) -> bool:
        (source,) = _data(each)
        if source not in self.last:
            return False
        return self._done(each, self._copied(each, self.last[source]))

    def _binary(self, each: NodeDef) -> bool:
        inputs = _data(each)
        if not any(i in self.last for i in inputs) or self._rank(each.name) != _RANK:
            return False
        turned = [self._operand(each, index, i) for index, i in enumerate(inputs)]
        if None in turned:
            return False
        return self._done(each, self._copied(each, *[t for t in turned if t]))

    def _operand(self, each: NodeDef, index: int, reference: str) -> str | None:
        """A map, or a constant, as maps with channels last need it."""
        value = self.graph.constant(reference)
        if value is None:
            whole = self._rank(reference) == _RANK
            return self._map(reference, each.attr["T"]) if whole else None
        if value.ndim == 0:
            return reference
        full = value.reshape((1,) * (_RANK - value.ndim) + value.shape)
        return self._constant(f"{each.name}/last/{index}", full.transpose(_LAST))

    def _concatenated(self, each: NodeDef) -> bool:
        *inputs, axis = _data(each)
        value = self.graph.constant(axis)
        if value is None or not any(i in self.last for i in inputs):
            return False
        moved = np.array(_FIRST_AT[int(value) % _RANK], value.dtype)
        made = self._constant(f"{each.name}/last/axis", moved)
        maps = [self._map(i, each.attr["T"]) for i in inputs]
        return self._done(each, self._copied(each, *maps, made))

    def _reduced(self, each: NodeDef) -> bool:
        source, axes = _data(each)
        value = self.graph.constant(axes)
        if source not in self.last or value is None:
            return False
        moved = [_FIRST_AT[int(axis) % _RANK] for axis in np.atleast_1d(value)]
        kept = bool(each.attr["keep_dims"].b)
        if not kept and set(moved) != {1, 2}:
            return False
        made = self._constant(f"{each.name}/last/axes", np.array(moved, value.dtype))
        if kept:
            return self._done(each, self._copied(each, self.last[source], made))
        self._add(self._copied(each, self.last[source], made, name=each.name))
        return True

    def _padded(self, each: NodeDef) -> bool:
        source, amounts = _data(each)
        value = self.graph.constant(amounts)
        if source not in self.last or value is None:
            return False
        made = self._constant(f"{each.name}/last/amounts", value[list(_LAST)])
        return self._done(each, self._copied(each, self.last[source], made))

    def _squeezed(self, each: NodeDef) -> bool:
        (source,) = _data(each)
        dims = [_FIRST_AT[axis % _RANK] for axis in each.attr["squeeze_dims"].list.i]
        if source not in self.last or set(dims) != {1, 2}:
            return False
        made = self._copied(each, self.last[source], name=each.name)
        made.attr["squeeze_dims"].list.i[:] = dims
        self._add(made)
        return True

    def _placed(self, each: NodeDef) -> bool:
        """A picture input [N, 3, H, W] takes [N, H, W, 3], and is turned for its readers."""
        shape = self.shapes.get(each.name)
        if shape is None or len(shape) != _RANK or shape[1] != 3 or shape[3] == 3:
            return False
        dtype = each.attr["dtype"]
        moved = tensorflow().TensorShape([shape[axis] for axis in _LAST])
        made = node("Placeholder", each.name, dtype=attribute(dtype), shape=moved)
        self._add(made)
        self.last[each.name] = each.name
        self.turned_inputs[each.name] = self._turned(f"{each.name}/first", each.name, _FIRST, dtype)
        return True

    def _rank(self, reference: str) -> int | None:
        shape = self.shapes.get(node_name(reference))
        return None if shape is None else len(shape)


_FIRST_AT = tuple(_LAST.index(axis) for axis in range(_RANK))
"""Axis with channels first -> the same axis with channels last."""


def _is_first(each: NodeDef) -> bool:
    # To ask a node for an attribute that it has not would give it an empty one.
    return "data_format" in each.attr and each.attr["data_format"].s == b"NCHW"


def _data(each: NodeDef) -> list[str]:
    return [r.removesuffix(":0") for r in each.input if not is_control(r)]


def _reordered(values: list[int]) -> list[int]:
    """One value, or a pair, for each axis, with channels last."""
    pairs = np.array(values).reshape(_RANK, -1)[list(_LAST)]
    return [int(value) for value in pairs.reshape(-1)]
