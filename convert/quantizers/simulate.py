"""The eight-bit network as TensorFlow computes it: rounding after everything that is stored."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from convert.graph.graph import Graph
from convert.graph.nodes import constant, node, renamed_inputs
from convert.graph.tensorflow import tensorflow
from convert.quantization import Range, nearest_codes
from convert.quantizers.layers import Layer

EIGHT = "/eight"
"""What the name of a rounded node ends with."""
_NOT_STORED = frozenset({"Const", "Identity", "Placeholder"})
LEVELS = 255


def stored(graph: Graph, found: tuple[Layer, ...]) -> tuple[str, ...]:
    """The float nodes whose values an integer file keeps in eight bits; the input comes first."""
    inner = frozenset[str]().union(*(layer.inner for layer in found))
    float32 = tensorflow().float32.as_datatype_enum
    live = descendants(graph) - inner
    nodes = (
        n.name
        for n in graph.graph_def.node
        if n.op not in _NOT_STORED and n.name in live and n.attr["T"].type == float32
    )
    return tuple(dict.fromkeys((*graph.inputs, *nodes)))


def nudged(range_: Range) -> tuple[float, int]:
    """Scale and zero point (0..255) of a range that is moved until 0 is one of its steps."""
    low, high = min(range_[0], 0.0), max(range_[1], 0.0)
    scale = max((high - low) / LEVELS, 1e-9)
    return scale, int(np.clip(np.rint(-low / scale), 0, LEVELS))


def simulated(graph: Graph, ranges: Mapping[str, Range]) -> Graph:
    """The graph with what the nodes of `ranges` give rounded to 256 steps.

    (FakeQuantWithMinMaxVars; Jacob et al. 2018.)
    """
    renamed = {name: name + EIGHT for name in ranges}
    nodes = []
    for n in graph.graph_def.node:
        nodes.append(renamed_inputs(n, renamed))
        if n.name in ranges:
            nodes.extend(_rounding(n.name, ranges[n.name]))
    outputs = tuple(renamed.get(name, name) for name in graph.outputs)
    made = tensorflow().compat.v1.GraphDef(
        node=nodes, versions=graph.graph_def.versions, library=graph.graph_def.library
    )
    return Graph(graph_def=made, inputs=graph.inputs, outputs=outputs)


def as_stored(picture: NDArray[np.float32], range_: Range) -> NDArray[np.float32]:
    """An input as an integer file is given it: rounded as `convert.runtimes` rounds."""
    scale, zero = nudged(range_)
    codes = np.clip(nearest_codes(picture, scale, zero), 0, LEVELS)
    return np.asarray((codes - zero) * scale, np.float32)


def end_names(name: str) -> tuple[str, str]:
    """The constants of a simulated graph that hold the ends of a node's range."""
    return f"{name}{EIGHT}/low", f"{name}{EIGHT}/high"


def ends_of(name: str, range_: Range) -> tuple[tuple[str, np.float32], ...]:
    """These constants with their values."""
    scale, zero = nudged(range_)
    values = np.float32(-zero * scale), np.float32((LEVELS - zero) * scale)
    return tuple(zip(end_names(name), values, strict=True))


def _rounding(name: str, range_: Range) -> list[object]:
    low, high = (
        constant(tensor.removesuffix(":0"), value) for tensor, value in ends_of(name, range_)
    )
    rounding = node(
        "FakeQuantWithMinMaxVars", name + EIGHT, name, low.name, high.name, num_bits=8,
        narrow_range=False,
    )  # fmt: skip
    return [low, high, rounding]


def descendants(graph: Graph) -> frozenset[str]:
    """The nodes that depend on the graph's inputs."""
    found: set[str] = set(graph.inputs)
    stack = list(graph.inputs)
    while stack:
        for reader in graph.consumers[stack.pop()]:
            if reader.name not in found:
                found.add(reader.name)
                stack.append(reader.name)
    return frozenset(found)
