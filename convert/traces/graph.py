"""Every node of a TensorFlow graph: of a tfjs model, or of a source file between its cuts."""

from collections import Counter
from collections.abc import Mapping
from functools import cached_property

import numpy as np

from convert.errors import RuntimeFailure
from convert.graph.graph import Graph, NodeDef, is_control, node_name
from convert.graph.nodes import dtype_of
from convert.graph.run import Function, function
from convert.graph.tensorflow import tensorflow
from convert.signature import TensorSpec
from convert.traces.base import Layer, Values

_PASSED_ON = ("Identity", "StopGradient", "CheckNumerics")
"""Operators that give what they take: no layers of their own, unless they are ends."""


class GraphTrace:
    """A graph, from its one input to its outputs."""

    def __init__(self, graph: Graph, ends: Mapping[str, str]) -> None:
        """`graph.inputs` is the picture as it is prepared; `ends` name its outputs."""
        self._graph = graph.pruned()
        (fed,) = graph.inputs
        node = graph.node(fed)
        kind = dtype_of(node)
        imported = self._graph.imported()
        tensors = {op.name: op.outputs[0] for op in imported.get_operations() if op.outputs}
        shape = tensors[node_name(fed)].shape
        self._kind = kind
        self.input = TensorSpec(
            name=fed,
            dtype="uint8" if kind == np.uint8 else "float32",
            shape=tuple(shape.as_list()) if shape.rank is not None else (None,) * 4,
            layout="NHWC",
        )
        self.ends = {name: node_name(node) for name, node in ends.items()}
        self._moving = self._reached(node_name(fed))
        float32 = tensorflow().float32
        real = {name for name in self._moving if tensors[name].dtype == float32}
        first = Layer(name=fed, key=fed, op="input", reads=())
        others = (
            _layer(n) for name, n in self._graph.nodes.items() if name in self._moving - {fed}
        )
        self.makers = {layer.name: layer for layer in (first, *others)}
        self.layers = tuple(
            one
            for one in self.makers.values()
            if one is first or (one.name in real and self._counts(one.name, one.op))
        )
        self.ops = Counter(n.op for n in self._graph.nodes.values() if n.op != "Const")

    def run(self, picture: Values) -> dict[str, Values]:
        """Every layer's values by name."""
        whole = np.rint(picture) if self._kind.kind in "iu" else picture
        try:
            found = self._function(whole.astype(self._kind))
        except tensorflow().errors.OpError as error:
            raise RuntimeFailure(f"TensorFlow broke on the graph: {error.message}") from error
        computed = dict(zip((layer.name for layer in self.layers[1:]), found, strict=True))
        return {self.layers[0].name: np.asarray(picture, np.float32), **computed}

    def constant(self, name: str) -> Values | None:
        """The value of a Const node, also behind Identity nodes."""
        if name in self._moving:
            return None
        value = self._graph.constant(name)
        return None if value is None or value.dtype.kind != "f" else value.astype(np.float32)

    @cached_property
    def _function(self) -> Function:
        return function(self._graph, *(layer.name for layer in self.layers[1:]))

    def _counts(self, name: str, op: str) -> bool:
        return op not in _PASSED_ON or name in self.ends.values()

    def _reached(self, fed: str) -> set[str]:
        """Names of the nodes that depend on the picture."""
        reached = {fed}
        for node in self._graph.nodes.values():
            reads = {node_name(one) for one in node.input if not is_control(one)}
            if node.name not in reached and reached & reads:
                reached.add(node.name)
        return reached


def _layer(node: NodeDef) -> Layer:
    reads = tuple(node_name(one) for one in node.input if not is_control(one))
    return Layer(name=node.name, key=node.name, op=node.op, reads=reads)
