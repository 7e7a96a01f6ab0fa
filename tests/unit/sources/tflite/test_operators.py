"""Every operator that is read gives what LiteRT gives, on odd shapes and with every option."""

from itertools import product

import numpy as np
import pytest

from convert.sources.tflite.table import OPERATORS

I32 = np.int32
F32 = np.float32
TESTED = set()


@pytest.fixture
def normal(rng):
    return lambda *shape: rng.standard_normal(shape).astype(F32)


def proves(*kinds):
    """Says which operators a test is about."""
    TESTED.update(kinds)
    return lambda test: test


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


@proves("FULLY_CONNECTED")
@pytest.mark.parametrize("shape", [(3, 8), (1, 1, 1, 8), (2, 3, 4, 8), (2, 3, 8), (2, 4)])
@pytest.mark.parametrize("kept", [False, True])
def test_fully_connected(tools, normal, shape, kept):
    if shape == (2, 4) and kept:
        return
    options = tools.options("FullyConnected", keepNumDims=kept, fusedActivationFunction=1)
    x, weights = tools.fed(normal(*shape)), normal(5, 8)
    tools.prove("FULLY_CONNECTED", x, weights, normal(5), options=options)
    tools.prove("FULLY_CONNECTED", x, weights, None, options=options)


@proves("BATCH_MATMUL")
@pytest.mark.parametrize(("first", "second"), [*product((False, True), repeat=2)])
def test_products_of_matrices(tools, normal, first, second):
    options = tools.options("BatchMatMul", adjX=first, adjY=second)
    x = normal(2, 4, 3) if first else normal(2, 3, 4)
    y = normal(2, 5, 4) if second else normal(2, 4, 5)
    tools.prove("BATCH_MATMUL", tools.fed(x), tools.fed(y), options=options)
    tools.prove("BATCH_MATMUL", tools.fed(x), y, options=options)


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


UNARY = {
    "RELU": None,
    "RELU6": None,
    "RELU_N1_TO_1": None,
    "RELU_0_TO_1": None,
    "HARD_SWISH": None,
    "ELU": None,
    "LOGISTIC": None,
    "TANH": None,
    "LOG_SOFTMAX": None,
    "ABS": None,
    "NEG": None,
    "EXP": None,
    "SQUARE": None,
    "SIN": None,
    "COS": None,
    "CEIL": None,
    "FLOOR": None,
    "ROUND": None,
    "SIGN": None,
    "ZEROS_LIKE": None,
}


@proves(*UNARY, "LOG", "SQRT", "RSQRT")
@pytest.mark.parametrize("kind", UNARY)
def test_one_input(tools, normal, kind):
    tools.prove(kind, tools.fed(normal(2, 3, 5, 4) * 4))


@pytest.mark.parametrize("kind", ["LOG", "SQRT", "RSQRT"])
def test_one_positive_input(tools, normal, kind):
    tools.prove(kind, tools.fed(np.abs(normal(2, 3, 5)) + F32(0.1)))


@proves("LEAKY_RELU", "PRELU", "SOFTMAX", "GELU")
def test_activations_with_settings(tools, normal):
    image, options = tools.fed(normal(2, 3, 5, 4)), tools.options
    tools.prove("LEAKY_RELU", image, options=options("LeakyRelu", alpha=0.3))
    tools.prove("PRELU", image, normal(1, 1, 4))
    tools.prove("PRELU", image, tools.fed(normal(1, 1, 4)))
    for beta in (1.0, 2.5):
        tools.prove("SOFTMAX", image, options=options("Softmax", beta=beta))
    for approximate in (False, True):
        # LiteRT's own Erf and Tanh are approximations
        tools.prove("GELU", image, options=options("Gelu", approximate=approximate), bound=1e-4)


@proves("ADD", "SUB", "MUL", "DIV")
@pytest.mark.parametrize("kind", ["Add", "Sub", "Mul", "Div"])
@pytest.mark.parametrize("fused", range(4))
@pytest.mark.parametrize("other", [(2, 3, 5, 4), (4,), (1, 1, 1, 4), ()])
def test_arithmetic_with_fused_activations(tools, normal, kind, fused, other):
    options = tools.options(kind, fusedActivationFunction=fused)
    second = np.asarray(normal(*other) + F32(3 if kind == "Div" else 0), F32)
    x = tools.fed(normal(2, 3, 5, 4))
    tools.prove(kind.upper(), x, second, options=options)
    tools.prove(kind.upper(), x, tools.fed(second), options=options)


