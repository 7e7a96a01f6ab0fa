"""The road back from the output to the network: nodes that decode, cut off and resize."""

from dataclasses import dataclass

from convert.graph.discover.flow import Flow
from convert.graph.graph import NodeDef

_READ = frozenset(
    {
        "ArgMax",
        "Cast",
        "ExpandDims",
        "Identity",
        "Reshape",
        "ResizeBilinear",
        "ResizeNearestNeighbor",
        "Sigmoid",
        "Slice",
        "Softmax",
        "Squeeze",
        "StopGradient",
        "StridedSlice",
    }
)


@dataclass(frozen=True, kw_only=True)
class Tail:
    """The nodes after the network, the output's node last.

    `before` is the node that the first of them reads: where the network's own ops end.
    """

    nodes: tuple[NodeDef, ...]
    before: str

    def feeds(self, index: int) -> str:
        """The node whose values the node at `index` reads."""
        return self.nodes[index - 1].name if index else self.before

    def last(self, *ops: str) -> int | None:
        """The place of the last node of some ops."""
        found = [i for i, node in enumerate(self.nodes) if node.op in ops]
        return found[-1] if found else None


def read_tail(flow: Flow, output: str) -> Tail:
    """From the output back to the first op that only a network has."""
    found: list[NodeDef] = []
    node = flow.graph.node(output)
    while node.op in _READ:
        sources = {p.name for p in flow.graph.producers(node)} & flow.learned
        if len(sources) != 1:
            break
        found.append(node)
        node = flow.graph.node(sources.pop())
    return Tail(nodes=tuple(reversed(found)), before=node.name)
