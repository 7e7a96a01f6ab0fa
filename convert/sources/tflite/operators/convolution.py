"""Convolutions, and the products of matrices. TFLite's kernels are [out, height, width, in]."""

import numpy as np
from numpy.typing import NDArray

from convert.sources.tflite.emit import Shape, Site, Symbol
from convert.sources.tflite.operators.activations import activated
from convert.sources.tflite.operators.windows import PADDINGS, pad_same

_PLAIN_WEIGHTS = 0
_CUSTOM_PADDINGS = {1: "SAME", 2: "VALID"}
"""TfLitePadding, which MediaPipe's custom options hold."""


def conv_2d(site: Site) -> Symbol:
    """CONV_2D, of one group or several (as many as the kernel's depth goes into the input's)."""
    options = site.options
    x, kernel = site.read(0), site.arranged(1, (1, 2, 3, 0))
    groups = _groups(site)
    xs = [x] if groups == 1 else _split(site, groups, x)
    kernels = [kernel] if groups == 1 else _split(site, groups, kernel)
    parts = [
        site.add(
            "Conv2D",
            input=part,
            filter=own,
            strides=[1, options.strideH, options.strideW, 1],
            dilations=[1, options.dilationHFactor, options.dilationWFactor, 1],
            padding=PADDINGS[options.padding],
        )
        for part, own in zip(xs, kernels, strict=True)
    ]
    whole = parts[0] if groups == 1 else site.add("ConcatV2", values=parts, axis=3)
    return activated(site, biased(site, whole))


def _groups(site: Site) -> int:
    given, wanted, made = site.shape(0, 4)[3], site.shape(1, 4)[3], site.shape(1, 4)[0]
    if not given or not wanted or not made or given % wanted or made % (given // wanted):
        raise site.damaged(f"has {given} channels and a kernel {site.shape(1)}")
    return given // wanted


def _split(site: Site, groups: int, whole: Symbol) -> list[Symbol]:
    parts: list[Symbol] = site.add("Split", axis=3, value=whole, num_split=groups)
    return parts


def depthwise_conv_2d(site: Site) -> Symbol:
    """DEPTHWISE_CONV_2D; the kernel is [1, height, width, in * multiplier]."""
    options = site.options
    x, strides = site.read(0), (options.strideH, options.strideW)
    rates = options.dilationHFactor, options.dilationWFactor
    kernel = _depthwise_kernel(site)
    padding = PADDINGS[options.padding]
    if strides[0] == strides[1] and (max(strides) == 1 or max(rates) == 1):
        whole = _depthwise(site, x, kernel, strides, rates, padding)
    else:  # TensorFlow's own kernel has one stride, and none beside dilations
        x = pad_same(site, x, site.shape(1, 4)[1:3], strides, rates) if padding == "SAME" else x
        whole = _strided(site, _depthwise(site, x, kernel, (1, 1), rates, "VALID"), strides)
    return activated(site, biased(site, whole))


def _depthwise(
    site: Site,
    x: Symbol,
    kernel: Symbol,
    strides: tuple[int, int],
    rates: tuple[int, int],
    padding: str,
) -> Symbol:
    return site.add(
        "DepthwiseConv2dNative",
        input=x,
        filter=kernel,
        strides=[1, *strides, 1],
        dilations=[1, *rates, 1],
        padding=padding,
    )


def _strided(site: Site, x: Symbol, strides: tuple[int, int]) -> Symbol:
    """Every so many rows and columns."""
    return site.add(
        "StridedSlice",
        input=x,
        begin=[0] * 4,
        end=[0] * 4,
        strides=[1, *strides, 1],
        begin_mask=0b1111,
        end_mask=0b1111,
    )


def _depthwise_kernel(site: Site) -> Symbol:
    """[height, width, in, multiplier]."""
    one, height, width, made = site.shape(1, 4)
    given = site.shape(0, 4)[3]
    if one != 1 or not given or not made or made % given:
        raise site.damaged(f"has {given} channels and a kernel {site.shape(1)}")
    if height is None or width is None:
        raise site.unsupported("has a kernel of free size")
    return site.arranged(1, (0, 1, 2, 3), (height, width, given, made // given))


def biased(site: Site, x: Symbol, number: int = 2) -> Symbol:
    """With the bias that is the operator's input of that number, if it has one."""
    if not site.has(number):
        return x
    bias = site.read(number)
    if bias.dtype.is_integer:
        scale = _bias_scale(site)
        value = np.asarray(site.fixed(number), np.float64) * scale
        bias = site.constant(value.astype(np.float32), f"{site.name}/bias")
    return site.add("BiasAdd", value=x, bias=bias)


def _bias_scale(site: Site) -> NDArray[np.float64]:
    """A bias without scales of its own has the input's times the kernel's."""
    steps = [site.tensor(number).steps for number in (0, 1)]
    if steps[0] is None or steps[1] is None:
        raise site.damaged("has an integer bias without a scale")
    return steps[0].scale.astype(np.float64) * steps[1].scale.astype(np.float64)


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


def fully_connected(site: Site) -> Symbol:
    """FULLY_CONNECTED; the weights are [out, in]. One that keeps four dimensions is a 1x1 conv."""
    if site.options.weightsFormat != _PLAIN_WEIGHTS:
        raise site.unsupported("has shuffled weights")
    made, given = site.shape(1, 2)
    if made is None or given is None:
        raise site.unsupported("has weights of free size")
    if site.options.keepNumDims and len(site.shape(0)) == 4:
        return activated(site, biased(site, _pointwise(site, given, made)))
    x = site.read(0)
    if site.shape(0) != (x.shape[0], given):
        x = site.add("Reshape", tensor=x, shape=[-1, given])
    whole = biased(site, site.add("MatMul", a=x, b=site.arranged(1, (1, 0))))
    if site.options.keepNumDims and len(site.shape(0)) != 2:
        whole = site.add("Reshape", tensor=whole, shape=_kept(site.shape(0), made))
    return activated(site, whole)


def _pointwise(site: Site, given: int, made: int) -> Symbol:
    kernel = site.arranged(1, (1, 0), (1, 1, given, made))
    return site.add("Conv2D", input=site.read(0), filter=kernel, strides=[1] * 4, padding="VALID")


def _kept(shape: Shape, made: int) -> list[int]:
    """The input's shape with other channels; one free dimension may be left to Reshape."""
    return [*(-1 if side is None else side for side in shape[:-1]), made]


def batch_matmul(site: Site) -> Symbol:
    """BATCH_MATMUL."""
    return site.add(
        "BatchMatMulV2",
        x=site.read(0),
        y=site.read(1),
        adj_x=bool(site.options.adjX),
        adj_y=bool(site.options.adjY),
    )
