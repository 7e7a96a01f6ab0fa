"""What can be seen of an output without knowing what it is: shape, last function, names."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from typing import Literal

from convert.anatomy import Shape
from convert.graph.discover.flow import WEIGHTED, Flow
from convert.graph.graph import NodeDef, node_name

Last = Literal["argmax", "softmax", "sigmoid", "tanh", "none"]

_LAST: Mapping[str, Last] = {
    "ArgMax": "argmax",
    "Softmax": "softmax",
    "Sigmoid": "sigmoid",
    "Tanh": "tanh",
}
_MAP_RANK, _ANCHORS_RANK = 4, 3
_FARTHEST = 12
"""Nodes whose names are looked at, back from the output."""


@dataclass(frozen=True, kw_only=True)
class OutputFacts:
    """An output; its `shape` is NHWC where it is a map."""

    name: str
    shape: Shape | None
    last: Last
    """The function that its values went through last."""
    words: str
    """The names of the output and of its last layer's nodes, in lower case."""

    @property
    def depth(self) -> int | None:
        """The length of the last axis."""
        return self.shape[-1] if self.shape else None

    @property
    def places(self) -> tuple[int | None, int | None] | None:
        """Height and width of a map; None for what is none."""
        if self.shape is None or len(self.shape) != _MAP_RANK or self.shape[1:3] == (1, 1):
            return None
        return self.shape[1], self.shape[2]

    @property
    def anchors(self) -> int | None:
        """N of [1, N, D]; None for what has no such axis."""
        if self.shape is None or len(self.shape) != _ANCHORS_RANK or self.last == "argmax":
            return None
        return self.shape[1]

    @property
    def values(self) -> int | None:
        """How many values there are for a picture; None where that is not fixed."""
        lengths = [length for length in (self.shape or (None, None))[1:] if length is not None]
        whole = self.shape is not None and len(lengths) == len(self.shape) - 1
        return prod(lengths) if whole else None

    @property
    def is_vector(self) -> bool:
        """[1, L], or [1, 1, 1, L]."""
        return self.places is None and self.anchors is None and self.values == self.depth

    def named(self, *words: str) -> bool:
        """Whether one of some words is in its names."""
        return any(word in self.words for word in words)


def output_facts(flow: Flow, node: NodeDef, shape: Shape | None, *, nchw: bool) -> OutputFacts:
    """What is seen of an output node; `nchw`: its maps have their channels first."""
    road = _road(flow, node)
    if nchw and shape is not None and len(shape) == _MAP_RANK:
        shape = (shape[0], *shape[2:], shape[1])
    return OutputFacts(
        name=node.name,
        shape=shape,
        last=next((_LAST[each.op] for each in road if each.op in _LAST), "none"),
        words=" ".join(each.name for each in road).lower(),
    )


def _road(flow: Flow, node: NodeDef) -> list[NodeDef]:
    """From the output back to the last layer with weights, by the first operand that has any."""
    road = [node]
    while len(road) < _FARTHEST and road[-1].op not in WEIGHTED:
        names = [node_name(reference) for reference in road[-1].input]
        learned = [name for name in names if name in flow.learned]
        if not learned:
            break
        road.append(flow.graph.node(learned[0]))
    return road
