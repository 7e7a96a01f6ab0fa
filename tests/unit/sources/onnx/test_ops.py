"""Every ONNX operator that is read computes in the Graph what ONNX Runtime computes."""

import itertools

import numpy as np
import pytest
from onnx import TensorProto
from onnx_cases import PICTURE, agree, model, node, normal, transposes


@pytest.mark.parametrize("strides", [(1, 1), (2, 2), (2, 1)])
@pytest.mark.parametrize("pads", [(0, 0, 0, 0), (1, 1, 1, 1), (0, 1, 1, 0), (0, 0, 1, 1)])
@pytest.mark.parametrize("dilation", [1, 2])
def test_convolutions_of_any_stride_padding_and_dilation(tmp_path, strides, pads, dilation):
    made = node("Conv", "x", "w", "b", strides=strides, pads=pads, dilations=(dilation, dilation))
    graph = agree(model([made], {"w": normal(5, 3, 3, 3), "b": normal(5)}), tmp_path)
    assert not transposes(graph)


@pytest.mark.parametrize("auto_pad", ["SAME_UPPER", "SAME_LOWER", "VALID"])
@pytest.mark.parametrize("stride", [1, 2])
def test_convolutions_that_leave_the_padding_to_the_runtime(tmp_path, auto_pad, stride):
    made = node("Conv", "x", "w", strides=(stride, stride), auto_pad=auto_pad)
    agree(model([made], {"w": normal(5, 3, 4, 3)}), tmp_path)


@pytest.mark.parametrize(
    ("groups", "kernel"), [(4, (4, 1, 3, 3)), (4, (8, 1, 3, 3)), (2, (6, 2, 3, 3))]
)
@pytest.mark.parametrize(("stride", "dilation"), [(1, 1), (2, 1), (1, 2)])
def test_depthwise_and_grouped_convolutions(tmp_path, groups, kernel, stride, dilation):
    pads = (dilation,) * 4
    made = node(
        "Conv", "x", "w", group=groups, strides=(stride, stride), pads=pads,
        dilations=(dilation, dilation),
    )  # fmt: skip
    agree(model([made], {"w": normal(*kernel)}, shape=(1, 4, 9, 8)), tmp_path)


TRANSPOSED = [
    {"kernel": 2, "strides": (2, 2)},
    {"kernel": 4, "strides": (2, 2), "pads": (1, 1, 1, 1)},
    {"kernel": 3, "strides": (2, 2), "pads": (1, 1, 1, 1), "output_padding": (1, 1)},
    {"kernel": 3, "strides": (2, 2), "pads": (0, 1, 1, 0)},
    {"kernel": 2, "strides": (3, 3)},
    {"kernel": 2, "strides": (3, 3), "output_padding": (1, 0)},
    {"kernel": 3, "strides": (1, 1), "pads": (1, 1, 1, 1)},
    {"kernel": 3, "strides": (2, 2), "dilations": (2, 2), "pads": (1, 1, 1, 1)},
    {"kernel": 3, "strides": (2, 2), "auto_pad": "SAME_UPPER"},
    {"kernel": 3, "strides": (2, 2), "auto_pad": "SAME_LOWER"},
    {"kernel": 4, "strides": (2, 2), "output_shape": (18, 20)},
]


