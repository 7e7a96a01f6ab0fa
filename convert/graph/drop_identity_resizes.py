"""Drop resizes to the size that is there already: by any corner rule they change nothing."""

from convert.graph.graph import Graph
from convert.graph.nodes import renamed_inputs

_RESIZES = frozenset({"ResizeBilinear", "ResizeNearestNeighbor", "ResizeBicubic"})


def drop_identity_resizes(graph: Graph) -> Graph:
    """The same function less its resizes to the same size.

    Reason: DeepLab at output stride 8 resizes its logits from 65 to 65; a runtime copies them.
    """
    shapes = graph.shapes()
    idle = {
        node.name: node.input[0]
        for node in graph.graph_def.node
        if node.op in _RESIZES
        and node.name not in graph.outputs
        and None not in (shapes[node.name] or (None,))
        and shapes[node.name] == shapes.get(node.input[0].removesuffix(":0"))
    }
    if not idle:
        return graph
    return graph.with_nodes(
        renamed_inputs(node, idle) for node in graph.graph_def.node if node.name not in idle
    )
