"""What looks through a window at a map, and what makes maps larger, smaller or other."""

from itertools import product

import numpy as np
import pytest

from .proof import F32, I32, proves


@proves("CONV_2D")
@pytest.mark.parametrize(
    ("padding", "strides", "rates", "fused"),
    [
        *((p, s, (1, 1), 0) for p, s in product((0, 1), ((1, 1), (2, 2), (1, 2), (3, 2)))),
        *((p, (1, 1), r, 0) for p, r in product((0, 1), ((2, 2), (1, 3)))),
        *((0, (2, 2), (1, 1), fused) for fused in range(4)),
    ],
)
def test_convolutions(tools, normal, padding, strides, rates, fused):
    options = tools.options(
        "Conv2D",
        padding=padding,
        strideH=strides[0],
        strideW=strides[1],
        dilationHFactor=rates[0],
        dilationWFactor=rates[1],
        fusedActivationFunction=fused,
    )
    image, kernel = normal(2, 11, 8, 3), normal(5, 3, 2, 3)
    tools.prove("CONV_2D", tools.fed(image), kernel, normal(5), options=options)


def test_a_convolution_in_groups(tools, normal):
    options = tools.options("Conv2D", strideH=1, strideW=1)
    image, kernel = tools.fed(normal(1, 5, 7, 4)), normal(6, 3, 3, 2)
    tools.prove("CONV_2D", image, kernel, normal(6), options=options)


@proves("DEPTHWISE_CONV_2D")
@pytest.mark.parametrize(
    ("padding", "strides", "rates", "multiplier"),
    [
        *(
            (p, s, (1, 1), m)
            for p, s, m in product((0, 1), ((1, 1), (2, 2), (1, 2), (3, 2)), (1, 3))
        ),
        *((p, (1, 1), r, 1) for p, r in product((0, 1), ((2, 2), (1, 3)))),
        (0, (2, 2), (2, 2), 2),
        (1, (2, 2), (2, 2), 1),
    ],
)
def test_depthwise_convolutions(tools, normal, padding, strides, rates, multiplier):
    options = tools.options(
        "DepthwiseConv2D",
        padding=padding,
        strideH=strides[0],
        strideW=strides[1],
        depthMultiplier=multiplier,
        dilationHFactor=rates[0],
        dilationWFactor=rates[1],
        fusedActivationFunction=3,
    )
    kernel, bias = normal(1, 3, 2, 3 * multiplier), normal(3 * multiplier)
    image = tools.fed(normal(2, 11, 9, 3))
    tools.prove("DEPTHWISE_CONV_2D", image, kernel, bias, options=options, version=2)


@proves("TRANSPOSE_CONV")
@pytest.mark.parametrize(
    ("padding", "kernel", "stride", "bias"),
    [(p, k, s, b) for p, (k, s), b in product((0, 1), ((3, 2), (2, 2), (4, 3)), (False, True))],
)
def test_transposed_convolutions(tools, normal, padding, kernel, stride, bias):
    sides = [n * stride if padding == 0 else (n - 1) * stride + kernel for n in (5, 4)]
    shape = np.array([1, *sides, 3], I32)
    options = tools.options("TransposeConv", padding=padding, strideH=stride, strideW=stride)
    inputs = [shape, normal(3, kernel, kernel, 2), tools.fed(normal(1, 5, 4, 2))]
    more = [normal(3)] if bias else []
    tools.prove("TRANSPOSE_CONV", *inputs, *more, options=options, version=3 if bias else 1)


@proves("Convolution2DTransposeBias")
@pytest.mark.parametrize("kernel", [(2, 2), (3, 3), (3, 2)])
@pytest.mark.parametrize("padding", [1, 2])
@pytest.mark.parametrize("strides", [(2, 2), (1, 1), (1, 2)])
def test_mediapipe_s_transposed_convolution(tools, normal, kernel, padding, strides):
    custom = np.array([padding, strides[1], strides[0]], "<i4").tobytes()
    inputs = tools.fed(normal(1, 6, 5, 4)), normal(2, *kernel, 4), normal(2)
    sides = zip((6, 5), kernel, strides, strict=True)
    grown = [n * s if padding == 1 else (n - 1) * s + k for n, k, s in sides]
    made = [(F32, None, (1, *grown, 2))]
    tools.prove("Convolution2DTransposeBias", *inputs, custom=custom, made=made)


