"""Which channels of which tensors must be scaled together, and which not at all.

A channel of a tensor may be multiplied by any s > 0 if the layers that make it multiply their
kernel's output channel and bias by s, those that read it their kernel's input channel by 1 / s,
and everything between is positive-homogeneous per channel: f(s x) = s f(x). Pairs of layers,
residual streams joined by Add, and channels behind a Concat are all cases of that.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from convert.graph.graph import Graph, NodeDef, has_other_outputs
from convert.quantizers.channel_ranges import ChannelRanges
from convert.quantizers.equalize.groups import Groups, Ids
from convert.quantizers.layers import Layer, kernel, layers

SIX = 6.0
HEADROOM = 1.5
"""How far below 6 the calibration must stay for a ReLU6 never to clip on other pictures either."""

# One input goes in, and each channel comes out as f(x) with f(s x) = s f(x).
_HOMOGENEOUS = frozenset(
    {
        "Identity", "Relu", "LeakyRelu", "Neg", "Abs", "MaxPool", "AvgPool", "ResizeBilinear",
        "ResizeNearestNeighbor", "SpaceToBatchND", "BatchToSpaceND", "MirrorPad",
    }
)  # fmt: skip
_REDUCING = frozenset({"Mean", "Sum", "Max", "Min"})
_REARRANGING = frozenset({"Reshape", "Squeeze", "ExpandDims"}) | _REDUCING
_SUMMING = frozenset({"Add", "AddV2", "Sub", "AddN", "Maximum", "Minimum"})


@dataclass(frozen=True, kw_only=True)
class Classes:
    """Channels that share one scale."""

    of: Mapping[str, Ids]
    """Node -> the class of each of its channels (the last axis)."""
    fixed: NDArray[np.bool_]
    """Class -> whether its scale is 1."""
    caps: NDArray[np.float64]
    """Class -> the largest scale at which no ReLU6 clips; inf where none is in the way."""


def classes(graph: Graph, ranges: ChannelRanges) -> Classes:
    """The classes of a core; `ranges` must hold every Relu6 whose channels may be scaled."""
    return _Walk(graph, ranges).classes()


class _Walk:
    def __init__(self, graph: Graph, ranges: ChannelRanges) -> None:
        self.graph, self.ranges = graph.pruned(), ranges
        self.layers: dict[str, Layer] = {}
        for layer in layers(graph):
            self.layers[layer.name] = layer
            if layer.bias is not None:
                self.layers[layer.biased] = layer
        self.groups = Groups()
        self.of: dict[str, Ids] = {}
        self.fixed: set[int] = set()
        self.caps: dict[int, float] = {}
        shapes = {name: shape for name, shape in graph.shapes().items() if shape}
        self.ranks = {name: len(shape) for name, shape in shapes.items()}
        self.channels = {n: int(s[-1]) for n, s in shapes.items() if s[-1] is not None}

    def classes(self) -> Classes:
        for node in self.graph.graph_def.node:
            if node.op != "Const" and not self._is_constant(node.name):
                self._enter(node)
        for name in (*self.graph.inputs, *self.graph.outputs):
            self._fix(name)
        numbers = self.groups.numbered()
        count = int(numbers.max(initial=-1)) + 1
        fixed, caps = np.zeros(count, bool), np.full(count, np.inf)
        fixed[[numbers[e] for e in self.fixed]] = True
        for element, cap in self.caps.items():
            caps[numbers[element]] = min(caps[numbers[element]], cap)
        return Classes(of={n: numbers[ids] for n, ids in self.of.items()}, fixed=fixed, caps=caps)

    def _enter(self, node: NodeDef) -> None:
        made = None
        if not has_other_outputs(self.graph, node):
            made = self._layer(node) if node.name in self.layers else self._rule(node)(node)
        if made is None or len(made) != self.channels.get(node.name):
            for producer in self.graph.producers(node):
                self._fix(producer.name)
            made = self.groups.new(self.channels.get(node.name, 0))
            self.fixed.update(made.tolist())
        self.of[node.name] = made

    def _rule(self, node: NodeDef) -> Callable[[NodeDef], Ids | None]:
        if node.op in _HOMOGENEOUS:
            return self._passed
        if node.op in _REARRANGING:
            return self._rearranged
        if node.op in _SUMMING:
            return self._summed
        rules = {
            "Relu6": self._relu6,
            "Mul": self._multiplied,
            "ConcatV2": self._joined,
            "Pad": self._padded,
        }
        return rules.get(node.op, lambda _: None)

    def _layer(self, node: NodeDef) -> Ids | None:
        layer = self.layers[node.name]
        if node.name == layer.biased != layer.name:
            return self.of[layer.name] if self._alone(layer.bias) else None
        weights = kernel(self.graph, layer)
        read = self.of.get(layer.data)
        inputs = weights.shape[layer.input_axis]
        plain = not (node.attr["transpose_a"].b or node.attr["transpose_b"].b)
        last = node.attr["data_format"].s in (b"", b"NHWC")
        fits = read is not None and len(read) == inputs and plain and last
        if not fits or not self._alone(layer.kernel):
            return None
        shape = weights.shape
        return self.groups.new(inputs * shape[3] if layer.depthwise else shape[layer.output_axis])

    def _alone(self, constant: str | None) -> bool:
        """Whether only one node reads a constant, so that nobody needs it as it is."""
        readers = self.graph.consumers[constant or ""]
        while len(readers) == 1 and readers[0].op in ("Identity", "Reshape"):
            readers = self.graph.consumers[readers[0].name]
        return len(readers) == 1

    def _passed(self, node: NodeDef) -> Ids | None:
        return self.of.get(self.graph.producers(node)[0].name)

    def _rearranged(self, node: NodeDef) -> Ids | None:
        """Over the other axes: the channels must stay the last axis, as they were."""
        given = self.graph.producers(node)[0].name
        if self.channels.get(given) != self.channels.get(node.name):
            return None
        if node.op in _REDUCING:
            axes = self.graph.constant(node.input[1])
            if axes is None or self._last_axis(given) in np.atleast_1d(axes) % self.ranks[given]:
                return None
        return self._passed(node)

    def _summed(self, node: NodeDef) -> Ids | None:
        """What is added, subtracted or compared has one scale; a constant would have to follow."""
        rows = [self.of.get(p.name) for p in self.graph.producers(node)]
        first = rows[0]
        if first is None or any(row is None or len(row) != len(first) for row in rows):
            return None
        for row in rows[1:]:
            assert row is not None
            self.groups.join(row, first)
        return first

    def _multiplied(self, node: NodeDef) -> Ids | None:
        """A factor of scale 1, which is any constant and what a sigmoid gives, passes."""
        first, second = (p.name for p in self.graph.producers(node))
        if self._is_constant(first) or self._is_fixed(first):
            first, second = second, first
        if first == second or first not in self.of:
            return None
        if not self._is_constant(second):
            self._fix(second)
        return self.of[first]

    def _joined(self, node: NodeDef) -> Ids | None:
        *parts, axis = self.graph.producers(node)
        rows = [self.of.get(part.name) for part in parts]
        value = self.graph.constant(axis.name)
        if value is None or int(value) % self.ranks[node.name] != self._last_axis(node.name):
            return None
        known = [row for row in rows if row is not None]
        return np.concatenate(known) if len(known) == len(rows) else None

    def _padded(self, node: NodeDef) -> Ids | None:
        """Channels of zeros, with which some networks widen a stream, may have any scale."""
        read, amounts = self._passed(node), self.graph.constant(node.input[1])
        if read is None or amounts is None:
            return None
        before, after = (self.groups.new(int(count)) for count in amounts[-1])
        return np.concatenate([before, read, after])

    def _relu6(self, node: NodeDef) -> Ids | None:
        """Exact while no value reaches 6, neither before nor after; else the channel is fixed."""
        read = self._passed(node)
        if read is None or node.name not in self.ranges:
            return None
        for element, largest in zip(read.tolist(), self.ranges[node.name][1], strict=True):
            if float(largest) * HEADROOM >= SIX:
                self.fixed.add(element)
            elif largest > 0:
                cap = SIX / HEADROOM / float(largest)
                self.caps[element] = min(self.caps.get(element, np.inf), cap)
        return read

    def _fix(self, name: str) -> None:
        self.fixed.update(self.of.get(name, np.zeros(0, int)).tolist())

    def _last_axis(self, name: str) -> int:
        return self.ranks[name] - 1

    def _is_fixed(self, name: str) -> bool:
        return all(e in self.fixed for e in self.of.get(name, np.zeros(0, int)).tolist())

    def _is_constant(self, name: str) -> bool:
        return str(self.graph.through_identity(name).op) == "Const"
