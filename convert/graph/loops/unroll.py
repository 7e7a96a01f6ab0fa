"""Take loops that one picture goes through once: `map_fn` over a batch, as detectors have it.

TensorFlow's Object Detection API resizes its pictures in such a loop and suppresses boxes in
another. A picture is a batch of one, so each body runs once, and its ops stand in the graph itself.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from convert.graph.graph import Graph, NodeDef, is_control, node_name
from convert.graph.loops import frames, functions
from convert.graph.loops.stacks import without_stacks
from convert.graph.tensorflow import tensorflow

Fetch = Callable[[Sequence[str]], Sequence[Any] | None]
"""What tensors give for a picture; None where the graph refuses."""

_DEEPEST = 4
"""Loops within loops."""


def has_loops(graph: Graph) -> bool:
    """Whether anything is done more than once."""
    return any(n.op in (*functions.LOOPS, "LoopCond") for n in graph.graph_def.node)


def unroll_once(graph: Graph, probing: Callable[[Graph], Fetch]) -> Graph:
    """The same answers for a batch of one, without the loops that it goes through once.

    `probing` readies a graph to be run on a picture. Names outside of the loops stay.
    """
    made = graph
    for _ in range(_DEEPEST):
        counts = {**frames.trips(made), **functions.trips(made)}
        once = _once(counts, probing(made)) if counts else set()
        if not once:
            break
        made = functions.inlined(frames.inlined(made, once), once)
    return without_loose(without_stacks(made), graph) if made is not graph else graph


def _once(counts: Mapping[str, Sequence[str]], fetch: Fetch) -> set[str]:
    """The loops whose least count is 1."""
    tensors = list(dict.fromkeys(t for each in counts.values() for t in each))
    values = fetch(tensors)
    found = dict(zip(tensors, values, strict=True)) if values is not None else {}
    return {loop for loop, each in counts.items() if found and min(found[t] for t in each) == 1}


def without_loose(graph: Graph, before: Graph) -> Graph:
    """Less the nodes that nobody reads any more, and lists that leave a loop for nobody."""
    loose = _loose(before, set(before.nodes))
    kept = {name for name in loose if not _is_list(before.nodes[name])}
    alive = set(graph.nodes)
    while dead := _loose(graph, alive) - kept:
        alive -= dead
    return frames.holding(graph, [n for n in graph.graph_def.node if n.name in alive])


def _is_list(each: NodeDef) -> bool:
    return bool(each.op == "Identity" and each.attr["T"].type == tensorflow().variant)


def _loose(graph: Graph, alive: set[str]) -> set[str]:
    """Of some nodes, those that no other one of them reads."""
    nodes: list[NodeDef] = [n for n in graph.graph_def.node if n.name in alive]
    return alive - {node_name(r) for n in nodes for r in n.input if not is_control(r)}
