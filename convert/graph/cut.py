"""Cut the core out of a graph: from one tensor to another, with named ends and a fixed shape."""

from collections.abc import Mapping

from convert.errors import UnsupportedError
from convert.graph.graph import Graph, NodeDef, is_control, node_name
from convert.graph.nodes import identity, placeholder, renamed_inputs
from convert.graph.tensorflow import tensorflow


def cut(
    graph: Graph,
    *,
    start: str,
    ends: Mapping[str, str],
    shape: tuple[int, ...],
    input_name: str = "image",
) -> Graph:
    """The graph from the tensor `start` to the tensors `ends` (a node's name, or `name:index`).

    Its one input is a float32 placeholder `input_name` of `shape` [1, H, W, 3] in the place of
    `start`; its outputs are Identity nodes of the ends, by the names that `ends` gives them.
    Control dependencies (Assert and the like) are left behind. Raises UnsupportedError where an
    end also needs another input.
    """
    float32 = tensorflow().float32
    start = start.removesuffix(":0")
    ends = {name: end.removesuffix(":0") for name, end in ends.items()}
    for tensor in (start, *ends.values()):
        graph.node(tensor)
    needed = set().union(*(_needed(graph, start, end) for end in ends.values()))
    _refuse_taken(needed, {input_name} - {start} | ends.keys() - set(ends.values()))
    moved = renamed(start, ends, input_name)
    nodes = [n for n in graph.graph_def.node if n.name in needed]
    kept = [_moved(n, moved.get(n.name, n.name), moved) for n in nodes]
    outputs = [identity(name, moved.get(end, end), float32) for name, end in ends.items()]
    core = Graph(graph_def=graph.graph_def, inputs=(input_name,), outputs=tuple(ends))
    return _one_input(
        core.with_nodes([*kept, placeholder(input_name, float32, shape), *outputs]), start
    )


def renamed(start: str, ends: Mapping[str, str], input_name: str) -> dict[str, str]:
    """Node -> its name in what `cut` gives, for those that get another."""
    start, nodes = start.removesuffix(":0"), [end.removesuffix(":0") for end in ends.values()]
    # Where an output takes the name of an end, the node makes way.
    return {start: input_name, **{node: f"{node}/inner" for node in nodes if node in ends}}


def _moved(node: NodeDef, name: str, inputs: Mapping[str, str]) -> NodeDef:
    """A copy of another name that reads other tensors, and is bound to no node besides."""
    copy = renamed_inputs(node, inputs)
    copy.name = name
    copy.attr.pop("_class", None)  # may name a node that is left behind as its neighbour
    data = [reference for reference in copy.input if not is_control(reference)]
    del copy.input[:]
    copy.input.extend(data)
    return copy


def _needed(graph: Graph, start: str, end: str) -> set[str]:
    """The nodes that the end is computed from, back to the start, which is left out."""
    first = node_name(start)
    seen, stack = {first}, [] if end == start else [node_name(end)]
    while stack:
        name = stack.pop()
        if name not in seen:
            seen.add(name)
            stack.extend(producer.name for producer in graph.producers(graph.node(name)))
    return seen - {first} if start == first else seen


def _refuse_taken(needed: set[str], names: set[str]) -> None:
    taken = sorted(names & needed)
    if taken:
        raise UnsupportedError(
            f"the graph has a node {taken[0]!r} already, so an end cannot be called that",
            hint="Give it another name in the recipe's [cut].",
        )


def _one_input(core: Graph, start: str) -> Graph:
    others = [n.name for n in core.graph_def.node if n.op.startswith("Placeholder")]
    others = [name for name in others if name not in core.inputs]
    if others or core.inputs[0] not in core.nodes:
        found = ", ".join(others) or "nothing of it"
        raise UnsupportedError(
            f"cut at {start!r}: what follows also reads {found}",
            hint="Cut further back (cut.input in the recipe), or see `convert inspect FILE`.",
        )
    return core
