"""Other ends for the core: before an upsampling, which then becomes postprocessing."""

from collections.abc import Iterator

from convert.anatomy import Alternative, Back, Shape
from convert.graph.discover.core_end import Shapes
from convert.graph.discover.moves import described, resampling
from convert.graph.graph import Graph, NodeDef
from convert.preprocessing import Upsampling

_FLOAT32 = 4
"""Bytes."""


def find_alternatives(graph: Graph, back: Back, shapes: Shapes) -> tuple[Alternative, ...]:
    """An end before the last enlargement, if the core ends in one of a fixed size.

    `shapes` are the core's, of one picture. Two enlargements in a row are not one.
    """
    enlargements = [
        node
        for node in _resizes(graph, back.start)
        if shapes.get(node.name) != shapes.get(graph.node(node.input[0]).name)
    ]
    if not enlargements:
        return ()
    last = enlargements[0]
    upsampling = _upsampling(last, shapes)
    made = _alternative(graph, last, upsampling, back, shapes) if upsampling else None
    return (made,) if made else ()


def _resizes(graph: Graph, end: str) -> Iterator[NodeDef]:
    """The resizes that the core ends in, the last first."""
    node = graph.node(end)
    while node.op in ("Identity", "ResizeBilinear", "ResizeNearestNeighbor"):
        if node.op != "Identity":
            yield node
        node = graph.node(node.input[0])


def _upsampling(node: NodeDef, shapes: Shapes) -> Upsampling | None:
    shape, how = shapes.get(node.name), resampling(node)
    if shape is None or None in shape or how is None:
        return None
    return Upsampling.model_validate({"size": shape[1:3], "resampling": how})


def _alternative(
    graph: Graph, last: NodeDef, upsampling: Upsampling, back: Back, shapes: Shapes
) -> Alternative | None:
    source = _source(graph, last, shapes)
    small, large = _size(shapes.get(source)), _size(shapes.get(last.name))
    if not small or not large:
        return None
    height, width = upsampling.size
    says = (
        f"leaves the enlargement to {height}x{width} ({described(upsampling.resampling)}) to "
        f"postprocessing, for {small:,} bytes of output instead of {large:,}"
    )
    return Alternative(
        output=source,
        postprocessing=back.postprocessing.model_copy(update={"upsample": upsampling}),
        output_bytes=small,
        saved_bytes=large - small,
        says=says,
    )


def _source(graph: Graph, last: NodeDef, shapes: Shapes) -> str:
    """What the last enlargement reads, past resizes that change nothing."""
    node = graph.node(last.input[0])
    while node.op in ("Identity", "ResizeBilinear", "ResizeNearestNeighbor"):
        before = graph.node(node.input[0])
        if shapes.get(before.name) != shapes.get(node.name):
            break
        node = before
    name: str = node.name
    return name


def _size(shape: Shape | None) -> int | None:
    """Bytes of a float32 tensor."""
    total = _FLOAT32
    for length in shape or (None,):
        if length is None:
            return None
        total *= length
    return total
