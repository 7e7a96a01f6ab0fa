"""Try ranges in the whole network: how far its answers move from the float network's."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from convert.graph.expand_atrous import expand_atrous
from convert.graph.graph import Graph
from convert.graph.nodes import float_attributes, node, placeholder
from convert.graph.run import function
from convert.graph.tensorflow import tensorflow
from convert.quantization import Range
from convert.quantizers.answers import Answers, apart, thinned
from convert.quantizers.simulate import as_stored, end_names, ends_of, simulated

Floats = NDArray[np.float32]
_RANGES, _UNPACKED = "ranges", "ranges/unpacked"


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
        self._outputs = eight.outputs
        self._fetches = [f"{name}:0" for name in eight.outputs]
        self._input = f"{graph.inputs[0]}:0"
        self._answers: Answers = answers
        self._given = [as_stored(picture, ranges[graph.inputs[0]]) for picture in pictures]
        call = function(graph)
        self._wanted = [[thinned(out) for out in call(picture)] for picture in pictures]

    def cost(self, ranges: Mapping[str, Range]) -> float:
        """How far the answers are from the float network's on average: see `apart`."""
        ends = [value for name in self._names for _, value in ends_of(name, ranges[name])]
        feeds = {f"{_RANGES}:0": np.array(ends, np.float32)}
        total = 0.0
        for given, wanted in zip(self._given, self._wanted, strict=True):
            made = self._session.run(self._fetches, {self._input: given, **feeds})
            total += apart(self._outputs, wanted, [thinned(out) for out in made], self._answers)
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
