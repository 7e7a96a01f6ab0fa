"""Cut the core out of a graph: from one tensor to another, with named ends and a fixed shape."""

from convert.errors import UnsupportedError
from convert.graph.graph import Graph, is_control
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
    """The graph from the output of node `start` to the output of node `end`.

    Its one input is a float32 placeholder `input_name` of `shape` [1, H, W, 3] in the place of
    `start`; its one output is an Identity `output_name` of `end`. Control dependencies (Assert and
    the like) are left behind. Raises UnsupportedError where the end also needs another input.
    """
    float32 = tensorflow().float32
    _refuse_taken(graph, {input_name, output_name} - {start, end})
    graph.node(start), graph.node(end)
    moved = {start: input_name, f"{start}:0": input_name}
    kept = []
    for node in graph.graph_def.node:
        if node.name in (start, input_name, output_name):
            continue
        copy = renamed_inputs(node, moved)
        data = [r for r in copy.input if not is_control(r)]
        del copy.input[:]
        copy.input.extend(data)
        kept.append(copy)
    ends = [placeholder(input_name, float32, shape), identity(output_name, end, float32)]
    core = Graph(graph_def=graph.graph_def, inputs=(input_name,), outputs=(output_name,))
    return _one_input(core.with_nodes([*ends, *kept]), start)


def _refuse_taken(graph: Graph, names: set[str]) -> None:
    taken = sorted(names & set(graph.nodes))
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
