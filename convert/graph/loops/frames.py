"""Loops as TensorFlow 1 wrote them: Enter, Merge, Switch, NextIteration and Exit in one graph."""

from collections.abc import Iterable, Iterator, Sequence

from convert.graph.graph import Graph, NodeDef, is_control, node_name
from convert.graph.nodes import attribute, node
from convert.graph.tensorflow import tensorflow

_ADDS = frozenset({"Add", "AddV2"})


def trips(graph: Graph) -> dict[str, tuple[str, ...]]:
    """LoopCond -> tensors whose least value is how often its body runs, where that is told.

    Loops within loops are left out: their counts can only be run once the outer one is gone.
    """
    inside = _inside(graph)
    found = {}
    for each in graph.graph_def.node:
        bounds = _bounds(graph, each.input[0]) if each.op == "LoopCond" else None
        if bounds and not inside & {node_name(bound) for bound in bounds}:
            found[each.name] = tuple(bounds)
    return found


def inlined(graph: Graph, loops: set[str]) -> Graph:
    """With the bodies of the loops of these LoopConds taken once."""
    switches = [n for n in graph.graph_def.node if n.op == "Switch" and _predicate(n) in loops]
    if not switches:
        return graph
    replaced = {loop: _passed(graph.node(loop), graph.node(loop).input[0]) for loop in loops}
    for switch in switches:
        replaced |= _taken(graph, switch)
    frames = {graph.node(m.input[0]).attr["frame_name"].s for m in _merges(graph, switches)}
    for each in graph.graph_def.node:
        if each.op == "Enter" and each.attr["frame_name"].s in frames:
            replaced[each.name] = _passed(each, each.input[0])
    names = {switch.name for switch in switches}
    nodes = [replaced.get(n.name, n) for n in graph.graph_def.node]
    return holding(graph, [_first(n, names) for n in nodes])


def holding(graph: Graph, nodes: Iterable[NodeDef]) -> Graph:
    """The same ends and library over other nodes."""
    graph_def = tensorflow().compat.v1.GraphDef(
        node=nodes, versions=graph.graph_def.versions, library=graph.graph_def.library
    )
    return Graph(graph_def=graph_def, inputs=graph.inputs, outputs=graph.outputs)


def _inside(graph: Graph) -> set[str]:
    """The nodes of all loops' bodies."""
    stack = [n.name for n in graph.graph_def.node if n.op == "Enter"]
    inside = set(stack)
    while stack:
        for reader in graph.consumers.get(stack.pop(), []):
            if reader.name not in inside and reader.op != "Exit":
                inside.add(reader.name)
                stack.append(reader.name)
    return inside


def _bounds(graph: Graph, reference: str) -> list[str] | None:
    """What counters from 0, by 1, must stay below for a loop to go on; None if it is otherwise."""
    condition = graph.through_identity(reference)
    if condition.op == "LogicalAnd":
        parts = [_bounds(graph, r) for r in condition.input if not is_control(r)]
        return [b for part in parts if part for b in part] if all(parts) else None
    if condition.op != "Less" or not _counts(graph, graph.through_identity(condition.input[0])):
        return None
    bound = graph.through_identity(condition.input[1])
    return [bound.input[0]] if bound.op == "Enter" else None


def _counts(graph: Graph, merge: NodeDef) -> bool:
    """Whether a Merge starts at 0 and grows by 1."""
    if merge.op != "Merge" or graph.node(merge.input[1]).op != "NextIteration":
        return False
    start = graph.constant(graph.node(merge.input[0]).input[0])
    step = graph.through_identity(graph.node(merge.input[1]).input[0])
    if start is None or int(start) or step.op not in _ADDS:
        return False
    return _is_one_more(graph, step, merge)


def _is_one_more(graph: Graph, step: NodeDef, merge: NodeDef) -> bool:
    of = graph.through_identity(step.input[0])
    by = graph.constant(step.input[1])
    return of.op == "Switch" and node_name(of.input[0]) == merge.name and by is not None and by == 1


def _predicate(switch: NodeDef) -> str:
    return node_name(switch.input[1])


def _merges(graph: Graph, switches: Sequence[NodeDef]) -> Iterator[NodeDef]:
    found = (graph.node(switch.input[0]) for switch in switches)
    return (merge for merge in found if merge.op == "Merge")


def _taken(graph: Graph, switch: NodeDef) -> dict[str, NodeDef]:
    """A loop variable: what enters is what the body reads, what the body gives is what leaves."""
    merge = graph.node(switch.input[0])
    enter, following = (graph.node(reference) for reference in merge.input[:2])
    given = following.input[0]
    found = {
        switch.name: _passed(switch, merge.name),
        merge.name: _passed(merge, enter.name),
        following.name: _passed(following, given),
    }
    for reader in graph.consumers.get(switch.name, []):
        if reader.op == "Exit":
            found[reader.name] = _passed(reader, given)
    return found


def _passed(each: NodeDef, reference: str) -> NodeDef:
    """An Identity in the place of a node."""
    made = node("Identity", each.name, reference)
    kind = each.attr["T"] if "T" in each.attr else attribute(tensorflow().bool)  # LoopCond
    made.attr["T"].CopyFrom(kind)
    return made


def _first(each: NodeDef, switches: set[str]) -> NodeDef:
    """The second output of a Switch is the only one of the Identity in its place."""
    if not any(node_name(r) in switches and ":" in r for r in each.input):
        return each
    copy = tensorflow().compat.v1.NodeDef()
    copy.CopyFrom(each)
    del copy.input[:]
    copy.input.extend(
        node_name(r) if node_name(r) in switches and ":" in r else r for r in each.input
    )
    return copy