@proves("MAXIMUM", "MINIMUM", "SQUARED_DIFFERENCE", "POW", "FLOOR_DIV", "FLOOR_MOD", "ADD_N")
def test_two_inputs(tools, normal):
    x, y = tools.fed(np.abs(normal(2, 3, 4)) + F32(0.2)), np.abs(normal(2, 3, 4)) + F32(0.2)
    for kind in ("MAXIMUM", "MINIMUM", "SQUARED_DIFFERENCE", "POW", "FLOOR_DIV", "FLOOR_MOD"):
        tools.prove(kind, x, y)
    tools.prove("ADD_N", x, tools.fed(y), y)


@proves("EQUAL", "NOT_EQUAL", "GREATER", "GREATER_EQUAL", "LESS", "LESS_EQUAL")
@pytest.mark.parametrize(
    "kind", ["EQUAL", "NOT_EQUAL", "GREATER", "GREATER_EQUAL", "LESS", "LESS_EQUAL"]
)
def test_comparisons(tools, rng, kind):
    x, y = (rng.integers(0, 3, (2, 3, 4)).astype(F32) for _ in range(2))
    tools.prove(kind, tools.fed(x), y, made=[np.bool_])


@proves("LOGICAL_AND", "LOGICAL_OR", "LOGICAL_NOT", "REDUCE_ANY", "REDUCE_ALL")
def test_truth_values(tools, rng):
    x, y = (rng.integers(0, 2, (2, 3, 4)).astype(np.bool_) for _ in range(2))
    for kind in ("LOGICAL_AND", "LOGICAL_OR"):
        tools.prove(kind, tools.fed(x), tools.fed(y), made=[np.bool_])
    tools.prove("LOGICAL_NOT", tools.fed(x), made=[np.bool_])
    options = tools.options("Reducer", keepDims=False)
    for kind in ("REDUCE_ANY", "REDUCE_ALL"):
        tools.prove(kind, tools.fed(x), np.array([1], I32), made=[np.bool_], options=options)


@proves("SELECT", "SELECT_V2")
def test_selections(tools, normal, rng):
    x, y = tools.fed(normal(3, 4)), tools.fed(normal(3, 4))
    whole, rows = (rng.integers(0, 2, s).astype(np.bool_) for s in ((3, 4), (3,)))
    tools.prove("SELECT", tools.fed(whole), x, y)
    tools.prove("SELECT", tools.fed(rows), x, y)
    tools.prove("SELECT_V2", tools.fed(whole[:, :1]), x, normal(4))


def test_select_v2_broadcasts_a_vector_along_the_last_axis(tools, normal, rng):
    x, y = tools.fed(normal(4, 4)), tools.fed(normal(4, 4))
    tools.prove("SELECT_V2", tools.fed(np.array([True, False, False, True])), x, y)


REDUCTIONS = ["MEAN", "SUM", "REDUCE_MAX", "REDUCE_MIN", "REDUCE_PROD"]


@proves(*REDUCTIONS)
@pytest.mark.parametrize("kind", REDUCTIONS)
@pytest.mark.parametrize("axes", [[1, 2], [-1], [0, 1, 2, 3]])
@pytest.mark.parametrize("kept", [False, True])
def test_reductions(tools, normal, kind, axes, kept):
    options = tools.options("Reducer", keepDims=kept)
    tools.prove(kind, tools.fed(normal(2, 3, 5, 4)), np.array(axes, I32), options=options)


@proves("ARG_MAX", "ARG_MIN", "TOPK_V2", "CUMSUM")
def test_orders(tools, normal):
    image = tools.fed(normal(2, 3, 5, 7))
    for kind, name in (("ARG_MAX", "ArgMax"), ("ARG_MIN", "ArgMin")):
        for number, dtype in ((2, I32), (4, np.int64)):
            options = tools.options(name, outputType=number)
            tools.prove(kind, image, np.array(3, I32), made=[dtype], options=options)
    tools.prove("TOPK_V2", image, np.array(3, I32), made=[F32, I32])
    for exclusive, backwards in product((False, True), repeat=2):
        options = tools.options("Cumsum", exclusive=exclusive, reverse=backwards)
        tools.prove("CUMSUM", image, np.array(1, I32), options=options)


