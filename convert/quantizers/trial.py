"""Try ranges in the whole network: how far its answers move from the float network's."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from convert.graph.expand_atrous import expand_atrous
from convert.graph.graph import Graph
from convert.graph.nodes import float_attributes, node, placeholder
from convert.graph.run import function
from convert.graph.tensorflow import tensorflow
from convert.quantization import Range
from convert.quantizers.simulate import as_stored, end_names, ends_of, simulated

Floats = NDArray[np.float32]
Answers = Literal["largest", "chance", "values"]
"""What outputs are to their reader: scores of which the largest counts, logits of a chance each,
or the values themselves."""
_RANGES, _UNPACKED = "ranges", "ranges/unpacked"
_SIDE = 128
"""Positions of a map that are looked at along each side, about."""


class Trial:
    """One graph in eight bits whose ranges are fed, so that each trial costs one forward pass.

    Of the input's range alone there is no choice: the pictures are rounded to it once.
    """

    def __init__(
        self,
        graph: Graph,
        ranges: Mapping[str, Range],
        pictures: Sequence[Floats],
        answers: Answers,
    ) -> None:
        eight = _fed_at_once(expand_atrous(simulated(graph, ranges)), tuple(ranges))
        self._names = tuple(ranges)
        self._session = tensorflow().compat.v1.Session(graph=eight.imported())
        self._fetches = [f"{name}:0" for name in eight.outputs]
        self._input = f"{graph.inputs[0]}:0"
        self._answers: Answers = answers
        self._given = [as_stored(picture, ranges[graph.inputs[0]]) for picture in pictures]
        call = function(graph)
        self._wanted = [[thinned(out) for out in call(picture)] for picture in pictures]

    def cost(self, ranges: Mapping[str, Range]) -> float:
        """Mean divergence of the answers (of values: error over variance).

        Of chances and scores it is Kullback and Leibler's; to that of a map of scores comes the
        share of changed labels.
        """
        ends = [value for name in self._names for _, value in ends_of(name, ranges[name])]
        feeds = {f"{_RANGES}:0": np.array(ends, np.float32)}
        total = 0.0
        for given, wanted in zip(self._given, self._wanted, strict=True):
            made = self._session.run(self._fetches, {self._input: given, **feeds})
            total += sum(
                divergence(want, thinned(out), self._answers)
                for want, out in zip(wanted, made, strict=True)
            )
        return total / len(self._given)


def _fed_at_once(graph: Graph, names: tuple[str, ...]) -> Graph:
    """A simulated graph that reads all its ranges from one tensor [2 N].

    Each thing fed to TensorFlow costs as much as a layer.
    """
    tf = tensorflow()
    made = tf.compat.v1.GraphDef()
    made.CopyFrom(graph.graph_def)
    places = {end: place for place, end in enumerate(end for n in names for end in end_names(n))}
    for each in made.node:
        each.input[:] = [f"{_UNPACKED}:{places[r]}" if r in places else r for r in each.input]
    count = len(places)
    made.node.append(placeholder(_RANGES, tf.float32, (count,)))
    made.node.append(node("Unpack", _UNPACKED, _RANGES, num=count, axis=0, **float_attributes()))
    return replace(graph, graph_def=made)


def thinned(output: NDArray[Any]) -> Floats:
    """Some of a map's positions; other outputs whole."""
    if output.ndim != 4:
        return np.asarray(output, np.float32)
    rows, columns = (max(1, side // _SIDE) for side in output.shape[1:3])
    return np.ascontiguousarray(output[:, ::rows, ::columns], np.float32)


def divergence(wanted: Floats, made: Floats, answers: Answers) -> float:
    """How far an answer is from the one that is wanted; 0 where they are equal."""
    if answers == "largest" and wanted.shape[-1] > 1:
        want, got = _log_softmax(wanted), _log_softmax(made)
        apart = float((np.exp(want) * (want - got)).sum(axis=-1).mean())
        # Of a map there are enough labels to count those that change, which is what shows.
        changed = float((wanted.argmax(-1) != made.argmax(-1)).mean()) if wanted.ndim == 4 else 0.0
        return apart + changed
    if answers == "chance":
        return float(sum(_of_chance(side * wanted, side * made) for side in (1, -1)))
    variance = float(wanted.var()) or 1.0
    return float(np.square(made - wanted).mean()) / variance


def _of_chance(wanted: Floats, made: Floats) -> float:
    """The part of the divergence of sigmoids that comes from one of both answers."""
    want, got = (-np.logaddexp(0, -logits) for logits in (wanted, made))
    return float((np.exp(want) * (want - got)).mean())


def _log_softmax(logits: Floats) -> Floats:
    moved = logits - logits.max(axis=-1, keepdims=True)
    return np.asarray(moved - np.log(np.exp(moved).sum(axis=-1, keepdims=True)))
