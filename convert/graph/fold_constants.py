"""Compute once what does not depend on the input, and look through nodes that do nothing."""

from typing import Any

from convert.graph.graph import Graph, NodeDef, is_control, node_name
from convert.graph.nodes import constant, renamed_inputs
from convert.graph.tensorflow import tensorflow

_TRANSPARENT = frozenset(
    {"Identity", "StopGradient", "CheckNumerics", "PreventGradient", "Snapshot"}
)
_RANDOM = frozenset({"RandomUniform", "RandomStandardNormal", "TruncatedNormal", "Multinomial"})


def fold_constants(graph: Graph) -> Graph:
    """The same function without constant subgraphs and without transparent nodes.

    Reason: weights behind `/read` Identity nodes, legacy Dequantize nodes and batch norm written
    as Mul/Rsqrt/Sub over constants become plain Const nodes, which the other passes look for.
    """
    return _without_transparent(_with_constants(graph))


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
    several = _several_outputs(graph)
    for node in graph.pruned().graph_def.node:
        reads = [node_name(r) for r in node.input if not is_control(r)]
        is_fixed = node.op == "Const" or (bool(reads) and all(r in fixed for r in reads))
        if is_fixed and node.op not in _RANDOM and node.name not in several:
            fixed.add(node.name)
    return fixed


def _several_outputs(graph: Graph) -> set[str]:
    """Nodes of which somebody reads another output than the first."""
    references = (r for node in graph.graph_def.node for r in node.input)
    return {node_name(r) for r in references if ":" in r and not r.endswith(":0")}


def _is_read_outside(graph: Graph, node: NodeDef, fixed: set[str]) -> bool:
    readers = graph.consumers[node.name]
    return node.name in graph.outputs or any(reader.name not in fixed for reader in readers)


def _evaluate(graph: Graph, names: list[str]) -> list[Any]:
    tf = tensorflow()
    with tf.Graph().as_default() as imported:
        tf.import_graph_def(graph.graph_def, name="")
    with tf.compat.v1.Session(graph=imported) as session:
        values: list[Any] = session.run([f"{name}:0" for name in names])
    return values


def _without_transparent(graph: Graph) -> Graph:
    sources = {
        node.name: _source(graph, node.name)
        for node in graph.graph_def.node
        if node.op in _TRANSPARENT and node.name not in graph.outputs
    }
    return graph.with_nodes(
        renamed_inputs(node, sources) for node in graph.graph_def.node if node.name not in sources
    )


def _source(graph: Graph, name: str) -> str:
    node = graph.node(name)
    while node.op in _TRANSPARENT:
        name = node.input[0]
        node = graph.node(name)
    return name
