"""Take the branch that a constant decides: Switch and Merge, as TensorFlow 1 wrote `cond`."""

from collections import defaultdict
from collections.abc import Mapping

from convert.graph.graph import Graph, NodeDef, is_control, node_name
from convert.graph.nodes import attribute, node
from convert.graph.tensorflow import tensorflow


def without_branches(graph: Graph) -> Graph:
    """The same answers without Switch and Merge nodes that a constant decides.

    What only the other branch needs is left out. Loops, which values decide, stay.
    """
    taken = {n.name: way for n in graph.graph_def.node if (way := _way(graph, n)) is not None}
    if not taken:
        return graph
    dead = _dead(graph, taken)
    graph_def = tensorflow().compat.v1.GraphDef()
    graph_def.versions.CopyFrom(graph.graph_def.versions)
    graph_def.library.CopyFrom(graph.graph_def.library)
    for each in graph.graph_def.node:
        if each.name not in dead:
            graph_def.node.append(_rewritten(each, taken, dead))
    return Graph(graph_def=graph_def, inputs=graph.inputs, outputs=graph.outputs)


def _way(graph: Graph, each: NodeDef) -> int | None:
    """The output of a Switch that its constant predicate sends the value to."""
    if each.op != "Switch":
        return None
    predicate = graph.constant(each.input[1])
    return None if predicate is None else int(bool(predicate))


def _dead(graph: Graph, taken: Mapping[str, int]) -> set[str]:
    """The nodes that wait for a value that never comes."""
    readers: dict[str, list[NodeDef]] = defaultdict(list)
    for each in graph.graph_def.node:
        for reference in each.input:
            readers[node_name(reference)].append(each)
    dead: set[str] = set()
    queue = [reader for name in taken for reader in readers[name]]
    while queue:
        each = queue.pop()
        if each.name not in dead and _starves(each, taken, dead):
            dead.add(each.name)
            queue.extend(readers[each.name])
    return dead


def _starves(each: NodeDef, taken: Mapping[str, int], dead: set[str]) -> bool:
    """A Merge waits for any of its values, every other node for all."""
    missing = [_is_dead(r, taken, dead) for r in each.input]
    if each.op == "Merge":
        return all(lacks for lacks, r in zip(missing, each.input, strict=True) if not is_control(r))
    return any(missing)


def _is_dead(reference: str, taken: Mapping[str, int], dead: set[str]) -> bool:
    name = node_name(reference)
    if name in taken and not is_control(reference):
        return name in dead or taken[name] != int(reference.endswith(":1"))
    return name in dead


def _rewritten(each: NodeDef, taken: Mapping[str, int], dead: set[str]) -> NodeDef:
    """A decided Switch or Merge becomes an Identity of the value that comes."""
    data = [_renamed(r, taken) for r in each.input if not is_control(r)]
    if each.name in taken:
        return _passed(each, data[0])
    alive = [r for r in each.input if not is_control(r) and not _is_dead(r, taken, dead)]
    if each.op == "Merge" and len(alive) < len(data):
        return _passed(each, _renamed(alive[0], taken))
    copy = tensorflow().compat.v1.NodeDef()
    copy.CopyFrom(each)
    del copy.input[:]
    copy.input.extend(_renamed(r, taken) for r in each.input if node_name(r) not in dead)
    return copy


def _renamed(reference: str, taken: Mapping[str, int]) -> str:
    """The second output of a Switch is the only one of the Identity in its place."""
    return node_name(reference) if ":" in reference and node_name(reference) in taken else reference


def _passed(each: NodeDef, reference: str) -> NodeDef:
    made = node("Identity", each.name, reference)
    made.attr["T"].CopyFrom(attribute(each.attr["T"]))
    return made
