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
    end: str,
    shape: tuple[int, ...],
    input_name: str = "image",
    output_name: str = "logits",
) -> Graph:
    """The graph from the tensor `start` to the tensor `end` (a node's name, or `name:index`).

    Its one input is a float32 placeholder `input_name` of `shape` [1, H, W, 3] in the place of
    `start`; its one output is an Identity `output_name` of `end`. Control dependencies (Assert and
    the like) are left behind. Raises UnsupportedError where the end also needs another input.
    """
    float32 = tensorflow().float32
    start, end = start.removesuffix(":0"), end.removesuffix(":0")
    graph.node(start), graph.node(end)
    needed = _needed(graph, start, end)
    _refuse_taken(needed, {input_name} - {start} | {output_name} - {end})
    # Where the output takes the end's own name, the node makes way; nothing that is kept reads it.
    other = {end: f"{end}/inner"} if end == output_name else {}
    moved = {start: input_name}
    nodes = [n for n in graph.graph_def.node if n.name in needed]
    kept = [_moved(n, other.get(n.name, n.name), moved) for n in nodes]
    source = moved.get(end) or other.get(end, end)
    ends = [placeholder(input_name, float32, shape), identity(output_name, source, float32)]
    core = Graph(graph_def=graph.graph_def, inputs=(input_name,), outputs=(output_name,))
    return _one_input(core.with_nodes([*kept, *ends]), start)


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
            hint="Give cut.input_name or cut.output_name another name in the recipe.",
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
