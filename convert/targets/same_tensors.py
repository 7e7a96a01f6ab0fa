"""Which node of a core each tensor of an exported file is, by the values that they hold."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from convert.graph.graph import Graph
from convert.graph.run import function
from convert.graph.tensorflow import tensorflow

_TOLERANCE = 1e-4
"""Of a node's range from 0; runtimes sum in different orders."""

Prints = NDArray[np.float64]
"""[pictures, 5]: values, smallest, largest, mean, root of the mean square."""


def match(
    tensors: Mapping[str, list[NDArray[Any]]], nodes: Mapping[str, list[NDArray[Any]]]
) -> dict[str, str]:
    """The node of each tensor that has one; both give one array for each of the same pictures.

    The layout does not matter: compared are the count of values, the smallest, the largest, the
    mean and the mean square. Of several such nodes the one is taken whose name is in the
    tensor's, or else whose shape is the tensor's, or else the first.
    """
    seen = {name: (_print(arrays), arrays[0].shape) for name, arrays in nodes.items()}
    by_count: dict[int, list[str]] = {}
    for name, (prints, _) in seen.items():
        by_count.setdefault(int(prints[0, 0]), []).append(name)
    found = {}
    for tensor, arrays in tensors.items():
        prints = _print(arrays)
        near = [n for n in by_count.get(int(prints[0, 0]), ()) if _same(prints, seen[n][0])]
        if near:
            shape = arrays[0].shape
            found[tensor] = max(near, key=lambda n: (n in _names(tensor), seen[n][1] == shape))
    return found


def nodes_seen(core: Graph, inputs: Sequence[NDArray[np.float32]]) -> dict[str, list[NDArray[Any]]]:
    """What the core's float32 nodes, constants left out, hold on some inputs."""
    tf = tensorflow()
    names = [
        operation.name
        for operation in core.imported().get_operations()
        if operation.outputs and operation.outputs[0].dtype == tf.float32
        if operation.type != "Const"
    ]
    call = function(core, *names)
    runs = [call(array) for array in inputs]
    return {name: [run[place] for run in runs] for place, name in enumerate(names)}


def _print(arrays: Iterable[NDArray[Any]]) -> Prints:
    return np.array([_figures(np.asarray(array, np.float64)) for array in arrays])


def _figures(values: NDArray[np.float64]) -> tuple[float, ...]:
    if not values.size:
        return 0.0, 0.0, 0.0, 0.0, 0.0
    root = np.sqrt(np.square(values).mean())
    return values.size, values.min(), values.max(), values.mean(), root


def _same(tensor: Prints, node: Prints) -> bool:
    # From 0, for an output of one value has no range of its own.
    span = max(float(node[:, 2].max()), 0.0) - min(float(node[:, 1].min()), 0.0) or 1.0
    return bool((np.abs(tensor - node) <= _TOLERANCE * span).all())


def _names(tensor: str) -> list[str]:
    return [part.split(":")[0] for part in tensor.split(";")]
