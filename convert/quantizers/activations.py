"""Which activation follows a node, however many nodes spell it out."""

from collections.abc import Mapping

from convert.graph.graph import Graph, NodeDef

# The ops of an activation, Add written AddV2 -> what it is. A HardSigmoid has the ops of HardSwish
# but does not multiply by what it was given.
_KINDS: Mapping[frozenset[str], str] = {
    **{frozenset({op}): op for op in ("Relu", "Relu6", "LeakyRelu", "Sigmoid", "Tanh", "Elu")},
    frozenset({"Neg", "Relu", "Mul", "AddV2"}): "Prelu",
    frozenset({"Neg", "Relu", "Mul", "Sub"}): "Prelu",
    frozenset({"Abs", "Sub", "Relu", "Mul", "AddV2"}): "Prelu",
    frozenset({"Mul", "Maximum"}): "Prelu",
    frozenset({"AddV2", "Relu6", "Mul"}): "HardSwish",
    frozenset({"AddV2", "Relu6", "RealDiv", "Mul"}): "HardSwish",
    frozenset({"Sigmoid", "Mul"}): "Swish",
}
_OPS = frozenset().union(*_KINDS) | {"Add"}
_LONGEST = 8


def activation(graph: Graph, name: str) -> tuple[str | None, tuple[str, ...]]:
    """What is applied to a node and to nothing else, and its nodes; the last gives the result.

    (None, ()) where it is none, or where somebody reads the node beside it.
    """
    inside: dict[str, str] = {name: ""}
    for _ in range(_LONGEST):
        added = _next(graph, inside)
        if added is None:
            return None, ()
        inside[added.name] = added.op
        if _open(graph, inside) == [added.name]:
            kind = _kind(graph, name, inside, added)
            if kind is not None:
                return kind, tuple(inside)[1:]
    return None, ()


def _next(graph: Graph, inside: Mapping[str, str]) -> NodeDef | None:
    """A node that reads nothing but what is inside already, and constants."""
    for name in inside:
        for reader in graph.consumers[name]:
            if reader.name not in inside and reader.op in _OPS and _reads(graph, reader, inside):
                return reader
    return None


def _reads(graph: Graph, node: NodeDef, inside: Mapping[str, str]) -> bool:
    return all(
        p.name in inside or graph.through_identity(p.name).op == "Const"
        for p in graph.producers(node)
    )


def _open(graph: Graph, inside: Mapping[str, str]) -> list[str]:
    """What somebody outside reads."""
    return [
        name
        for name in inside
        if name in graph.outputs or any(r.name not in inside for r in graph.consumers[name])
    ]


def _kind(graph: Graph, start: str, inside: Mapping[str, str], last: NodeDef) -> str | None:
    ops = frozenset("AddV2" if op == "Add" else op for op in inside.values() if op)
    kind = _KINDS.get(ops)
    reads_start = any(p.name == start for p in graph.producers(last))
    if kind in ("HardSwish", "Swish") and not reads_start:
        return "HardSigmoid" if kind == "HardSwish" else None
    return kind
