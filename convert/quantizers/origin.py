"""Where the values of a tensor come from that is only moved or resized."""

from convert.graph.graph import Graph

_PASSING = frozenset({"ResizeBilinear", "ResizeNearestNeighbor", "Reshape", "Squeeze"})
"""They give no value beyond those that they read."""


def origin(graph: Graph, name: str) -> str:
    """The node whose values node `name` passes on: itself, where it computes them."""
    source = graph.through_identity(name)
    while source.op in _PASSING and graph.producers(source):
        source = graph.through_identity(source.input[0])
    return str(source.name)
