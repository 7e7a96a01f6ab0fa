"""Transposed convolutions, which enlarge. TFLite's kernels are [out, height, width, in]."""

import numpy as np
from numpy.typing import NDArray

from convert.sources.tflite.emit import Site
from convert.sources.tflite.network import Symbol
from convert.sources.tflite.operators.activations import activated
from convert.sources.tflite.operators.bias import biased
from convert.sources.tflite.operators.windows import PADDINGS

_CUSTOM_PADDINGS = {1: "SAME", 2: "VALID"}
"""TfLitePadding, which MediaPipe's custom options hold."""


def transpose_conv(site: Site) -> Symbol:
    """TRANSPOSE_CONV: inputs are the output's shape, the kernel, the map, and maybe a bias."""
    strides, padding = (site.options.strideH, site.options.strideW), PADDINGS[site.options.padding]
    sides = site.value(0)
    if sides is not None:
        _check_sides(site, [int(side) for side in sides], (1, 2), strides, padding)
    whole = _transposed(site, site.read(0), (1, 2), strides, padding)
    return activated(site, biased(site, whole, 3))


def _transposed(
    site: Site, sides: Symbol, numbers: tuple[int, int], strides: tuple[int, int], padding: str
) -> Symbol:
    """Of the kernel and the map, which are the inputs of these numbers."""
    kernel, x = numbers
    return site.add(
        "Conv2DBackpropInput",
        input_sizes=sides,
        filter=site.arranged(kernel, (1, 2, 0, 3)),
        out_backprop=site.read(x),
        strides=[1, *strides, 1],
        padding=padding,
    )


def _check_sides(
    site: Site,
    sides: list[int],
    numbers: tuple[int, int],
    strides: tuple[int, int],
    padding: str,
) -> None:
    """TensorFlow finds out no earlier than when it runs."""
    kernel, given = (site.shape(number, 4) for number in numbers)
    if len(sides) != 4:
        raise site.damaged(f"makes {sides}")
    for axis, stride in zip((1, 2), strides, strict=True):
        reached = _reached(sides[axis], kernel[axis], stride, padding)
        if given[axis] is not None and reached not in (None, given[axis]):
            raise site.damaged(f"makes {sides} of {given}")


def _reached(side: int, kernel: int | None, stride: int, padding: str) -> int | None:
    """How long a side the convolution that is transposed makes of one of the output's."""
    if kernel is None or stride < 1:
        return None
    return -(-(side if padding == "SAME" else side - kernel + 1) // stride)


def convolution_2d_transpose_bias(site: Site) -> Symbol:
    """MediaPipe's custom operator: inputs are the map, the kernel and the bias.

    Its options are a C struct of three 32-bit integers: padding, stride width, stride height.
    """
    raw = site.operator.custom_options
    if len(raw) < 12:
        raise site.damaged(f"has {len(raw)} bytes of options instead of 12")
    padding, width, height = (int(n) for n in np.frombuffer(raw[:12], "<i4"))
    if padding not in _CUSTOM_PADDINGS or min(width, height) < 1:
        raise site.damaged(f"has the padding {padding} and the strides {height}, {width}")
    given, kernel, made = site.shape(0, 4), site.shape(1, 4), site.made().shape
    if len(made) != 4 or made[1] is None or made[2] is None:
        raise site.unsupported("makes a map of free size")
    sides = [given[0] or 1, made[1], made[2], kernel[0] or 0]
    _check_sides(site, sides, (1, 0), (height, width), _CUSTOM_PADDINGS[padding])
    sizes = _sizes(site, sides)
    whole = _transposed(site, sizes, (1, 0), (height, width), _CUSTOM_PADDINGS[padding])
    return biased(site, whole)


def _sizes(site: Site, sides: list[int]) -> Symbol | NDArray[np.int32]:
    """The output's shape; its batch is the input's where that is free."""
    if site.shape(0)[0] is not None:
        return np.array(sides, np.int32)
    batch = site.add(
        "StridedSlice",
        input=site.add("Shape", input=site.read(0)),
        begin=[0],
        end=[1],
        strides=[1],
        shrink_axis_mask=1,
    )
    return site.add("Pack", values=[batch, *(np.int32(side) for side in sides[1:])])
