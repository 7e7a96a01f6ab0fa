"""Convolutions. TFLite's kernels are [out, height, width, in]."""

from convert.sources.tflite.emit import Site
from convert.sources.tflite.network import Symbol
from convert.sources.tflite.operators.activations import activated
from convert.sources.tflite.operators.bias import biased
from convert.sources.tflite.operators.windows import PADDINGS, pad_same


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
