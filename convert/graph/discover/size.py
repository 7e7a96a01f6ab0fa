"""A size for networks that take any: the commonest that goes through."""

from collections.abc import Sequence

from convert.anatomy import Shape
from convert.errors import UnsupportedError
from convert.graph.cut import cut
from convert.graph.discover.flow import Flow
from convert.graph.discover.probe import Probe, noise
from convert.graph.graph import Graph
from convert.preprocessing import Size
from convert.vocabulary import Layout

_STEPS = (1, 2, 4, 8, 16, 32, 64)
_SMALL = 64
_COMMON = (224, 256, 299, 192, 320, 513, 128, 160, 96, 64, 32)


def guess_size(flow: Flow, start: str, layout: Layout, first: tuple[int, ...] = ()) -> Size:
    """The first common square that the graph's last weights can be reached with.

    Those of `first` are tried before the others.
    """
    last = [node.name for node in flow.graph.graph_def.node if node.name in flow.weighted][-1]
    for side in (*first, *_COMMON):
        shape = batch_of((side, side), layout)
        core = core_of(flow.graph, start, last, shape)
        if core is not None and core_shapes(core, start) is not None:
            return side, side
    return _COMMON[0], _COMMON[0]


def needed_step(probe: Probe, output: str) -> int | None:
    """What the sides must be a multiple of for the output to get the picture's size; None: unclear.

    The graph is run on small pictures of several sizes.
    """
    for step in _STEPS:
        side = _SMALL + step
        arrays = probe.run(noise((side, side)), [output])
        if arrays is not None and side in arrays[0].shape[1:]:
            return step
    return None


def batch_of(size: Size, layout: Layout) -> tuple[int, ...]:
    """The shape of one picture of a size."""
    return (1, 3, *size) if layout == "NCHW" else (1, *size, 3)


def core_of(graph: Graph, start: str, end: str, shape: tuple[int, ...]) -> Graph | None:
    """The graph between two nodes; None where it cannot be cut there."""
    return core_between(graph, start, (end,), shape)


def core_between(
    graph: Graph, start: str, ends: Sequence[str], shape: tuple[int, ...]
) -> Graph | None:
    """The graph from a node to several; None where it cannot be cut there."""
    named = {f"{_OUTPUT}_{i}" if i else _OUTPUT: end for i, end in enumerate(ends)}
    try:
        return cut(graph, start=start, ends=named, shape=shape, input_name=_INPUT)
    except UnsupportedError:
        return None


def core_shapes(core: Graph, start: str) -> dict[str, Shape | None] | None:
    """Static shapes in a core, its input's also under `start`; None where it cannot be built."""
    try:
        found = dict(core.shapes())
    except UnsupportedError:
        return None
    return {**found, start: found[_INPUT]}


_INPUT, _OUTPUT = "core/input", "core/output"
