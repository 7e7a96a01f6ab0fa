"""In which order nodes are best kept in float, and how few of them are enough."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import Protocol, TypeVar

from convert.graph.graph import Graph
from convert.quantizers.layers import Layer, kernel, layers
from convert.report import Ranking

Nodes = frozenset[str]

_SLOWER = 1.4
"""What a layer's time grows by in float, in parts of its time in eight bits."""
_ELEMENT = 4
"""Multiply-accumulates that take as long as writing one value."""
_FREE = 1e-3
"""No node is taken for cheaper, in parts of the whole network's time and bytes."""
_DEAREST = 1.0
"""Where the order ends: a network that takes as much again is no longer one in eight bits."""
_PRUNED = 6
"""Nodes that are tried to do without in the end, the dearest first."""


class Checked(Protocol):
    """What a check found of a file."""

    @property
    def passed(self) -> bool:
        """Whether the gate holds."""
        ...

    @property
    def agreement(self) -> float:
        """With the reference; the larger the better."""
        ...


C = TypeVar("C", bound=Checked)


@dataclass(frozen=True, kw_only=True)
class Flow:
    """The nodes that compute, and the tensors between them that are stored."""

    costs: Mapping[str, float]
    """What keeping a node in float costs, in parts of the whole network's time and bytes."""
    rounding: Mapping[str, float]
    """Layer -> the divergence that rounding its weights causes."""
    ends: Mapping[str, tuple[str, tuple[str, ...], float]]
    """Stored tensor -> the node that gives it, those that read it, and what rounding it causes."""

    def gain(self, kept: Nodes) -> float:
        """The divergence that is spared: a tensor's, where who gives and reads it are in float."""
        found = sum(self.rounding.get(name, 0.0) for name in kept)
        for giver, readers, harm in self.ends.values():
            if giver in kept:
                share = sum(r in kept for r in readers) / len(readers) if readers else 1.0
                found += harm * share
        return found

    def cost(self, kept: Nodes) -> float:
        """Of several nodes."""
        return sum(max(self.costs[name], _FREE) for name in kept)

    def moves(self) -> tuple[Nodes, ...]:
        """What may be kept at a time: a node, or all around one tensor."""
        around = [
            frozenset((giver, *readers)) for giver, readers, _ in self.ends.values() if readers
        ]
        alone = [frozenset((name,)) for name in self.costs]
        return tuple(dict.fromkeys((*alone, *around)))


def flow(graph: Graph, ranking: Ranking) -> Flow:
    """What is known of a core that was ranked."""
    found = layers(graph)
    unit = {node: one.name for one in found for node in (one.name, *one.inner, one.final)}
    harms = {one.name: one.divergence for one in ranking.activations}
    given = [name for name in harms if name not in graph.inputs]
    named = {name: unit.get(name, name) for name in given}
    units = dict.fromkeys((*(one.name for one in found), *named.values()))
    ends = {
        name: (giver, _readers(graph, name, unit, units), harms[name])
        for name, giver in named.items()
    }
    return Flow(
        costs=_costs(graph, found, named),
        rounding={one.name: one.divergence for one in ranking.weights},
        ends=ends,
    )


def order(flow: Flow) -> tuple[Nodes, ...]:
    """Ever larger sets of nodes; each time what spares most for what it costs is added."""
    steps: list[Nodes] = []
    kept, moves = Nodes(), list(flow.moves())
    spared = 0.0
    while moves:
        rated = [(_rate(flow, kept, spared, move), move) for move in moves]
        rate, best = max(rated, key=lambda pair: (pair[0], sorted(pair[1])))
        kept |= best
        if rate <= 0 or flow.cost(kept) > _DEAREST:
            break
        spared = flow.gain(kept)
        steps.append(kept)
        moves = [move for move in moves if not move <= kept]
    return tuple(steps)


def fewest(
    steps: Sequence[Nodes], check: Callable[[Nodes], C], costs: Mapping[str, float]
) -> tuple[Nodes, C]:
    """The cheapest set found for which `check` passes, or else the one that agrees best.

    Steps are taken in strides that double; then the last stride is halved, and the dearest nodes
    of what passes are tried to do without.
    """
    found: dict[Nodes, C] = {}

    def passes(kept: Nodes) -> bool:
        if kept not in found:
            found[kept] = check(kept)
        return found[kept].passed

    whole = (Nodes(), *steps)
    high = _first_stride(whole, passes)
    if high is None:
        best = max(found, key=lambda kept: found[kept].agreement)
        return best, found[best]
    low = high // 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if passes(whole[middle]) else (middle, high)
    kept = whole[high]
    for name in sorted(kept, key=lambda one: -costs[one])[:_PRUNED]:
        if passes(kept - {name}):
            kept -= {name}
    return kept, found[kept]


def _first_stride(whole: Sequence[Nodes], passes: Callable[[Nodes], bool]) -> int | None:
    """0, 1, 2, 4 ... or the last: the first of them that passes."""
    place, last = 0, len(whole) - 1
    while not passes(whole[place]):
        if place == last:
            return None
        place = min(max(1, 2 * place), last)
    return place


def _rate(flow: Flow, kept: Nodes, spared: float, move: Nodes) -> float:
    return (flow.gain(kept | move) - spared) / flow.cost(move - kept)


def _readers(
    graph: Graph, name: str, unit: Mapping[str, str], units: Mapping[str, None]
) -> tuple[str, ...]:
    """The units that read a tensor, also through nodes that are none."""
    found: dict[str, None] = {}
    stack = [name]
    while stack:
        for reader in graph.consumers[stack.pop()]:
            one = unit.get(reader.name, reader.name)
            if one in units:
                found[one] = None
            else:
                stack.append(reader.name)
    return tuple(found)


def _costs(graph: Graph, found: Sequence[Layer], named: Mapping[str, str]) -> dict[str, float]:
    shapes = graph.shapes()
    sizes = {one.name: kernel(graph, one).size for one in found}
    by_unit = {one: _elements(shapes.get(name)) for name, one in named.items()}
    times = {one: float(_ELEMENT * count) for one, count in by_unit.items()}
    for one in found:
        times[one.name] = times.get(one.name, 0) + _products(graph, one, shapes)
    whole, size = sum(times.values()) or 1.0, sum(sizes.values()) or 1
    # Half precision takes one byte a weight more than eight bits.
    return {name: _SLOWER * t / whole + sizes.get(name, 0) / size for name, t in times.items()}


def _products(
    graph: Graph, layer: Layer, shapes: Mapping[str, tuple[int | None, ...] | None]
) -> int:
    """Multiply-accumulates."""
    values = kernel(graph, layer)
    channels = prod(values.shape[2:]) if layer.depthwise else values.shape[layer.output_axis]
    return _elements(shapes.get(layer.name)) * (values.size // int(channels))


def _elements(shape: tuple[int | None, ...] | None) -> int:
    return prod(side or 1 for side in shape or ())
