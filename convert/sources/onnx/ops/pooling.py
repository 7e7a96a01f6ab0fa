"""Pools: windows of maxima and means, and means over whole maps."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import numpy as np

from convert.graph.tensorflow import tensorflow
from convert.sources.onnx.node import Handlers, Inputs, Node, need
from convert.sources.onnx.value import MAP_RANK, Array, Tensor, Value, channels_last
from convert.sources.onnx.window import Pair, Window, padded, spatial, window

_NEVER_NEGATIVE = frozenset({"Relu", "Relu6", "Sigmoid", "Softmax", "Abs"})


def _window(node: Node, image: Tensor) -> Window:
    """The window, padded after its end where `ceil_mode` lets it stand out."""
    high, wide = node.attribute("kernel_shape", ())
    made = window(node, spatial(image), (high, wide))
    if made.dilations != (1, 1):
        raise node.refuse("a dilated pool is not read")
    if not node.attribute("ceil_mode", 0):
        return made
    axes = zip(made.size, made.extent, made.strides, made.padding, strict=True)
    first, second = (_ceiled(node, *axis) for axis in axes)
    return replace(made, padding=(first, second))


def _ceiled(node: Node, size: int | None, extent: int, stride: int, padding: Pair) -> Pair:
    """The padding with which the last window that begins on the map is whole."""
    if size is None:
        raise node.refuse("it has ceil_mode and the map's size is free")
    before, after = padding
    windows = -(-(size + before + after - extent) // stride) + 1
    if (windows - 1) * stride >= size + before:
        windows -= 1
    return before, max((windows - 1) * stride + extent - size - before, 0)


def _max_pool(node: Node, inputs: Inputs) -> Sequence[Value]:
    if len(node.proto.output) > 1 and node.proto.output[1]:
        raise node.refuse("the places of the maxima are asked for")
    image = channels_last(need(inputs, 0))
    made = _window(node, image)
    # Zeros pad what is never negative: the lowest number would widen the range for eight bits.
    lowest = 0.0 if image.op.type in _NEVER_NEGATIVE else float(np.finfo(np.float32).min)
    image, padding = padded(image, made, lowest)
    pooled = tensorflow().nn.max_pool2d(image, made.kernel, made.strides, padding)
    return [Value(stored=pooled, last=True)]


def _average_pool(node: Node, inputs: Inputs) -> Sequence[Value]:
    """Padding counts only with `count_include_pad`, and what `ceil_mode` adds never."""
    tf = tensorflow()
    image = channels_last(need(inputs, 0))
    made = _window(node, image)
    plain = window(node, spatial(image), made.kernel)
    include = bool(node.attribute("count_include_pad", 0))
    if made.name and (made.name == "VALID" or not include):
        pooled = tf.nn.avg_pool2d(image, made.kernel, made.strides, made.name)
        return [Value(stored=pooled, last=True)]
    whole = tf.pad(image, [(0, 0), *made.padding, (0, 0)])
    means = tf.nn.avg_pool2d(whole, made.kernel, made.strides, "VALID")
    counted = _counted(node, made, plain if include else None)
    return [Value(stored=means if counted is None else means * counted, last=True)]


def _counted(node: Node, made: Window, include: Window | None) -> Array | None:
    """Elements of a whole window for each that counts, [1, H, W, 1]; None where all do."""
    if include is not None and include.padding == made.padding:
        return None
    if None in made.size:
        raise node.refuse("its padding does not count and the map's size is free")
    amounts = [(0, 0), *made.padding, (0, 0)]
    ones = np.ones((1, *(n or 0 for n in made.size), 1), np.float32)
    if include is not None:
        own = [(0, 0), *include.padding, (0, 0)]
        ones = np.pad(ones, own, constant_values=1)
        amounts = [(0, a[1] - o[1]) for a, o in zip(amounts, own, strict=True)]
    return _inverse_means(np.pad(ones, amounts), made)


def _inverse_means(counts: Array, made: Window) -> Array:
    """One over the mean of each window of [1, H, W, 1]."""
    windows = np.lib.stride_tricks.sliding_window_view(counts[0, :, :, 0], made.kernel)
    down, across = made.strides
    means = windows[::down, ::across].mean((-2, -1))
    return np.asarray(1 / means[np.newaxis, :, :, np.newaxis], np.float32)


def _global(function: str, node: Node, inputs: Inputs) -> Sequence[Value]:
    """Over height and width, which stay as axes of length 1."""
    value = need(inputs, 0)
    if value.rank != MAP_RANK:
        raise node.refuse("only pools over height and width are read")
    reduce = getattr(tensorflow(), function)
    return [Value(stored=reduce(channels_last(value), [1, 2], keepdims=True), last=True)]


HANDLERS: Handlers = {
    "AveragePool": _average_pool,
    "GlobalAveragePool": partial(_global, "reduce_mean"),
    "GlobalMaxPool": partial(_global, "reduce_max"),
    "MaxPool": _max_pool,
}