@proves("RESHAPE", "SQUEEZE", "EXPAND_DIMS", "TRANSPOSE", "TILE", "BROADCAST_TO", "REVERSE_V2")
def test_shapes(tools, normal):
    image = tools.fed(normal(1, 3, 5, 4))
    shape = np.array([3, -1], I32)
    tools.prove("RESHAPE", image, shape, options=tools.options("Reshape", newShape=[3, -1]))
    tools.prove("RESHAPE", image, options=tools.options("Reshape", newShape=[3, 20]))
    tools.prove("SQUEEZE", image, options=tools.options("Squeeze", squeezeDims=[0]))
    tools.prove("SQUEEZE", image, options=tools.options("Squeeze"))
    tools.prove("EXPAND_DIMS", image, np.array(-1, I32))
    tools.prove("TRANSPOSE", image, np.array([0, 3, 1, 2], I32))
    tools.prove("TILE", image, np.array([2, 1, 3, 1], I32))
    tools.prove("BROADCAST_TO", image, np.array([2, 3, 5, 4], I32), version=2)
    tools.prove("REVERSE_V2", image, np.array([2], I32))


@proves("CONCATENATION", "PACK", "UNPACK", "SPLIT", "SPLIT_V")
def test_joints_and_parts(tools, normal):
    x, y = tools.fed(normal(2, 3, 6)), tools.fed(normal(2, 3, 6))
    for axis in (0, 1, -1):
        tools.prove(
            "CONCATENATION",
            x,
            y,
            normal(2, 3, 6),
            options=tools.options("Concatenation", axis=axis),
        )
        tools.prove("PACK", x, y, options=tools.options("Pack", axis=axis, valuesCount=2))
    tools.prove("UNPACK", x, made=[F32] * 3, options=tools.options("Unpack", axis=1, num=3))
    axis = np.array(2, I32)
    tools.prove("SPLIT", axis, x, made=[F32] * 3, options=tools.options("Split", numSplits=3))
    sizes = np.array([1, 2, -1], I32)
    tools.prove(
        "SPLIT_V", x, sizes, axis, made=[F32] * 3, options=tools.options("SplitV", numSplits=3)
    )


@proves("SLICE", "STRIDED_SLICE", "GATHER", "GATHER_ND")
def test_excerpts(tools, normal):
    image = tools.fed(normal(2, 5, 7, 3))
    tools.prove("SLICE", image, np.array([0, 1, 2, 0], I32), np.array([2, -1, 3, 1], I32))
    ends = (np.array(v, I32) for v in ([0, 4, 1, 0], [2, 0, 7, 1], [1, -2, 3, 1]))
    numbers = list(ends)
    for masks in ({}, {"beginMask": 3}, {"endMask": 12}, {"shrinkAxisMask": 8}):
        tools.prove(
            "STRIDED_SLICE", image, *numbers, options=tools.options("StridedSlice", **masks)
        )
    rows = np.array([3, 0, 3], I32)
    for axis in (1, -1):
        part = rows % 3
        tools.prove("GATHER", image, part, options=tools.options("Gather", axis=axis))
    tools.prove("GATHER_ND", image, np.array([[0, 1], [1, 4]], I32))


@proves("ONE_HOT", "FILL", "SHAPE", "RANGE", "CAST")
def test_made_from_numbers(tools, normal):
    classes = tools.fed(np.array([0, 3, 1], I32))
    on, off = np.array(5, F32), np.array(-1, F32)
    options = tools.options("OneHot", axis=-1)
    tools.prove("ONE_HOT", classes, np.array(4, I32), on, off, options=options)
    tools.prove("FILL", np.array([2, 3], I32), tools.fed(np.array(4, F32)))
    tools.prove(
        "RANGE", tools.fed(np.array(1, I32)), np.array(9, I32), np.array(3, I32), made=[I32]
    )
    image = tools.fed(normal(2, 3) * 4)
    for dtype in (I32, np.int64, np.bool_):
        tools.prove("CAST", image, made=[dtype])
    tools.prove("CAST", tools.fed(np.arange(6, dtype=np.uint8)))


def test_the_shape_of_what_is_not_free_is_a_constant(tools, normal):
    image, made = tools.fed(normal(2, 3, 4)), [(I32,), (F32,)]
    tensors = [image, np.array(24, I32)]
    ops = [
        tools.Op(
            kind="SHAPE", inputs=(0,), outputs=(2,), options=tools.options("Shape", outType=2)
        ),
        tools.Op(kind="RESHAPE", inputs=(0, 2), outputs=(3,)),
    ]
    file = tools.File(tensors=tensors, operators=ops, made=made, outputs=(3,))
    tools.same(tools.write(file), [image.array])


@proves("FAKE_QUANT")
def test_fake_quantization(tools, normal):
    options = tools.options("FakeQuant", min=-1.0, max=2.0, numBits=8)
    tools.prove("FAKE_QUANT", tools.fed(normal(3, 5)), options=options)


@proves("QUANTIZE", "DEQUANTIZE", "DENSIFY")
def test_every_operator_of_the_table_has_a_test():
    assert set(OPERATORS) == TESTED
