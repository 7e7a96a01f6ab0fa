"""Which channels may be shifted: those whose readers can all take it back in their biases.

A layer that nothing but linear nodes separate from the layers behind it may have t added to its
bias, if these subtract the sum of W t from theirs. That is exact where a reader sees its kernel
whole everywhere (1x1, or no padding of zeros). Sums of layers shift by the sum of their shifts.
"""

import numpy as np
from numpy.typing import NDArray

from convert.graph.graph import Graph, NodeDef, has_other_outputs
from convert.quantizers.channel_ranges import ChannelRanges
from convert.quantizers.equalize.classes import HEADROOM, SIX
from convert.quantizers.equalize.groups import Ids
from convert.quantizers.equalize.shifts import Shifts
from convert.quantizers.layers import Layer, bias, kernel, layers

_PASSING = frozenset({"Identity", "AvgPool", "MaxPool", "ResizeBilinear", "ResizeNearestNeighbor"})
_REARRANGING = frozenset({"Reshape", "Squeeze"})


def shiftable(graph: Graph, after_relu: ChannelRanges | None = None) -> Shifts:
    """The shifts that a core admits.

    Of layers without activation; or with `after_relu`, the ranges of those whose Relu or Relu6
    does nothing to a channel: of these channels.
    """
    return _Walk(graph, after_relu).shifts()


class _Walk:
    def __init__(self, graph: Graph, after_relu: ChannelRanges | None) -> None:
        self.graph, self.after_relu = graph.pruned(), after_relu
        found = layers(graph)
        self.starts = {layer.name: layer for layer in found}
        self.ends = {layer.final: layer for layer in found}
        self.inner = frozenset().union(*(layer.inner for layer in found))
        shapes = {name: shape for name, shape in graph.shapes().items() if shape}
        self.channels = {n: s[-1] for n, s in shapes.items()}
        self.ranks = {n: len(s) for n, s in shapes.items()}
        self.of: dict[str, tuple[Ids, ...]] = {}
        self.made: dict[str, Ids] = {}
        self.held: set[int] = {-1}
        self.count = 0

    def shifts(self) -> Shifts:
        for node in self.graph.graph_def.node:
            self._enter(node)
        for name in self.graph.outputs:
            self._hold(name)
        free = np.ones(self.count, bool)
        free[[number for number in self.held if number >= 0]] = False
        return Shifts(made=self.made, of=self.of, free=free)

    def _enter(self, node: NodeDef) -> None:
        if node.name in self.starts and not self._takes_back(self.starts[node.name]):
            self._hold(self.starts[node.name].data)
        if node.name in self.ends:
            self.of[node.name] = self._from(self.ends[node.name])
        elif node.name not in self.inner and node.name not in self.starts:
            passed = None if has_other_outputs(self.graph, node) else self._passed(node)
            for producer in self.graph.producers(node) if passed is None else ():
                self._hold(producer.name)
            self.of[node.name] = passed or ()

    def _takes_back(self, layer: Layer) -> bool:
        node, value = self.graph.node(layer.name), kernel(self.graph, layer)
        plain = not (node.attr["transpose_a"].b or node.attr["transpose_b"].b)
        last = node.attr["data_format"].s in (b"", b"NHWC")
        whole = node.attr["padding"].s == b"VALID" or value.shape[:2] == (1, 1)
        fits = self.channels.get(layer.data) == value.shape[layer.input_axis]
        if layer.op == "MatMul":
            whole = self.ranks.get(layer.data) == 2
        return (
            layer.op != "Conv2DBackpropInput"
            and plain
            and last
            and whole
            and fits
            and (self._own_bias(layer))
        )

    def _own_bias(self, layer: Layer) -> bool:
        return layer.bias is not None and len(self.graph.consumers[layer.bias]) == 1

    def _from(self, layer: Layer) -> tuple[Ids, ...]:
        """New numbers for what a layer gives, where its activation lets a shift through."""
        linear, offset = layer.activation is None, bias(self.graph, layer)
        fits = linear == (self.after_relu is None)
        if offset is None or not fits or not self._own_bias(layer):
            return ()
        count = len(offset)
        numbers = np.arange(self.count, self.count + count)
        if not linear:
            numbers = np.where(self._untouched(layer, count), numbers, -1)
        self.count += count
        self.made[layer.name] = numbers
        return (numbers,)

    def _untouched(self, layer: Layer, count: int) -> NDArray[np.bool_]:
        """The channels to which its Relu or Relu6 has done nothing."""
        found = (self.after_relu or {}).get(layer.final)
        if found is None or layer.activation not in ("Relu", "Relu6"):
            return np.zeros(count, bool)
        low, high = found
        below = high < SIX / HEADROOM if layer.activation == "Relu6" else True
        return np.asarray((low > 0) & below)

    def _passed(self, node: NodeDef) -> tuple[Ids, ...] | None:
        """The shifts that come through a node; None for one that must not be given any."""
        given = [p for p in self.graph.producers(node) if not self._constant(p)]
        if node.op in ("Add", "AddV2"):
            alike = all(self.channels.get(p.name) == self.channels.get(node.name) for p in given)
            return tuple(row for p in given for row in self.of[p.name]) if alike else None
        if node.op == "ConcatV2":
            return self._joined(node, given)
        if len(given) != 1 or self.channels.get(given[0].name) != self.channels.get(node.name):
            return None
        if node.op in _PASSING or node.op in _REARRANGING:
            return self.of[given[0].name]
        if node.op == "Mean":
            axes, rank = self.graph.constant(node.input[1]), self.ranks[given[0].name]
            last = axes is None or rank - 1 in np.atleast_1d(axes) % rank
            return None if last else self.of[given[0].name]
        return None

    def _joined(self, node: NodeDef, parts: list[NodeDef]) -> tuple[Ids, ...] | None:
        axis, rank = self.graph.constant(node.input[-1]), self.ranks[node.name]
        if axis is None or int(axis) % rank != rank - 1 or len(parts) != len(node.input) - 1:
            return None
        depth = max(len(self.of[part.name]) for part in parts)
        return tuple(
            np.concatenate([self._row(part.name, index) for part in parts])
            for index in range(depth)
        )

    def _row(self, name: str, index: int) -> Ids:
        rows = self.of[name]
        nothing = np.full(self.channels[name] or 0, -1)
        return rows[index] if index < len(rows) else nothing

    def _constant(self, node: NodeDef) -> bool:
        return str(self.graph.through_identity(node.name).op) == "Const"

    def _hold(self, name: str) -> None:
        for row in self.of.get(name, ()):
            self.held.update(row.tolist())
