"""Convolutions: dense, grouped, depthwise, transposed."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from convert.graph.tensorflow import tensorflow
from convert.sources.onnx.node import Handlers, Inputs, Node, need
from convert.sources.onnx.value import MAP_RANK, Array, Tensor, Value, channels_last
from convert.sources.onnx.window import Window, padded, spatial, window


def _kernel(node: Node, inputs: Inputs) -> Array:
    """The kernel, [O, I / groups, H, W] (transposed: [I, O / groups, H, W])."""
    kernel = node.known(inputs, 1, "kernel")
    if kernel is None or kernel.ndim != MAP_RANK:
        raise node.refuse("only convolutions over height and width are read")
    return kernel


def _conv(node: Node, inputs: Inputs) -> Sequence[Value]:
    kernel, image = _kernel(node, inputs), channels_last(need(inputs, 0))
    high, wide = kernel.shape[2:]
    made = window(node, spatial(image), (high, wide))
    image, padding = padded(image, made)
    groups = node.attribute("group", 1)
    if groups == 1:
        result = _dense(image, kernel, made, padding)
    elif kernel.shape[1] == 1:
        _refuse_uneven(node, made)
        result = _depthwise(image, kernel, made, padding, groups)
    else:
        result = _grouped(image, kernel, made, padding, groups)
    return [Value(stored=_biased(node, inputs, result), last=True)]


def _refuse_uneven(node: Node, made: Window) -> None:
    """TensorFlow's depthwise kernels have one stride, and none beside dilations."""
    if made.strides[0] != made.strides[1]:
        raise node.refuse(f"its strides {made.strides} differ, and it is depthwise")
    if made.strides != (1, 1) and made.dilations != (1, 1):
        raise node.refuse("it is depthwise and has both strides and dilations")


def _dense(image: Tensor, kernel: Array, made: Window, padding: str) -> Tensor:
    return tensorflow().nn.conv2d(
        image, kernel.transpose(2, 3, 1, 0), made.strides, padding, dilations=made.dilations
    )


def _depthwise(image: Tensor, kernel: Array, made: Window, padding: str, groups: int) -> Tensor:
    """ONNX's channel c * multiplier + m is TensorFlow's."""
    filters = kernel.transpose(2, 3, 0, 1).reshape(*kernel.shape[2:], groups, -1)
    tf, strides = tensorflow(), [1, *made.strides, 1]
    if made.dilations != (1, 1) and None in made.size:
        # TensorFlow runs it as SpaceToBatchND pairs, whose padding hangs on the size.
        return tf.nn.depthwise_conv2d(image, filters, strides, padding, dilations=made.dilations)
    return tf.raw_ops.DepthwiseConv2dNative(
        input=image,
        filter=filters,
        strides=strides,
        padding=padding,
        dilations=[1, *made.dilations, 1],
    )


def _grouped(image: Tensor, kernel: Array, made: Window, padding: str, groups: int) -> Tensor:
    """One convolution per group: the targets have no grouped ones."""
    tf = tensorflow()
    parts = zip(tf.split(image, groups, axis=-1), np.split(kernel, groups), strict=True)
    return tf.concat([_dense(part, own, made, padding) for part, own in parts], axis=-1)


def _biased(node: Node, inputs: Inputs, result: Tensor) -> Tensor:
    bias = node.known(inputs, 2, "bias")
    return result if bias is None else tensorflow().nn.bias_add(result, bias)


def _conv_transpose(node: Node, inputs: Inputs) -> Sequence[Value]:
    """The whole transposed convolution, less its padding."""
    kernel, image = _kernel(node, inputs), channels_last(need(inputs, 0))
    kernel = _dilated(_ungrouped(kernel, node.attribute("group", 1)), node)
    high, wide = kernel.shape[2:]
    made = window(node, spatial(image), (high, wide))
    made = replace(made, dilations=(1, 1), same=False)
    extra = tuple(node.attribute("output_padding", (0, 0)))
    crops = _crops(node, made, extra)
    result = _transposed(image, kernel, made, extra, crops)
    return [Value(stored=_biased(node, inputs, result), last=True)]


