"""Run a Graph by TensorFlow."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from convert.graph.expand_atrous import expand_atrous
from convert.graph.graph import Graph, node_name
from convert.graph.tensorflow import tensorflow

Function = Callable[..., list[NDArray[Any]]]


def function(graph: Graph, *fetches: str, threads: int = 0) -> Function:
    """A function from the graph's inputs, in order, to the fetched nodes (none: its outputs).

    Arrays have the graph's own dtypes and shapes; an input is fed even where it is no placeholder.
    `threads`: how many it computes with (0: one per core).
    """
    tf = tensorflow()
    needed = (*fetches, *graph.inputs, *graph.outputs)
    whole = replace(graph, outputs=tuple(dict.fromkeys(map(node_name, needed))))
    imported = expand_atrous(whole).imported()
    config = tf.compat.v1.ConfigProto(
        intra_op_parallelism_threads=threads, inter_op_parallelism_threads=threads
    )
    session = tf.compat.v1.Session(graph=imported, config=config)
    feeds = [_tensor(name) for name in graph.inputs]
    wanted = [_tensor(name) for name in fetches or graph.outputs]

    def call(*arrays: NDArray[Any]) -> list[NDArray[Any]]:
        result = session.run(wanted, dict(zip(feeds, arrays, strict=True)))
        return [np.asarray(array) for array in result]

    return call


def _tensor(name: str) -> str:
    return name if ":" in name else f"{name}:0"
