"""Try ranges in the whole network: how far its answers move from the float network's."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from convert.graph.expand_atrous import expand_atrous
from convert.graph.graph import Graph
from convert.graph.run import function
from convert.graph.tensorflow import tensorflow
from convert.quantization import Range
from convert.quantizers.simulate import as_stored, ends_of, simulated

Floats = NDArray[np.float32]
_SIDE = 128
"""Positions of a map that are looked at along each side, about."""


class Trial:
    """One graph in eight bits whose ranges are fed, so that each trial costs one forward pass.

    Of the input's range alone there is no choice: the pictures are rounded to it once.
    """

    def __init__(
        self, graph: Graph, ranges: Mapping[str, Range], pictures: Sequence[Floats], labels: bool
    ) -> None:
        eight = simulated(graph, ranges)
        self._session = tensorflow().compat.v1.Session(graph=expand_atrous(eight).imported())
        self._fetches = [f"{name}:0" for name in eight.outputs]
        self._input = f"{graph.inputs[0]}:0"
        self._labels = labels
        self._given = [as_stored(picture, ranges[graph.inputs[0]]) for picture in pictures]
        call = function(graph)
        self._wanted = [[thinned(out) for out in call(picture)] for picture in pictures]

    def cost(self, ranges: Mapping[str, Range]) -> float:
        """Mean divergence of the answers (labels: Kullback-Leibler; else error over variance)."""
        feeds = {name: value for key, one in ranges.items() for name, value in ends_of(key, one)}
        total = 0.0
        for given, wanted in zip(self._given, self._wanted, strict=True):
            made = self._session.run(self._fetches, {self._input: given, **feeds})
            total += sum(
                divergence(want, thinned(out), self._labels)
                for want, out in zip(wanted, made, strict=True)
            )
        return total / len(self._given)


def thinned(output: NDArray[Any]) -> Floats:
    """Some of a map's positions; other outputs whole."""
    if output.ndim != 4:
        return np.asarray(output, np.float32)
    rows, columns = (max(1, side // _SIDE) for side in output.shape[1:3])
    return np.ascontiguousarray(output[:, ::rows, ::columns], np.float32)


def divergence(wanted: Floats, made: Floats, labels: bool) -> float:
    """How far an answer is from the one that is wanted; 0 where they are equal."""
    if labels and wanted.shape[-1] > 1:
        want, got = _log_softmax(wanted), _log_softmax(made)
        return float((np.exp(want) * (want - got)).sum(axis=-1).mean())
    variance = float(wanted.var()) or 1.0
    return float(np.square(made - wanted).mean()) / variance


def _log_softmax(logits: Floats) -> Floats:
    moved = logits - logits.max(axis=-1, keepdims=True)
    return np.asarray(moved - np.log(np.exp(moved).sum(axis=-1, keepdims=True)))