def _ungrouped(kernel: Array, groups: int) -> Array:
    """A dense kernel [I, O, H, W] that holds each group's in its own block."""
    if groups == 1:
        return kernel
    rows, columns = kernel.shape[0] // groups, kernel.shape[1]
    dense = np.zeros((kernel.shape[0], columns * groups, *kernel.shape[2:]), kernel.dtype)
    for g in range(groups):
        own = slice(g * rows, (g + 1) * rows)
        dense[own, g * columns : (g + 1) * columns] = kernel[own]
    return dense


def _dilated(kernel: Array, node: Node) -> Array:
    """The kernel with zeros between its rows and columns."""
    down, across = node.attribute("dilations", (1, 1))
    high, wide = kernel.shape[2:]
    spread = np.zeros((*kernel.shape[:2], (high - 1) * down + 1, (wide - 1) * across + 1), "f4")
    spread[:, :, ::down, ::across] = kernel
    return spread


def _crops(node: Node, made: Window, extra: Sequence[int]) -> list[tuple[int, int]]:
    """What is cut off (before, after) the whole result on each axis."""
    wanted = node.attribute("output_shape", None)
    auto = node.attribute("auto_pad", "NOTSET")
    if wanted is None and auto in ("NOTSET", "VALID"):
        return list(made.padding)
    crops = []
    for axis, (size, extent, stride) in enumerate(
        zip(made.size, made.kernel, made.strides, strict=True)
    ):
        if size is None and wanted is not None:
            raise node.refuse("its output_shape is fixed and its map's size is free")
        whole = extent - stride + extra[axis]
        if wanted is not None and size is not None:
            whole = (size - 1) * stride + extent + extra[axis] - wanted[-2:][axis]
        half = whole // 2
        crops.append((half, whole - half) if auto == "SAME_UPPER" else (whole - half, half))
    return crops


def _transposed(
    image: Tensor,
    kernel: Array,
    made: Window,
    extra: Sequence[int],
    crops: Sequence[tuple[int, int]],
) -> Tensor:
    tf = tensorflow()
    filters = kernel.transpose(2, 3, 1, 0)
    lost = [before + after - more for (before, after), more in zip(crops, extra, strict=True)]
    # TensorFlow's SAME leaves size * stride; its own share of the crop comes first.
    spare = [max(k - s, 0) for k, s in zip(made.kernel, made.strides, strict=True)]
    even = [c[0] for c in crops] == [s // 2 for s in spare]
    if lost == spare and even and min(made.kernel) >= max(made.strides):
        shape = _output(image, made, filters.shape[2], same=True)
        return tf.nn.conv2d_transpose(image, filters, shape, made.strides, "SAME")
    shape = _output(image, made, filters.shape[2], same=False)
    whole = tf.nn.conv2d_transpose(image, filters, shape, made.strides, "VALID")
    net = [(before, after - more) for (before, after), more in zip(crops, extra, strict=True)]
    more = [(0, 0), *((0, max(-after, 0)) for _, after in net), (0, 0)]
    whole = tf.pad(whole, more) if any(map(any, more)) else whole
    return _cropped(whole, [(before, max(after, 0)) for before, after in net])


def _cropped(whole: Tensor, crops: Sequence[tuple[int, int]]) -> Tensor:
    if not any(map(any, crops)):
        return whole
    rows, columns = (slice(before, -after or None) for before, after in crops)
    return whole[:, rows, columns, :]


def _output(image: Tensor, made: Window, channels: int, *, same: bool) -> Any:
    """The shape of the result; of a free size, as nodes of the graph."""
    tf = tensorflow()
    known = image.shape.as_list()
    sizes = known[1:3] if None not in known[1:3] else [tf.shape(image)[1], tf.shape(image)[2]]
    axes = zip(sizes, made.strides, made.kernel, strict=True)
    return [known[0] or 1, *(n * s + (0 if same else k - s) for n, s, k in axes), channels]


HANDLERS: Handlers = {"Conv": _conv, "ConvTranspose": _conv_transpose}
