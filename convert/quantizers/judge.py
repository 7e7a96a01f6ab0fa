"""Judge a network in eight bits by pictures that it was not rounded on."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from convert.graph.graph import Graph
from convert.graph.run import function
from convert.quantization import Range
from convert.quantizers.answers import Answers, apart, thinned
from convert.quantizers.simulate import as_stored, simulated
from convert.quantizers.spread import Pictures, spread_places

_FEWEST, _MOST = 12, 24
"""Pictures that judge: fewer say nothing, more take time."""
_SHARED_FROM = 24
"""Pictures from which on there are enough to leave some for the judge."""

Arrays = list[NDArray[np.float32]]


class Judge:
    """Measures how far the answers on its pictures are from the float network's."""

    def __init__(
        self, graph: Graph, ranges: Mapping[str, Range], pictures: Arrays, answers: Answers
    ) -> None:
        """`pictures`: what the walk has left, [1, h, w, 3] each."""
        entry = ranges.get(graph.inputs[0])
        self._given = [as_stored(one, entry) for one in pictures] if entry else pictures
        self._ranges = ranges
        self._answers: Answers = answers
        run = function(graph)
        self._wanted = [[thinned(out) for out in run(picture)] for picture in pictures]

    def apart(self, rounded: Graph) -> float:
        """Mean divergence of a graph with rounded kernels, its activations rounded as well."""
        run = function(simulated(rounded, self._ranges))
        each = [
            apart(rounded.outputs, wanted, [thinned(out) for out in made], self._answers)
            for wanted, made in zip(self._wanted, map(run, self._given), strict=True)
        ]
        return float(np.mean(each))


def shared(pictures: Pictures, most: int) -> tuple[Arrays, Arrays]:
    """Pictures to walk, at most so many and evenly spread, and others to judge by (or none)."""
    total = sum(1 for _ in pictures())
    walked = spread_places(total, min(most, walkers(total)))
    left = [place for place in range(total) if place not in walked]
    judging = {left[one] for one in spread_places(len(left), _MOST)}
    if len(judging) < _FEWEST:
        judging = set()
    held: tuple[Arrays, Arrays] = [], []
    for place, picture in enumerate(pictures()):
        if place in walked or place in judging:
            held[place in judging].append(picture)
    return held


def walkers(total: int) -> int:
    """How many of so many pictures may be walked."""
    return total - _FEWEST if total >= _SHARED_FROM else total
