"""The outputs of a graph: nodes that nobody reads and that the picture reaches through weights."""

from collections.abc import Mapping

from convert.anatomy import GraphOutput, Shape
from convert.errors import UnsupportedError
from convert.graph.discover.flow import Flow, is_sink
from convert.graph.graph import NodeDef

_NEVER = frozenset({"bool", "string", "resource", "variant"})
_WORDS = ("prediction", "output", "softmax", "probab", "score", "logits", "mask")
_RANKED = 16
"""More outputs than these are not listed."""

Shapes = Mapping[str, Shape | None]
Dtypes = Mapping[str, str]


def find_outputs(
    flow: Flow, shapes: Shapes, dtypes: Dtypes, name: str | None = None
) -> tuple[GraphOutput, ...]:
    """The outputs, the likeliest (or the one of `name`) first.

    Raises UnsupportedError where nothing that the picture reaches is an output.
    """
    ends = _ends(flow, dtypes)
    if name:
        ends = [flow.graph.node(name), *(node for node in ends if node.name != name)]
    if not ends:
        raise UnsupportedError(
            f"nothing that {flow.picture!r} reaches through weights is an output",
            hint="Was the graph frozen for another output node?",
        )
    if not name:
        ends.sort(key=lambda node: _rank(flow, node, shapes), reverse=True)
    return tuple(_described(flow, node, shapes, dtypes) for node in ends[:_RANKED])


def _ends(flow: Flow, dtypes: Dtypes) -> list[NodeDef]:
    """Nodes that nobody reads once sinks, and what only they read, are taken away."""
    alive = {name for name in flow.graph.nodes if not is_sink(flow.graph.nodes[name].op)}
    while True:
        read = {p.name for name in alive for p in flow.graph.producers(flow.graph.nodes[name])}
        loose = [name for name in flow.graph.nodes if name in alive and name not in read]
        dropped = {name for name in loose if not _may_be_output(flow, name, dtypes)}
        if not dropped:
            return [flow.graph.nodes[name] for name in loose]
        alive -= dropped


def _may_be_output(flow: Flow, name: str, dtypes: Dtypes) -> bool:
    return name in flow.learned and dtypes.get(name, "variant") not in _NEVER


def _rank(flow: Flow, node: NodeDef, shapes: Shapes) -> tuple[bool, bool, int, bool, int]:
    """Larger is likelier: from the picture alone, a map or vector, the most weights, the name."""
    upstream = flow.upstream(node.name)
    shape = shapes.get(node.name)
    return (
        not (upstream & _strangers(flow)),
        shape is None or len(shape) > 1,
        len(upstream & flow.weighted),
        any(word in node.name.lower() for word in _WORDS),
        len(upstream),
    )


def _strangers(flow: Flow) -> set[str]:
    """Placeholders other than the picture: what reads them, such as a loss, is no answer."""
    nodes = flow.graph.graph_def.node
    return {n.name for n in nodes if n.op == "Placeholder" and n.name != flow.picture}


def _described(flow: Flow, node: NodeDef, shapes: Shapes, dtypes: Dtypes) -> GraphOutput:
    upstream = flow.upstream(node.name)
    others = sorted(upstream & _strangers(flow))
    says = f"nobody reads it; {len(upstream & flow.weighted)} weighted ops lead to it"
    if others:
        says += f"; it also needs {', '.join(others)}"
    return GraphOutput(
        name=node.name,
        op=node.op,
        dtype=dtypes[node.name],
        shape=shapes.get(node.name),
        needs=tuple(others),
        says=says,
    )
