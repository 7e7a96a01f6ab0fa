"""The converter's fused ops compute what they were fused of."""

import numpy as np
import pytest

from convert.errors import UnsupportedError
from convert.graph.graph import Graph
from convert.graph.run import function
from convert.graph.tensorflow import tensorflow
from convert.graph.tfjs_fused import without_fused_ops

RANDOM = np.random.default_rng(0)
PICTURE = RANDOM.normal(size=(1, 6, 7, 4)).astype(np.float32)
KERNEL = RANDOM.normal(size=(3, 3, 4, 4)).astype(np.float32)
DEPTHWISE = RANDOM.normal(size=(3, 3, 4, 1)).astype(np.float32)
MATRIX = RANDOM.normal(size=(5, 4)).astype(np.float32)
ROWS = RANDOM.normal(size=(2, 5)).astype(np.float32)
BIAS = RANDOM.normal(size=4).astype(np.float32)


def run(op: str, fused: list[str], x: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """What one fused node answers once it is taken apart."""
    tf = tensorflow()
    graph_def = tf.compat.v1.GraphDef()
    placeholder = graph_def.node.add(name="x", op="Placeholder")
    placeholder.attr["dtype"].type = tf.float32.as_datatype_enum
    for name, value in (("w", weight), ("b", BIAS)):
        constant = graph_def.node.add(name=name, op="Const")
        constant.attr["dtype"].type = tf.float32.as_datatype_enum
        constant.attr["value"].tensor.CopyFrom(tf.make_tensor_proto(value))
    inputs = ["x", "w", *("b" for name in fused if name in ("BiasAdd", "Prelu"))]
    node = graph_def.node.add(name="y", op=op, input=inputs)
    node.attr["T"].type = tf.float32.as_datatype_enum
    node.attr["fused_ops"].list.s.extend(name.encode() for name in fused)
    node.attr["num_args"].i = len(inputs) - 2
    if op != "_FusedMatMul":
        node.attr["strides"].list.i.extend([1, 2, 2, 1])
        node.attr["padding"].s = b"SAME"
        node.attr["data_format"].s = b"NHWC"
    node.attr["leakyrelu_alpha"].f = 0.1
    plain = Graph(graph_def=without_fused_ops(graph_def), inputs=("x",), outputs=("y",))
    return function(plain)(x)[0]


ACTIVATIONS = ["Relu", "Relu6", "Elu", "LeakyRelu", "Sigmoid", "Tanh"]


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_a_convolution_with_bias_and_activation(activation: str) -> None:
    tf = tensorflow()
    wanted = tf.nn.bias_add(tf.nn.conv2d(PICTURE, KERNEL, 2, "SAME"), BIAS)
    wanted = {
        "LeakyRelu": lambda x: tf.nn.leaky_relu(x, 0.1),
        "Sigmoid": tf.sigmoid,
        "Tanh": tf.tanh,
    }.get(activation, getattr(tf.nn, activation.lower(), None))(wanted)
    found = run("_FusedConv2D", ["BiasAdd", activation], PICTURE, KERNEL)
    np.testing.assert_allclose(found, wanted, atol=1e-5)


@pytest.mark.parametrize("fused", [["BiasAdd"], ["Relu6"], ["BiasAdd", "Relu6"]])
def test_a_depthwise_convolution_with_either_or_both(fused: list[str]) -> None:
    tf = tensorflow()
    wanted = tf.nn.depthwise_conv2d(PICTURE, DEPTHWISE, [1, 2, 2, 1], "SAME")
    wanted = tf.nn.bias_add(wanted, BIAS) if "BiasAdd" in fused else wanted
    wanted = tf.nn.relu6(wanted) if "Relu6" in fused else wanted
    found = run("FusedDepthwiseConv2dNative", fused, PICTURE, DEPTHWISE)
    np.testing.assert_allclose(found, wanted, atol=1e-5)


def test_a_matrix_product_with_bias() -> None:
    found = run("_FusedMatMul", ["BiasAdd"], ROWS, MATRIX)
    np.testing.assert_allclose(found, ROWS @ MATRIX + BIAS, atol=1e-5)


def test_what_browsers_have_no_kernel_for_is_named() -> None:
    with pytest.raises(UnsupportedError, match=r"'y'.*_FusedConv2D with FusedBatchNorm"):
        run("_FusedConv2D", ["FusedBatchNorm"], PICTURE, KERNEL)


@pytest.mark.parametrize("op", ["_FusedConv2D", "FusedDepthwiseConv2dNative"])
def test_a_convolution_with_bias_and_prelu(op: str) -> None:
    kernel = KERNEL if op == "_FusedConv2D" else DEPTHWISE
    biased = run(op, ["BiasAdd"], PICTURE, kernel)
    found = run(op, ["BiasAdd", "Prelu"], PICTURE, kernel)
    np.testing.assert_allclose(found, np.where(biased < 0, biased * BIAS, biased), atol=1e-5)


def alone(op: str, *inputs: str) -> np.ndarray:
    """What a node of one of tfjs's own ops answers on the picture."""
    tf = tensorflow()
    with tf.Graph().as_default() as graph:
        tf.compat.v1.placeholder(tf.float32, PICTURE.shape, name="x")
        tf.constant(BIAS, name="b")
    graph_def = graph.as_graph_def()
    node = graph_def.node.add(name="y", op=op, input=inputs)
    node.attr["T"].type = tf.float32.as_datatype_enum
    plain = Graph(graph_def=without_fused_ops(graph_def), inputs=("x",), outputs=("y",))
    return function(plain)(PICTURE)[0]


def test_prelu_and_hard_swish_alone() -> None:
    wanted = np.where(PICTURE < 0, PICTURE * BIAS, PICTURE)
    np.testing.assert_allclose(alone("Prelu", "x", "b"), wanted, atol=1e-6)
    wanted = PICTURE * np.clip(PICTURE + 3, 0, 6) / 6
    np.testing.assert_allclose(alone("_FusedHardSwish", "x"), wanted, atol=1e-6)
