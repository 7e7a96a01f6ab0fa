"""Which tensors of a written file are which nodes of the core, by what they hold."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from convert.graph.graph import Graph
from convert.graph.run import function
from convert.graph.tensorflow import tensorflow

_TOLERANCE = 1e-4
"""Of a tensor's range: runtimes add up in different orders."""

Held = Mapping[str, list[NDArray[Any]]]


def match(tensors: Held, nodes: Held) -> dict[str, str]:
    """Tensor -> the node that holds the same numbers on the same inputs, in whatever layout.

    A node of the tensor's own name comes first. What no node holds is left out.
    """
    prints = {name: _fingerprint(arrays) for name, arrays in nodes.items()}
    sizes: dict[int, list[str]] = defaultdict(list)
    for name, arrays in nodes.items():
        sizes[arrays[0].size].append(name)
    found = {}
    for tensor, arrays in tensors.items():
        own = tensor.removesuffix(":0")
        candidates = sorted(sizes[arrays[0].size], key=lambda name: name != own)
        one = _first(_fingerprint(arrays), candidates, prints)
        if one is not None:
            found[tensor] = one
    return found


def nodes_seen(core: Graph, inputs: Sequence[NDArray[np.float32]]) -> Held:
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


def _fingerprint(arrays: Sequence[NDArray[Any]]) -> NDArray[np.float64]:
    """Minimum, maximum, mean and root of the mean square of each array."""
    wide = [array.astype(np.float64) for array in arrays]
    return np.array([[a.min(), a.max(), a.mean(), np.sqrt(np.mean(a * a))] for a in wide])


def _first(
    wanted: NDArray[np.float64],
    candidates: Sequence[str],
    prints: Mapping[str, NDArray[np.float64]],
) -> str | None:
    room = _TOLERANCE * np.maximum(np.ptp(wanted[:, :2], axis=1), 1e-6)[:, None]
    same = (name for name in candidates if np.all(np.abs(prints[name] - wanted) <= room))
    return next(same, None)
