"""Silence, absorb, centre and scale: each pass proven on the pictures, or not applied."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from convert.graph.graph import Graph
from convert.quantizers.channel_ranges import ChannelRanges, channel_ranges, stored_tensors
from convert.quantizers.equalize.absorb import absorb
from convert.quantizers.equalize.centre import centre
from convert.quantizers.equalize.classes import classes
from convert.quantizers.equalize.prove import BOUND, largest_difference
from convert.quantizers.equalize.rescale import rescale, rescaled
from convert.quantizers.equalize.scales import Criterion, scales
from convert.quantizers.equalize.silence import silence
from convert.quantizers.layers import with_own_biases

PROOF_PICTURES = 8
UNSEEN = np.float32(3)
"""How many times wider than behind drawn pictures a channel may be behind real ones."""
_CONCLUDING = frozenset({"absorb biases"})

Pictures = Callable[[], Iterable[NDArray[np.float32]]]
Step = Callable[[Graph, ChannelRanges], tuple[Graph, ChannelRanges]]


@dataclass(frozen=True, kw_only=True)
class Proof:
    """What became of a pass."""

    name: str
    difference: float
    """The largest of any output, as a share of its range, on the pictures of the proof."""

    @property
    def applied(self) -> bool:
        """Whether the pass is part of the result: only a proven one is."""
        return self.difference <= BOUND


@dataclass(frozen=True, kw_only=True)
class Equalized:
    """A core of the same function, the ranges of its tensors, and the proofs."""

    graph: Graph
    ranges: ChannelRanges
    proofs: tuple[Proof, ...]


def equalize(
    graph: Graph, pictures: Pictures, criterion: Criterion, *, real: bool = True
) -> Equalized:
    """Silence dead channels, absorb biases, centre linear tensors, scale by a criterion.

    `pictures` streams [1, h, w, 3] anew at each call; the first eight prove each pass. Where they
    are not `real`, nothing is concluded from what they never do: channels count as wider than they
    were, and none as never below some value.
    """
    own = with_own_biases(graph)
    ranges = channel_ranges(own, pictures(), stored_tensors(own))
    if not real:
        ranges = {name: (low * UNSEEN, high * UNSEEN) for name, (low, high) in ranges.items()}
    made = Equalized(graph=own, ranges=ranges, proofs=())
    for name, step in steps(criterion).items():
        if not real and name in _CONCLUDING:
            continue
        made = _stepped(made, name, step, islice(iter(pictures()), PROOF_PICTURES))
    return made


def steps(criterion: Criterion) -> dict[str, Step]:
    """Name -> pass, in their order: shifts come first, as scales look at the widths they leave."""

    def scaled(graph: Graph, ranges: ChannelRanges) -> tuple[Graph, ChannelRanges]:
        found = classes(graph, ranges)
        factors = scales(graph, found, ranges, criterion)
        return rescale(graph, found, factors), rescaled(ranges, found, factors)

    return {
        "silence channels": silence,
        "absorb biases": absorb,
        "centre streams": centre,
        "scale channels": scaled,
    }


def _stepped(
    so_far: Equalized, name: str, step: Step, pictures: Iterator[NDArray[np.float32]]
) -> Equalized:
    graph, ranges = step(so_far.graph, so_far.ranges)
    proof = Proof(name=name, difference=largest_difference(so_far.graph, graph, pictures))
    kept = (graph, ranges) if proof.applied else (so_far.graph, so_far.ranges)
    return Equalized(graph=kept[0], ranges=kept[1], proofs=(*so_far.proofs, proof))
