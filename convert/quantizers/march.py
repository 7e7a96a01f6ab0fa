"""Walk a graph layer by layer over several pictures, each part of it computed once."""

from collections import Counter
from collections.abc import Mapping, Sequence
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from convert.graph.expand_atrous import expand_atrous
from convert.graph.graph import Graph, is_control, node_name
from convert.graph.tensorflow import tensorflow
from convert.quantizers.simulate import descendants

Arrays = list[NDArray[np.float32]]


class March:
    """The tensors that later nodes still read, for each picture, at one point of the graph.

    Memory: the widest cut through the graph times the number of pictures.
    """

    def __init__(self, graph: Graph, pictures: Sequence[NDArray[np.float32]]) -> None:
        self._graph = expand_atrous(graph.pruned())
        self._places = {name: place for place, name in enumerate(self._graph.nodes)}
        self._live = descendants(self._graph)
        self._session = stepping_session(self._graph)
        self._held: list[dict[str, NDArray[Any]]] = [{graph.inputs[0]: x} for x in pictures]
        self._passed: dict[str, NDArray[Any]] = {}
        self._place = 0
        self._last_read = self._last_readers()

    def to(self, node: str, values: Mapping[str, NDArray[Any]]) -> Arrays:
        """Go on until `node` is computed and still to be read; what it gives, one a picture.

        `values` stand for constants, from here on.
        """
        self._passed |= values
        self._place = max(self._place, self._places[node] + 1)
        wanted = self._frontier(self._place)
        self._held = [self._moved(held, wanted) for held in self._held]
        # Each thing fed takes time at every step, and what lies behind is not computed again.
        self._passed = {
            name: value
            for name, value in self._passed.items()
            if self._last_read.get(name, 0) >= self._place
        }
        return [held[node] for held in self._held]

    def finish(self, values: Mapping[str, NDArray[Any]]) -> list[Arrays]:
        """Go to the end; the outputs, in the graph's order, of each picture."""
        self._passed |= values
        outputs = list(self._graph.outputs)
        return [[moved[name] for name in outputs] for moved in
                (self._moved(held, outputs) for held in self._held)]  # fmt: skip

    def close(self) -> None:
        """Give back what the session holds: a program for each step that was made."""
        self._session.close()

    def _last_readers(self) -> dict[str, int]:
        """Constant -> the place of the last node that computes with it, also through others."""
        found: dict[str, int] = {}
        for node in self._graph.graph_def.node:
            stack = [node_name(r) for r in node.input] if node.name in self._live else []
            while stack:
                name = stack.pop()
                if name not in self._live:
                    found[name] = self._places[node.name]
                    stack.extend(node_name(r) for r in self._graph.node(name).input)
        return found

    def _frontier(self, place: int) -> list[str]:
        """What nodes before `place` give and nodes from there on read."""
        found: dict[str, None] = {}
        for later in list(self._graph.graph_def.node)[place:]:
            for name in (node_name(r) for r in later.input if not is_control(r)):
                if name in self._live and self._places[name] < place:
                    found[name] = None
        return list(found)

    def _moved(self, held: dict[str, NDArray[Any]], wanted: list[str]) -> dict[str, NDArray[Any]]:
        missing = [name for name in wanted if name not in held]
        if not missing:
            return {name: held[name] for name in wanted}
        feeds = {f"{name}:0": value for name, value in (held | self._passed).items()}
        made = self._session.run([f"{name}:0" for name in missing], feeds)
        fresh = dict(zip(missing, made, strict=True))
        return {name: held[name] if name in held else fresh[name] for name in wanted}


def widest(graph: Graph) -> int:
    """The most bytes that a March ever holds of one picture, if every tensor is float32.

    A side that is not known counts as 1.
    """
    whole = expand_atrous(graph.pruned())
    live, shapes = descendants(whole), whole.shapes()
    nodes = list(whole.graph_def.node)
    last: dict[str, int] = {}
    for place, reader in enumerate(nodes):
        last.update((node_name(name), place) for name in reader.input if not is_control(name))
    ends = Counter[int]()
    held = most = 0
    for place, made in enumerate(nodes):
        if made.name in live:
            size = 4 * prod(side or 1 for side in shapes[made.name] or ())
            held += size
            ends[last.get(made.name, place)] += size
        most = max(most, held)
        held -= ends.pop(place, 0)
    return most


def stepping_session(graph: Graph) -> Any:
    """A session that is run with other feeds each time."""
    tf = tensorflow()
    config = tf.compat.v1.ConfigProto()
    # Every step has its own feeds, and optimising the graph for each takes longer than the step.
    config.graph_options.rewrite_options.disable_meta_optimizer = True
    return tf.compat.v1.Session(graph=graph.imported(), config=config)
