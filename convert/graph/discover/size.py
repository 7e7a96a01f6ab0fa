"""A size for networks that take any: the commonest that goes through."""

from convert.anatomy import Shape
from convert.errors import UnsupportedError
from convert.graph.cut import cut
from convert.graph.discover.flow import Flow
from convert.graph.graph import Graph
from convert.preprocessing import Size
from convert.vocabulary import Layout

_COMMON = (224, 256, 299, 192, 320, 513, 128, 160, 96, 64, 32)


def guess_size(flow: Flow, start: str, layout: Layout) -> Size:
    """The first common square that the graph's last weights can be reached with."""
    last = [node.name for node in flow.graph.graph_def.node if node.name in flow.weighted][-1]
    for side in _COMMON:
        shape = batch_of((side, side), layout)
        core = core_of(flow.graph, start, last, shape)
        if core is not None and core_shapes(core, start) is not None:
            return side, side
    return _COMMON[0], _COMMON[0]


def batch_of(size: Size, layout: Layout) -> tuple[int, ...]:
    """The shape of one picture of a size."""
    return (1, 3, *size) if layout == "NCHW" else (1, *size, 3)


def core_of(graph: Graph, start: str, end: str, shape: tuple[int, ...]) -> Graph | None:
    """The graph between two nodes; None where it cannot be cut there."""
    try:
        return cut(graph, start=start, ends={_OUTPUT: end}, shape=shape, input_name=_INPUT)
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
