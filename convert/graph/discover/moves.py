"""Links that change the picture's size: resizes, pads and crops."""

import numpy as np

from convert.graph.discover.arithmetic import reranks
from convert.graph.discover.chain import Link
from convert.graph.discover.reading import Effect, Move, Place
from convert.graph.discover.values import Values
from convert.graph.graph import NodeDef
from convert.preprocessing import Resampling

_CLOSE = 0.01
"""Of a pixel value."""


def resizes(place: Place, link: Link, values: Values) -> Effect | None:
    """ResizeBilinear, ResizeNearestNeighbor and what a recipe cannot express."""
    how = resampling(link.node)
    says = f"resizes ({described(how) if how else link.node.op}) {_to(place, link, values)}"
    missing = None if how else f"{link.node.op}: a recipe resizes bilinearly or by nearest only"
    move = Move(kind="resize", link=link, resampling=how)
    return Effect(values=values, says=says, move=move, missing=missing)


def resampling(node: NodeDef) -> Resampling | None:
    """How a resize node changes sizes; None where a recipe cannot say it."""
    op, attr = node.op, node.attr
    if op == "ScaleAndTranslate" and attr["kernel_type"].s == b"triangle":
        return Resampling(antialias=attr["antialias"].b)
    method = {"ResizeBilinear": "bilinear", "ResizeNearestNeighbor": "nearest"}.get(op)
    if method is None:
        return None
    half = "half_pixel" if attr["half_pixel_centers"].b else "legacy"
    corners = "align" if attr["align_corners"].b else half
    return Resampling.model_validate({"method": method, "corners": corners})


def described(how: Resampling) -> str:
    """In words."""
    corners = {"align": "corners aligned", "half_pixel": "half-pixel centers", "legacy": "legacy"}
    return f"{how.method}, {corners[how.corners]}{', antialiased' if how.antialias else ''}"


def _to(place: Place, link: Link, values: Values) -> str:
    """The size that a link leads to, where it is one."""
    shapes = place.shapes.values()
    sizes = {values.spatial(shape[link.node.name]) for shape in shapes}
    height, width = sizes.pop()
    return "to a size that depends on the picture's" if sizes else f"to {height}x{width}"


def crops_and_resizes(place: Place, link: Link, values: Values) -> Effect | None:
    """CropAndResize of the whole picture, which is a resize with aligned corners."""
    boxes, which = place.operand(link, 1), place.operand(link, 2)
    if boxes is None or which is None or boxes.tolist() != [[0, 0, 1, 1]] or which.any():
        return None
    if link.node.attr["method"].s not in (b"", b"bilinear"):
        return None
    how = Resampling(corners="align")
    says = f"resizes ({described(how)}) {_to(place, link, values)}"
    return Effect(values=values, says=says, move=Move(kind="resize", link=link, resampling=how))


def pads(place: Place, link: Link, values: Values) -> Effect | None:
    """Pad and PadV2 by amounts that the picture's size decides; others are the network's."""
    if place.operand(link, 1) is not None:
        return None
    fill = place.operand(link, 2) if link.node.op == "PadV2" else np.float32(0)
    if fill is None or not place.changes_size(link, values, values):
        return None if fill is None else Effect(values=values)
    pixels = values.pixels(float(fill))
    agree = max(pixels) - min(pixels) < _CLOSE and -_CLOSE < pixels[0] < 255 + _CLOSE
    shown = f"{pixels[0]:g}" if agree else f"({', '.join(f'{p:g}' for p in pixels)})"
    says = f"pads {_to(place, link, values)} with {float(fill):g}, which is {shown} in pixels"
    missing = None if agree else f"pads with {shown}: a recipe pads with one value of 0..255"
    move = Move(kind="pad", link=link, pad=min(max(pixels[0], 0), 255))
    return Effect(values=values, says=says, move=move, missing=missing)


def slices(place: Place, link: Link, values: Values) -> Effect | None:
    """Slice and StridedSlice: a new axis, reversed channels, or a crop."""
    reranked = reranks(place, link, values)
    if reranked and reranked.values.axes != values.axes:
        return reranked
    if len(place.shape(link.source)) != len(place.shape(link.node.name)):
        return None
    if place.changes_size(link, values, values):
        says = f"crops {_to(place, link, values)}"
        return Effect(values=values, says=says, move=Move(kind="crop", link=link))
    return _reversed(place, link, values)


def _reversed(place: Place, link: Link, values: Values) -> Effect | None:
    strides = place.operand(link, 3) if link.node.op == "StridedSlice" else None
    if strides is None:
        # Nothing is cut off any picture that was tried: it is there for larger ones.
        return Effect(values=values) if link.node.op == "Slice" else None
    turned = [i for i, stride in enumerate(strides) if stride == -1]
    if link.node.attr["ellipsis_mask"].i:
        turned = [i - len(strides) + len(values.axes) for i in turned]
    if not turned:
        return Effect(values=values)
    if turned != [values.axes.index("C")]:
        return None
    made = values.permuted((2, 1, 0))
    says = f"puts the channels into the order {made.channels}"
    return Effect(values=made, says=says)
