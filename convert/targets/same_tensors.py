"""Which node of a core each tensor of an exported file is, by the values that they hold."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from convert.graph.graph import Graph
from convert.graph.run import function
from convert.graph.tensorflow import tensorflow
from convert.quantization import Range

_TOLERANCE = 1e-4
"""Of a node's range from 0; runtimes sum in different orders."""

_OF_ANOTHER = frozenset({"Const", "Identity"})
"""Nodes that nothing is decided of: a constant, and what only gives another its name, as at the
end of a core."""

Prints = NDArray[np.float64]
"""[pictures, 5]: values, smallest, largest, mean, root of the mean square."""


@dataclass(frozen=True, kw_only=True)
class Sight:
    """What is remembered of a tensor that was seen for some pictures; the values are not."""

    prints: Prints
    shape: tuple[int, ...]

    @property
    def reach(self) -> Range:
        """The smallest and the largest value."""
        return float(self.prints[:, 1].min()), float(self.prints[:, 2].max())


Sights = Mapping[str, Sight]


def sights(names: Iterable[str], runs: Iterable[Sequence[NDArray[Any]]]) -> dict[str, Sight]:
    """Of tensors, by what each picture's run gives of all of them; one run is held at a time."""
    named = tuple(names)
    prints: list[list[tuple[float, ...]]] = [[] for _ in named]
    shapes: list[tuple[int, ...]] = [()] * len(named)
    for run in runs:
        for place, array in enumerate(run):
            prints[place].append(_figures(np.asarray(array, np.float64)))
            shapes[place] = shapes[place] or np.shape(array)
    return {
        name: Sight(prints=np.array(prints[place]), shape=shapes[place])
        for place, name in enumerate(named)
    }


def match(tensors: Sights, nodes: Sights) -> dict[str, str]:
    """The node of each tensor that has one; both were seen for the same pictures.

    The layout does not matter: compared are the count of values, the smallest, the largest, the
    mean and the mean square. Of several such nodes the one is taken whose name is in the
    tensor's, or else whose shape is the tensor's, or else the first.
    """
    by_count: dict[int, list[str]] = {}
    for name, sight in nodes.items():
        by_count.setdefault(int(sight.prints[0, 0]), []).append(name)
    found = {}
    for tensor, own in tensors.items():
        alike = by_count.get(int(own.prints[0, 0]), ())
        near = [n for n in alike if _same(own.prints, nodes[n].prints)]
        if near:
            named, shape = _names(tensor), own.shape
            found[tensor] = max(near, key=lambda n: (n in named, nodes[n].shape == shape))
    return found


def nodes_seen(core: Graph, inputs: Iterable[NDArray[np.float32]]) -> dict[str, Sight]:
    """The float32 nodes of the core that compute something, on some inputs."""
    tf = tensorflow()
    names = [
        operation.name
        for operation in core.imported().get_operations()
        if operation.outputs and operation.outputs[0].dtype == tf.float32
        if operation.type not in _OF_ANOTHER
    ]
    return sights(names, map(function(core, *names), inputs))


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