@proves("MAX_POOL_2D", "AVERAGE_POOL_2D", "L2_POOL_2D")
@pytest.mark.parametrize("kind", ["MAX_POOL_2D", "AVERAGE_POOL_2D", "L2_POOL_2D"])
@pytest.mark.parametrize("padding", [0, 1])
@pytest.mark.parametrize(
    ("window", "strides"), [((2, 2), (2, 2)), ((3, 2), (1, 2)), ((7, 5), (7, 5))]
)
@pytest.mark.parametrize("fused", [0, 1])
def test_pools(tools, normal, kind, padding, window, strides, fused):
    options = tools.options(
        "Pool2D",
        padding=padding,
        filterHeight=window[0],
        filterWidth=window[1],
        strideH=strides[0],
        strideW=strides[1],
        fusedActivationFunction=fused,
    )
    tools.prove(kind, tools.fed(normal(2, 7, 5, 3)), options=options)


@proves("PAD", "PADV2", "MIRROR_PAD")
def test_paddings(tools, normal):
    pads = np.array([[0, 0], [1, 2], [3, 0], [0, 1]], I32)
    image = tools.fed(normal(2, 4, 5, 3))
    tools.prove("PAD", image, pads)
    tools.prove("PADV2", image, pads, F32(-3))
    for mode in (0, 1):
        tools.prove("MIRROR_PAD", image, pads, options=tools.options("MirrorPad", mode=mode))


@proves("RESIZE_BILINEAR", "RESIZE_NEAREST_NEIGHBOR")
@pytest.mark.parametrize("kind", ["Bilinear", "NearestNeighbor"])
@pytest.mark.parametrize("corners", [(False, False), (True, False), (False, True)])
@pytest.mark.parametrize("size", [(9, 13), (4, 3), (5, 7), (10, 14), (1, 1)])
def test_resizes_in_all_corner_conventions(tools, normal, kind, corners, size):
    options = tools.options(f"Resize{kind}", alignCorners=corners[0], halfPixelCenters=corners[1])
    name = {"Bilinear": "RESIZE_BILINEAR", "NearestNeighbor": "RESIZE_NEAREST_NEIGHBOR"}[kind]
    image = tools.fed(normal(2, 5, 7, 3))
    tools.prove(name, image, np.array(size, I32), options=options, version=3)


@proves("LOCAL_RESPONSE_NORMALIZATION", "L2_NORMALIZATION")
def test_normalizations(tools, normal):
    image = tools.fed(normal(2, 3, 5, 7))
    options = tools.options("LocalResponseNormalization", radius=2, bias=1.0, alpha=0.5, beta=0.75)
    tools.prove("LOCAL_RESPONSE_NORMALIZATION", image, options=options)
    tools.prove("L2_NORMALIZATION", image, options=tools.options("L2Norm"))
    tools.prove(
        "L2_NORMALIZATION", tools.fed(np.zeros((1, 4), F32)), options=tools.options("L2Norm")
    )


@proves("SPACE_TO_DEPTH", "DEPTH_TO_SPACE", "SPACE_TO_BATCH_ND", "BATCH_TO_SPACE_ND")
def test_blocks(tools, normal):
    options = tools.options
    tools.prove(
        "SPACE_TO_DEPTH",
        tools.fed(normal(2, 4, 6, 3)),
        options=options("SpaceToDepth", blockSize=2),
    )
    tools.prove(
        "DEPTH_TO_SPACE",
        tools.fed(normal(2, 4, 5, 8)),
        options=options("DepthToSpace", blockSize=2),
    )
    block, pads = np.array([2, 3], I32), np.array([[1, 0], [2, 1]], I32)
    tools.prove("SPACE_TO_BATCH_ND", tools.fed(normal(1, 5, 6, 2)), block, pads)
    tools.prove("BATCH_TO_SPACE_ND", tools.fed(normal(6, 3, 4, 2)), block, pads)
