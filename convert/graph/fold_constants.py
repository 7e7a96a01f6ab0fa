"""Compute once what does not depend on the input, and look through nodes that do nothing."""

import re
from typing import Any

import numpy as np

from convert.graph.graph import Graph, NodeDef, has_other_outputs, is_control, node_name
from convert.graph.nodes import constant, renamed_inputs
from convert.graph.tensorflow import tensorflow

_TRANSPARENT = frozenset(
    {"Identity", "StopGradient", "CheckNumerics", "PreventGradient", "Snapshot"}
)
_LOOPS = frozenset({"Enter", "Exit", "LoopCond", "Merge", "NextIteration", "Switch"})
"""Nothing inside a while loop can be fetched."""
_DRAWN = re.compile("Random|TruncatedNormal|Multinomial|^Placeholder")
"""Ops whose value is another each time, or is given from outside."""


def fold_constants(graph: Graph) -> Graph:
    """The same function without constant subgraphs and without transparent nodes.

    Shapes count as constant where they are fixed, and random numbers never do. Nodes are kept of
    which another output than the first is read, and so are the graph's inputs.

    Reason: weights behind `/read` Identity nodes, legacy Dequantize nodes and batch norm written
    as Mul/Rsqrt/Sub over constants become plain Const nodes, which the other passes look for.
    """
    return _without_transparent(_with_constants(_with_shapes(graph)))


def _with_shapes(graph: Graph) -> Graph:
    """Shape nodes of what has a fixed shape, as constants."""
    asked = [n for n in graph.graph_def.node if n.op == "Shape"]
    shapes = graph.shapes() if asked else {}
    made = {n.name: _shape(n, shapes.get(n.input[0].removesuffix(":0"))) for n in asked}
    return graph.with_nodes(made.get(n.name) or n for n in graph.graph_def.node)


def _shape(node: NodeDef, shape: tuple[int | None, ...] | None) -> NodeDef | None:
    if shape is None or None in shape:
        return None
    dtype = tensorflow().as_dtype(node.attr["out_type"].type or "int32").as_numpy_dtype
    return constant(node.name, np.array(shape, dtype))


def _with_constants(graph: Graph) -> Graph:
    fixed = _constant_nodes(graph)
    computed = [n for n in graph.graph_def.node if n.name in fixed and n.op != "Const"]
    wanted = [n.name for n in computed if _is_read_outside(graph, n, fixed)]
    values = dict(zip(wanted, _evaluate(graph, wanted), strict=True)) if wanted else {}
    made = [
        constant(n.name, values[n.name]) if n.name in values else n for n in graph.graph_def.node
    ]
    return graph.with_nodes(made)


def _constant_nodes(graph: Graph) -> set[str]:
    fixed: set[str] = set()
    for node in graph.pruned().graph_def.node:
        reads = [node_name(r) for r in node.input if not is_control(r)]
        is_fixed = node.op == "Const" or (bool(reads) and all(r in fixed for r in reads))
        if is_fixed and _is_foldable(graph, node):
            fixed.add(node.name)
    return fixed


def _is_foldable(graph: Graph, node: NodeDef) -> bool:
    apart = node.op in _LOOPS or _DRAWN.search(node.op) or node.name in graph.inputs
    return not apart and not has_other_outputs(graph, node)


def _is_read_outside(graph: Graph, node: NodeDef, fixed: set[str]) -> bool:
    readers = graph.consumers[node.name]
    return node.name in graph.outputs or any(reader.name not in fixed for reader in readers)


def _evaluate(graph: Graph, names: list[str]) -> list[Any]:
    with tensorflow().compat.v1.Session(graph=graph.imported()) as session:
        values: list[Any] = session.run([f"{name}:0" for name in names])
    return values


def _without_transparent(graph: Graph) -> Graph:
    sources = {
        node.name: _source(graph, node.name)
        for node in graph.graph_def.node
        if node.op in _TRANSPARENT and node.name not in graph.outputs + graph.inputs
    }
    return graph.with_nodes(
        renamed_inputs(node, sources) for node in graph.graph_def.node if node.name not in sources
    )


def _source(graph: Graph, name: str) -> str:
    node = graph.node(name)
    while node.op in _TRANSPARENT and node.name not in graph.inputs:
        name = node.input[0]
        node = graph.node(name)
    return name
