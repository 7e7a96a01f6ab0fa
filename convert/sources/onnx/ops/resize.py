"""Resize and Upsample, in the corner conventions that TensorFlow has; others by gathered rows."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from convert.graph.tensorflow import tensorflow
from convert.sources.onnx.node import Handlers, Inputs, Node, need
from convert.sources.onnx.value import MAP_RANK, Array, Tensor, Value, channels_last, plain
from convert.sources.onnx.window import spatial

_LINEAR = ("linear", "bilinear")


def _resize(node: Node, inputs: Inputs) -> Sequence[Value]:
    value = need(inputs, 0)
    if value.rank != MAP_RANK:
        raise node.refuse("only pictures and maps are resized")
    computed = node.given(inputs, 3)
    if computed is not None and computed.constant is None:
        image, size = channels_last(value), tensorflow().cast(computed.stored, "int32")[2:]
        return [Value(stored=_resized(node, image, size, (math.nan, math.nan)), last=True)]
    whole = _factors(node, inputs, value)
    # tf2onnx may resize what ONNX, too, has channels last.
    last = whole[1] == 1
    image = channels_last(value) if last else plain(value)
    factors = (whole[2], whole[3]) if last else (whole[1], whole[2])
    if whole[0] != 1 or whole[1 if last else 3] != 1:
        raise node.refuse(f"it resizes more than height and width: {whole}")
    size = _target(node, inputs, image, factors)
    return [Value(stored=_resized(node, image, size, factors), last=last)]


def _factors(node: Node, inputs: Inputs, value: Value) -> Sequence[float]:
    """How much larger each axis becomes; the target's size over the map's where that is given."""
    scales = node.known(inputs, 1 if node.op == "Upsample" or node.opset < 11 else 2, "scales")
    if scales is not None and scales.size:
        return [float(s) for s in scales]
    sizes = _sizes(node, inputs)
    if sizes is None:
        raise node.refuse("it has neither scales nor sizes")
    if node.attribute("axes", None) is not None or len(sizes) != MAP_RANK:
        raise node.refuse("it names the axes that it resizes")
    pairs = zip(sizes, value.shape, strict=True)
    return [1 if n == old else n / old if old else math.nan for n, old in pairs]


def _sizes(node: Node, inputs: Inputs) -> Array | None:
    return node.known(inputs, 3, "sizes") if node.opset >= 11 else None


def _resized(node: Node, image: Tensor, size: Any, factors: Sequence[float]) -> Tensor:
    mode = node.attribute("mode", "nearest")
    legacy = "asymmetric" if node.op == "Upsample" or node.opset < 11 else "half_pixel"
    corners = node.attribute("coordinate_transformation_mode", legacy)
    if node.attribute("antialias", 0):
        raise node.refuse("antialiased resizing is not known to the targets")
    if mode in _LINEAR:
        return _linear(node, image, size, corners)
    if mode == "nearest":
        return _nearest(node, image, size, factors, corners)
    raise node.refuse(f"mode {mode} is not read; linear and nearest are")


def _target(node: Node, inputs: Inputs, image: Tensor, factors: Sequence[float]) -> Any:
    """Height and width to resize to: numbers, or nodes where the map's size is free."""
    tf, sizes = tensorflow(), _sizes(node, inputs)
    if sizes is not None and sizes.size:
        return [int(n) for n in (sizes[2:] if sizes[1] == image.shape[-1] else sizes[1:3])]
    known = spatial(image)
    if None in known:
        free = tf.cast(tf.shape(image)[1:3], tf.float32) * np.array(factors, np.float32)
        return tf.cast(tf.floor(free), tf.int32)
    exact = [n * f for n, f in zip(known, factors, strict=True) if n is not None]
    if any(abs(n - round(n)) > 1e-3 for n in exact):
        raise node.refuse(f"its scales {tuple(factors)} do not give whole rows and columns")
    return [round(n) for n in exact]


def _linear(node: Node, image: Tensor, size: Any, corners: str) -> Tensor:
    known = ("half_pixel", "pytorch_half_pixel", "align_corners", "asymmetric")
    if corners not in known:
        raise node.refuse(f"coordinate_transformation_mode {corners} is not read")
    return tensorflow().raw_ops.ResizeBilinear(
        images=image,
        size=size,
        align_corners=corners == "align_corners",
        half_pixel_centers=corners.endswith("half_pixel"),
    )


def _nearest(
    node: Node, image: Tensor, size: Any, factors: Sequence[float], corners: str
) -> Tensor:
    tf = tensorflow()
    rounding = node.attribute("nearest_mode", "round_prefer_floor")
    rounding = "floor" if node.op == "Upsample" or node.opset < 11 else rounding
    repeats = all(float(f).is_integer() for f in factors) and corners != "align_corners"
    if (corners, rounding) == ("asymmetric", "floor") or (
        repeats and (corners, rounding) in _REPEATING
    ):
        return tf.raw_ops.ResizeNearestNeighbor(images=image, size=size)
    known = spatial(image)
    if None in known or not isinstance(size, list):
        raise node.refuse(f"nearest by {corners} and {rounding}, and the map's size is free")
    for axis, (old, new) in enumerate(zip(known, size, strict=True), 1):
        rows = _rows(node, int(old or 0), new, corners, rounding)
        image = tf.gather(image, rows, axis=axis)
    return image


_ROUNDED: Mapping[str, Callable[[Array], Array]] = {
    "floor": np.floor,
    "ceil": np.ceil,
    "round_prefer_floor": lambda places: np.asarray(np.ceil(places - 0.5)),
    "round_prefer_ceil": lambda places: np.asarray(np.floor(places + 0.5)),
}
_REPEATING = {
    ("asymmetric", "floor"),
    ("half_pixel", "round_prefer_floor"),
    ("half_pixel", "round_prefer_ceil"),
    ("pytorch_half_pixel", "round_prefer_floor"),
    ("pytorch_half_pixel", "round_prefer_ceil"),
    ("tf_half_pixel_for_nn", "floor"),
}
"""Conventions by which a whole factor repeats each row and column."""


def _rows(node: Node, old: int, new: int, corners: str, rounding: str) -> Array:
    """The row of the map that each row of the result is, as ONNX's Resize defines it."""
    x, factor = np.arange(new), new / old
    places = {
        "asymmetric": x / factor,
        "half_pixel": (x + 0.5) / factor - 0.5,
        "pytorch_half_pixel": (x + 0.5) / factor - 0.5 if new > 1 else x * 0.0,
        "tf_half_pixel_for_nn": (x + 0.5) / factor,
        "align_corners": x * ((old - 1) / max(new - 1, 1)),
    }
    if corners not in places or rounding not in _ROUNDED:
        raise node.refuse(f"nearest by {corners} and {rounding} is not read")
    rows: Array = np.clip(_ROUNDED[rounding](places[corners]), 0, old - 1).astype(np.int32)
    return rows


HANDLERS: Handlers = {"Resize": _resize, "Upsample": _resize}
