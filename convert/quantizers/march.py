"""Walk a graph layer by layer over several pictures, each part of it computed once."""

from collections.abc import Mapping, Sequence
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

    def to(self, node: str, values: Mapping[str, NDArray[Any]]) -> Arrays:
        """Go on until `node` is computed and still to be read; what it gives, one a picture.

        `values` stand for constants, from here on.
        """
        self._passed.update({f"{name}:0": value for name, value in values.items()})
        self._place = max(self._place, self._places[node] + 1)
        wanted = self._frontier(self._place)
        self._held = [self._moved(held, wanted) for held in self._held]
        return [held[node] for held in self._held]

    def finish(self, values: Mapping[str, NDArray[Any]]) -> list[Arrays]:
        """Go to the end; the outputs, in the graph's order, of each picture."""
        self._passed.update({f"{name}:0": value for name, value in values.items()})
        outputs = list(self._graph.outputs)
        return [[moved[name] for name in outputs] for moved in
                (self._moved(held, outputs) for held in self._held)]  # fmt: skip

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
        feeds = {f"{name}:0": value for name, value in held.items()} | self._passed
        made = self._session.run([f"{name}:0" for name in missing], feeds)
        fresh = dict(zip(missing, made, strict=True))
        return {name: held[name] if name in held else fresh[name] for name in wanted}


def stepping_session(graph: Graph) -> Any:
    """A session that is run with other feeds each time."""
    tf = tensorflow()
    config = tf.compat.v1.ConfigProto()
    # Every step has its own feeds, and optimising the graph for each takes longer than the step.
    config.graph_options.rewrite_options.disable_meta_optimizer = True
    return tf.compat.v1.Session(graph=graph.imported(), config=config)
