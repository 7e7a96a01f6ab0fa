"""Where the network ends: the node that feeds what decodes its output."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from convert.anatomy import Shape
from convert.graph.discover.flow import PLACEHOLDERS, Flow
from convert.graph.discover.tail import Tail
from convert.graph.graph import Graph

Decode = Literal["argmax", "softmax", "sigmoid", "none"]
Shapes = Mapping[str, Shape | None]

_BY_OP: Mapping[str, Decode] = {"Softmax": "softmax", "Sigmoid": "sigmoid"}
_MAP_RANK = 4


@dataclass(frozen=True, kw_only=True)
class CoreEnd:
    """The network's last node, and why it is that one."""

    name: str
    first: int
    """The place in the tail of the first node that is left out."""
    decode: Decode
    why: str
    missing: tuple[str, ...] = ()


def core_end(flow: Flow, tail: Tail, start: str, shapes: Shapes) -> CoreEnd:
    """The end of the core that starts at `start`."""
    index, decode, why = _decoded(flow.graph, tail, shapes)
    kept = index
    while kept and _leaks(flow, start, tail.feeds(kept)):
        kept -= 1
    missing: tuple[str, ...] = ()
    if _leaks(flow, start, tail.feeds(kept)):
        kept = index
        missing = ("the network also reads the picture past the cut",)
    elif kept < index and decode != "none":
        missing = (
            f"{tail.nodes[kept].name} uses the picture's own size before the answer is decoded; "
            "a recipe decodes first",
        )
    return CoreEnd(name=tail.feeds(kept), first=kept, decode=decode, why=why, missing=missing)


def _decoded(graph: Graph, tail: Tail, shapes: Shapes) -> tuple[int, Decode, str]:
    """The place of the first decoding node, what the decoding is, and a reason."""
    argmax = tail.last("ArgMax")
    smooth = tail.last("Softmax", "Sigmoid")
    if argmax is not None:
        before = [i for i, n in enumerate(tail.nodes[:argmax]) if n.op in _BY_OP]
        index = _unflattened(tail, before[0], shapes) if before else argmax
        why = "ArgMax reads it, and runtimes differ in the type and the ties of ArgMax's labels"
        return index, "argmax", why
    if smooth is not None:
        op = tail.nodes[smooth].op
        why = f"{op} reads it, whose answers in eight bits come in steps of 1/256 and tie"
        return _unflattened(tail, smooth, shapes), _BY_OP[op], why
    return len(tail.nodes), "none", "nothing after the network decodes its output"


def _unflattened(tail: Tail, index: int, shapes: Shapes) -> int:
    """Before the Reshape that TensorFlow 1 put before a Softmax over a map."""
    if not index or tail.nodes[index - 1].op != "Reshape":
        return index
    old, new = shapes.get(tail.feeds(index - 1)), shapes.get(tail.nodes[index - 1].name)
    flattens = old is not None and new is not None and len(old) == _MAP_RANK > len(new)
    return index - 1 if flattens and old is not None and old[1:3] != (1, 1) else index


def _leaks(flow: Flow, start: str, end: str) -> bool:
    """Whether a node is computed from a placeholder by a road that does not pass the start."""
    seen, stack = {start, end}, [end] if end != start else []
    while stack:
        node = flow.graph.node(stack.pop())
        if node.op in PLACEHOLDERS:
            return True
        for producer in flow.graph.producers(node):
            if producer.name not in seen:
                seen.add(producer.name)
                stack.append(producer.name)
    return False