@pytest.mark.parametrize("case", TRANSPOSED)
@pytest.mark.parametrize("groups", [1, 2, 4])
def test_transposed_convolutions(tmp_path, case, groups):
    settings = {key: value for key, value in case.items() if key != "kernel"}
    weights = {"w": normal(4, 8 // groups, case["kernel"], case["kernel"]), "b": normal(8)}
    made = node("ConvTranspose", "x", "w", "b", group=groups, **settings)
    agree(model([made], weights, shape=(1, 4, 9, 10)), tmp_path)


@pytest.mark.parametrize("op", ["MaxPool", "AveragePool"])
@pytest.mark.parametrize("pads", [(0, 0, 0, 0), (1, 1, 1, 1), (0, 0, 1, 1)])
@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("ceil", [0, 1])
def test_pools(tmp_path, op, pads, stride, ceil):
    settings = {"kernel_shape": (3, 3), "strides": (stride, stride), "pads": pads}
    agree(model([node(op, "x", ceil_mode=ceil, **settings)]), tmp_path)


@pytest.mark.parametrize("pads", [(1, 1, 1, 1), (0, 1, 1, 0)])
def test_means_that_count_their_padding(tmp_path, pads):
    made = node("AveragePool", "x", kernel_shape=(3, 3), pads=pads, count_include_pad=1)
    agree(model([made]), tmp_path)


@pytest.mark.parametrize("op", ["GlobalAveragePool", "GlobalMaxPool"])
def test_pools_over_the_whole_map(tmp_path, op):
    assert not transposes(agree(model([node(op, "x")]), tmp_path))


UNARY = ["Abs", "Ceil", "Cos", "Dropout", "Elu", "Erf", "Exp", "Floor", "HardSigmoid", "HardSwish"]
UNARY += ["Identity", "LeakyRelu", "Neg", "Relu", "Round", "Selu", "Sigmoid", "Sign", "Sin"]
UNARY += ["Softplus", "Softsign", "Tanh"]


@pytest.mark.parametrize("op", UNARY)
def test_operators_of_one_tensor(tmp_path, op):
    assert not transposes(agree(model([node(op, "x")]), tmp_path))


@pytest.mark.parametrize("op", ["Log", "Sqrt", "Reciprocal"])
def test_operators_of_one_positive_tensor(tmp_path, op):
    agree(model([node(op, "x")]), tmp_path, feed=np.abs(normal(*PICTURE)) + 0.5)


@pytest.mark.parametrize("axis", [1, 2, -1])
@pytest.mark.parametrize("op", ["Softmax", "LogSoftmax"])
def test_softmax_over_any_axis(tmp_path, op, axis):
    agree(model([node(op, "x", axis=axis)]), tmp_path)


@pytest.mark.parametrize(
    "bounds", [(0, 6), (0, None), (None, 1), (-0.5, 0.5), (0, 1), (-1, None), (None, None)]
)
def test_clip_with_either_bound(tmp_path, bounds):
    names = ["low" if bounds[0] is not None else "", "high" if bounds[1] is not None else ""]
    weights = {n: np.float32(b) for n, b in zip(names, bounds, strict=True) if n}
    agree(model([node("Clip", "x", *names)], weights), tmp_path)


@pytest.mark.parametrize("shape", [(3, 1, 1), (1,), ()])
def test_prelu_becomes_what_tflite_makes_a_prelu_of(tmp_path, shape):
    agree(model([node("PRelu", "x", "slope")], {"slope": normal(*shape)}), tmp_path)


@pytest.mark.parametrize("op", ["Add", "Sub", "Mul", "Div", "Max", "Min", "Sum", "Mean"])
@pytest.mark.parametrize("shape", [(), (1,), (10,), (9, 1), (3, 1, 1), (1, 3, 1, 1), PICTURE])
def test_operators_of_two_tensors_broadcast_as_in_onnx(tmp_path, op, shape):
    weight = np.abs(normal(*shape)) + np.float32(0.5)
    assert not transposes(agree(model([node(op, "x", "w")], {"w": weight}), tmp_path))


def test_a_power(tmp_path):
    agree(model([node("Pow", "x", "w")], {"w": np.float32(2)}), tmp_path)


CORNERS = ["half_pixel", "pytorch_half_pixel", "align_corners", "asymmetric"]


@pytest.mark.parametrize("corners", CORNERS)
@pytest.mark.parametrize("scale", [2.0, 3.0])
def test_linear_resizing(tmp_path, corners, scale):
    scales = np.array([1, 1, scale, scale], np.float32)
    made = node("Resize", "x", "", "s", mode="linear", coordinate_transformation_mode=corners)
    assert not transposes(agree(model([made], {"s": scales}), tmp_path))


@pytest.mark.parametrize("corners", CORNERS)
@pytest.mark.parametrize("size", [(18, 20), (5, 23), (9, 7)])
def test_linear_resizing_to_a_size(tmp_path, corners, size):
    sizes = np.array([1, 3, *size], np.int64)
    made = node("Resize", "x", "", "", "s", mode="linear", coordinate_transformation_mode=corners)
    agree(model([made], {"s": sizes}), tmp_path)


ROUNDINGS = ["round_prefer_floor", "round_prefer_ceil", "floor", "ceil"]


@pytest.mark.parametrize(("corners", "rounding"), list(itertools.product(CORNERS, ROUNDINGS)))
@pytest.mark.parametrize("size", [(18, 20), (5, 23)])
def test_nearest_resizing(tmp_path, corners, rounding, size):
    sizes = np.array([1, 3, *size], np.int64)
    made = node(
        "Resize", "x", "", "", "s", mode="nearest", coordinate_transformation_mode=corners,
        nearest_mode=rounding,
    )  # fmt: skip
    agree(model([made], {"s": sizes}), tmp_path)


@pytest.mark.parametrize("mode", ["nearest", "linear"])
def test_upsample_of_old_opsets(tmp_path, mode):
    scales = np.array([1, 1, 2, 2], np.float32)
    agree(model([node("Upsample", "x", "s", mode=mode)], {"s": scales}, opset=9), tmp_path)


def test_batch_normalization(tmp_path):
    weights = {n: np.abs(normal(3)) for n in ("scale", "b", "mean", "var")}
    made = node("BatchNormalization", "x", *weights, epsilon=1e-3)
    assert not transposes(agree(model([made], weights), tmp_path))


@pytest.mark.parametrize("op", ["InstanceNormalization", "LRN"])
def test_other_normalizations(tmp_path, op):
    weights = {"a": normal(3), "b": normal(3)} if op != "LRN" else {}
    made = node(op, "x", *weights, **({"size": 3} if op == "LRN" else {}))
    agree(model([made], weights), tmp_path)


def test_layer_normalization(tmp_path):
    made = node("LayerNormalization", "x", "a", "b", axis=-1)
    agree(model([made], {"a": normal(10), "b": normal(10)}), tmp_path, in_order=True)


@pytest.mark.parametrize("op", ["ReduceMean", "ReduceMax", "ReduceMin"])
@pytest.mark.parametrize("axes", [(2, 3), (1,), (3,), (1, 2, 3), (-1, -2)])
@pytest.mark.parametrize("keep", [0, 1])
def test_reductions_keep_the_order_of_what_remains(tmp_path, op, axes, keep):
    agree(model([node(op, "x", axes=axes, keepdims=keep)]), tmp_path)


@pytest.mark.parametrize("axis", [1, 2, 3])
@pytest.mark.parametrize("keep", [0, 1])
def test_the_place_of_the_largest(tmp_path, axis, keep):
    made = node("ArgMax", "x", axis=axis, keepdims=keep)
    agree(model([made], out_type=TensorProto.INT64), tmp_path)


@pytest.mark.parametrize("axis", [1, 2, -1])
def test_concatenation_and_splitting(tmp_path, axis):
    nodes = [
        node("Sigmoid", "x", output="a"),
        node("Concat", "x", "a", output="c", axis=axis),
        node("Identity", "c"),
    ]
    nodes[-1] = node("Split", "c", axis=axis)
    nodes[-1].output[:] = ["y", "z"]
    agree(model(nodes, opset=13, outputs=("y", "z")), tmp_path)


@pytest.mark.parametrize(
    ("starts", "ends", "axes", "steps"),
    [
        ([1], [3], [1], [1]),
        ([0, 2], [2**63 - 1, -1], [1, 2], [1, 2]),
        ([-1], [-100], [3], [-1]),
    ],
)
def test_slices(tmp_path, starts, ends, axes, steps):
    named = {"b": starts, "e": ends, "a": axes, "s": steps}
    weights = {k: np.array(v, np.int64) for k, v in named.items()}
    agree(model([node("Slice", "x", "b", "e", "a", "s")], weights), tmp_path)


@pytest.mark.parametrize(
    ("mode", "amount"), [("constant", 1), ("constant", 2), ("reflect", 2), ("edge", 1)]
)
def test_padding(tmp_path, mode, amount):
    pads = np.array([0, 0, amount, 1, 0, 0, 1, amount], np.int64)
    agree(model([node("Pad", "x", "p", mode=mode)], {"p": pads}), tmp_path)


@pytest.mark.parametrize("order", [(0, 2, 3, 1), (0, 1, 3, 2), (0, 3, 1, 2)])
def test_transposition(tmp_path, order):
    reshape = node("Reshape", "t", "s")
    nodes = [node("Transpose", "x", output="t", perm=order), reshape]
    agree(model(nodes, {"s": np.array([1, -1], np.int64)}), tmp_path)


@pytest.mark.parametrize("shape", [(1, -1), (0, -1), (1, 3, 90), (0, 0, 0, -1), (1, 9, 3, 10)])
def test_reshaping_counts_as_onnx_does(tmp_path, shape):
    nodes = [
        node("Relu", "x", output="r"),
        node("Reshape", "r", "s", output="m"),
        node("Reshape", "m", "t"),
    ]
    weights = {"s": np.array(shape, np.int64), "t": np.array([1, 1, -1], np.int64)}
    agree(model(nodes, weights), tmp_path)


@pytest.mark.parametrize("mode", ["DCR", "CRD"])
def test_depth_to_space(tmp_path, mode):
    made = model([node("DepthToSpace", "x", blocksize=2, mode=mode)], shape=(1, 12, 4, 5))
    agree(made, tmp_path)


def test_space_to_depth(tmp_path):
    agree(model([node("SpaceToDepth", "x", blocksize=2)], shape=(1, 3, 4, 6)), tmp_path)


@pytest.mark.parametrize("index", [0, 2, [2, 0]])
def test_gather(tmp_path, index):
    made = node("Gather", "x", "i", axis=1)
    agree(model([made], {"i": np.array(index, np.int64)}), tmp_path)


@pytest.mark.parametrize("turned", [0, 1])
def test_a_fully_connected_layer_after_a_flattened_map(tmp_path, turned):
    weight = normal(4, 270) if turned else normal(270, 4)
    nodes = [
        node("Relu", "x", output="r"),
        node("Flatten", "r", output="f"),
        node("Gemm", "f", "w", "b", transB=turned, alpha=0.5, beta=2.0),
    ]
    agree(model(nodes, {"w": weight, "b": normal(4)}), tmp_path, atol=1e-3)


def test_a_product_of_matrices(tmp_path):
    agree(model([node("MatMul", "x", "w")], {"w": normal(10, 4)}), tmp_path, in_order=True)


def test_shape_arithmetic_is_computed_while_reading(tmp_path):
    """As PyTorch writes `x.view(x.size(0), -1)`."""
    nodes = [
        node("Shape", "x", output="s"),
        node("Gather", "s", "zero", output="n"),
        node("Unsqueeze", "n", "axes", output="u"),
        node("Concat", "u", "rest", output="shape", axis=0),
        node("Reshape", "x", "shape"),
    ]
    weights = {
        "zero": np.array(0, np.int64),
        "axes": np.array([0], np.int64),
        "rest": np.array([-1], np.int64),
    }
    graph = agree(model(nodes, weights), tmp_path)
    assert not any(n.op in ("Shape", "Pack", "GatherV2") for n in graph.graph_def.node)
