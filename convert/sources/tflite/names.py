"""Names for a file's tensors that TensorFlow takes as node names."""

import re
from collections import defaultdict

from convert.graph.graph import Graph
from convert.sources.tflite.model import Model

_LONGEST = 160


class Names:
    """Names that are taken; one that is free is the wanted one, with a number if need be."""

    def __init__(self) -> None:
        self._taken: set[str] = set()
        self._next: dict[str, int] = defaultdict(lambda: 1)

    def take(self, name: str) -> str:
        """A free name, taken from now on."""
        free = name
        while free in self._taken:
            free = f"{name}_{self._next[name]}"
            self._next[name] += 1
        self._taken.add(free)
        return free


def node_names(model: Model, names: Names) -> dict[int, str]:
    """Tensor index -> a name of its own: the ends first, then what operators make, then the rest.

    A converter that fuses nodes joins their names by semicolons; the first is taken.
    """
    wanted = {**model.inputs, **{i: n for i, n in model.outputs.items() if i not in model.inputs}}
    made = [index for operator in model.operators for index in operator.outputs if index >= 0]
    for index in (*made, *range(len(model.tensors))):
        wanted.setdefault(index, model.tensors[index].name)
    return {index: names.take(_cleaned(name)) for index, name in wanted.items()}


def real_node(name: str) -> str:
    """What the node is called that turns an input's bytes into the real values they stand for."""
    return f"{name}/real"


def real_input(graph: Graph, name: str) -> str:
    """The node at which an input's values are real: behind a picture's bytes, else itself."""
    behind = real_node(name)
    return behind if behind in graph.nodes else name


def _cleaned(name: str) -> str:
    first = name.split(";")[0].removesuffix(":0")[:_LONGEST]
    clean = re.sub(r"[^A-Za-z0-9_.\-/]", "_", first).lstrip("_/-").rstrip("/")
    return clean or "tensor"
