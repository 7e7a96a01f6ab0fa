"""What depends on what: pixels, the picture's size, learned weights, or nothing that varies."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property

from convert.graph.graph import Graph, NodeDef

SHAPE_OPS = frozenset({"Shape", "ShapeN", "Rank", "Size"})
"""They read a tensor's size, not its values."""

PLACEHOLDERS = frozenset({"Placeholder", "PlaceholderV2", "PlaceholderWithDefault"})

WEIGHTED = frozenset(
    {
        "BatchMatMul",
        "BatchMatMulV2",
        "BatchMatMulV3",
        "Conv2D",
        "Conv2DBackpropInput",
        "Conv3D",
        "DepthwiseConv2dNative",
        "Einsum",
        "FusedResizeAndPadConv2D",
        "MatMul",
        "QuantizedConv2D",
        "QuantizedMatMul",
        "_FusedConv2D",
        "_FusedMatMul",
    }
)
"""Ops that the network proper begins with, where one operand is constant."""


def is_sink(op: str) -> bool:
    """Whether an op is there for its side effect, so that what it reads is not used by it."""
    return op in _SINKS or op.endswith(("Summary", "SummaryV2"))


_SINKS = frozenset(
    {
        "Assert",
        "Assign",
        "AssignAdd",
        "AssignSub",
        "AssignVariableOp",
        "NoOp",
        "Print",
        "PrintV2",
        "SaveV2",
        "Save",
        "TensorSummaryV2",
        "WriteFile",
    }
)


@dataclass(frozen=True, kw_only=True)
class Flow:
    """A graph seen from its picture input."""

    graph: Graph
    picture: str

    @cached_property
    def content(self) -> frozenset[str]:
        """Nodes whose value depends on the picture's pixels."""
        return self.reached([self.picture], lambda node: node.op not in SHAPE_OPS)

    @cached_property
    def varying(self) -> frozenset[str]:
        """Nodes whose value depends on any placeholder, be it through its shape."""
        placed = [n.name for n in self.graph.graph_def.node if n.op in PLACEHOLDERS]
        return self.reached(placed, lambda node: True)

    @cached_property
    def weighted(self) -> frozenset[str]:
        """Nodes that bring pixels and constants together with weights."""
        return frozenset(
            name
            for name in self.content
            if self.graph.nodes[name].op in WEIGHTED
            and any(p.name not in self.varying for p in self.graph.producers(self.graph.node(name)))
        )

    @cached_property
    def learned(self) -> frozenset[str]:
        """Nodes whose value depends on pixels through weights."""
        return self.reached(self.weighted, lambda node: node.op not in SHAPE_OPS)

    def readers(self, name: str) -> list[NodeDef]:
        """The nodes that use a node's pixels."""
        readers = self.graph.consumers.get(name, [])
        return [n for n in readers if n.name in self.content and not is_sink(n.op)]

    def reached(self, start: Iterable[str], enters: Callable[[NodeDef], bool]) -> frozenset[str]:
        """`start` and all nodes that read of it, as far as `enters` lets pass."""
        seen = set(start)
        stack = list(seen)
        while stack:
            for reader in self.graph.consumers.get(stack.pop(), []):
                if reader.name not in seen and enters(reader):
                    seen.add(reader.name)
                    stack.append(reader.name)
        return frozenset(seen)

    def upstream(self, name: str) -> frozenset[str]:
        """A node and all that its value is computed from."""
        seen = {name}
        stack = [self.graph.node(name)]
        while stack:
            for producer in self.graph.producers(stack.pop()):
                if producer.name not in seen:
                    seen.add(producer.name)
                    stack.append(producer)
        return frozenset(seen)
