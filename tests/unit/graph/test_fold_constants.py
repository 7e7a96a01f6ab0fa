"""Whatever does not depend on the input is computed once, and nothing else is."""

from collections import Counter

import numpy as np
import pytest

from convert.graph.fold_constants import fold_constants
from convert.graph.graph import Graph
from convert.graph.nodes import constant, node, placeholder
from convert.graph.run import function
from convert.graph.tensorflow import tensorflow

SHAPE = (1, 4, 6, 3)


def built(body, shape=SHAPE, outputs=("out",)) -> Graph:
    tf = tensorflow()
    with tf.Graph().as_default() as graph:
        image = tf.compat.v1.placeholder(tf.float32, shape, name="image")
        tf.identity(body(tf, image), name="out")
    return Graph(graph_def=graph.as_graph_def(), inputs=("image",), outputs=outputs)


def ops(graph: Graph) -> Counter[str]:
    return Counter(n.op for n in graph.graph_def.node)


def same(before: Graph, after: Graph) -> bool:
    image = np.random.default_rng(1).normal(size=SHAPE).astype(np.float32)
    pairs = zip(function(before)(image), function(after)(image), strict=True)
    return all(np.array_equal(a, b) for a, b in pairs)


def test_legacy_quantized_weights_become_float_constants():
    tf = tensorflow()
    stored = np.array([[0, 128, 255]], np.uint8).view(tf.quint8.as_numpy_dtype)
    quantized = node(
        "Const",
        "stored",
        dtype=tf.quint8,
        value=tf.compat.v1.AttrValue(tensor=tf.make_tensor_proto(stored, tf.quint8)),
    )
    ends = [constant("low", np.float32(-1)), constant("high", np.float32(1))]
    wide = node("Dequantize", "wide", "stored", "low", "high", T=tf.quint8, mode="MIN_FIRST")
    product = node("Mul", "product", "image", "wide", T=tf.float32)
    image = placeholder("image", tf.float32, SHAPE)
    graph_def = tf.compat.v1.GraphDef(node=[image, quantized, *ends, wide, product])
    graph = Graph(graph_def=graph_def, inputs=("image",), outputs=("product",))
    after = fold_constants(graph)
    assert ops(after) == {"Placeholder": 1, "Const": 1, "Mul": 1}
    np.testing.assert_allclose(after.constant("wide"), [[-1, 0.004, 1]], atol=5e-3)
    assert same(graph, after)


def test_batch_norm_written_out_over_constants_becomes_two_constants():
    def body(tf, image):
        factor = tf.math.rsqrt(tf.constant([4.0, 9.0, 16.0])) * tf.constant([1.0, 2.0, 3.0])
        return image * factor + (1.0 - factor)

    before = built(body)
    after = fold_constants(before)
    assert ops(after)["Const"] == 2
    assert not {"Rsqrt", "Sub"} & set(ops(after))
    assert same(before, after)


def test_a_lone_number_is_folded_too():
    before = built(lambda tf, image: image * tf.sqrt(tf.constant(4.0)))
    after = fold_constants(before)
    assert "Sqrt" not in ops(after)
    assert same(before, after)


def resized_by_shape(tf, image):
    size = tf.shape(tf.nn.relu(image))[1:3]
    return tf.compat.v1.image.resize_bilinear(image, size * 2 + 1)


def test_arithmetic_on_fixed_shapes_is_folded():
    before = built(resized_by_shape)
    after = fold_constants(before)
    assert ops(after) == {"Placeholder": 1, "Const": 1, "ResizeBilinear": 1, "Identity": 1}
    assert same(before, after)


def test_arithmetic_on_free_shapes_is_kept():
    before = built(resized_by_shape, shape=(1, None, None, 3))
    after = fold_constants(before)
    assert ops(after)["Shape"] == 1
    assert same(before, after)


@pytest.mark.parametrize(
    "draw",
    [
        lambda tf: tf.random.uniform([3]),
        lambda tf: tf.random.normal([3]),
        lambda tf: tf.random.shuffle(tf.range(3.0)),
        lambda tf: tf.random.truncated_normal([3]),
    ],
)
def test_random_numbers_are_drawn_each_time(draw):
    after = fold_constants(built(lambda tf, image: image + draw(tf)))
    run, image = function(after), np.zeros(SHAPE, np.float32)
    assert len({run(image)[0].tobytes() for _ in range(20)}) > 1


def test_an_input_with_a_default_stays_an_input():
    def body(tf, image):
        return image * tf.compat.v1.placeholder_with_default(np.float32(2), (), name="factor")

    before = built(body)
    before = Graph(graph_def=before.graph_def, inputs=("image", "factor"), outputs=before.outputs)
    image = np.ones(SHAPE, np.float32)
    assert function(fold_constants(before))(image, np.float32(5))[0].max() == 5


def test_identities_go_and_inputs_and_outputs_keep_their_names():
    def body(tf, image):
        start = tf.identity(image, name="start")
        return tf.identity(tf.stop_gradient(tf.identity(tf.nn.relu(start))))

    before = built(body)
    fed = Graph(graph_def=before.graph_def, inputs=("start",), outputs=("out",))
    after = fold_constants(fed)
    assert ops(after)["Identity"] == 2
    assert {"start", "out"} <= set(after.nodes)
    assert same(fed, after)


def test_identities_go_however_they_are_referred_to():
    before = built(lambda tf, image: tf.nn.relu(tf.identity(image, name="middle"), name="relu"))
    relu = before.node("relu")
    relu.input[0] = "middle:0"
    relu.input.append("^middle")
    after = fold_constants(before)
    assert "middle" not in after.nodes
    assert same(before, after)


def test_an_output_that_is_constant_is_kept_by_its_name():
    before = built(lambda tf, image: tf.constant([1.0, 2.0]) * 3.0)
    after = fold_constants(before)
    np.testing.assert_array_equal(after.constant("out"), [3, 6])
    assert list(after.nodes) == ["out"]


def test_nodes_with_several_outputs_are_kept_where_another_than_the_first_is_read():
    def body(tf, image):
        low, _, high = tf.split(tf.constant([1.0, 2.0, 3.0]), 3)
        return image * low + high

    before = built(body)
    after = fold_constants(before)
    assert ops(after)["Split"] == 1
    assert same(before, after)


def test_nodes_with_several_outputs_are_folded_where_only_the_first_is_read():
    def body(tf, image):
        mean, *_ = tf.split(tf.constant([1.0, 2.0]), 2)
        norm = tf.compat.v1.nn.fused_batch_norm(
            tf.ones((1, 2, 2, 1)), [1.0], [0.5], [0.0], [1.0], is_training=False
        )
        return image * mean + norm[0][0, 0, 0]

    before = built(body)
    after = fold_constants(before)
    assert not {"Split", "FusedBatchNormV3", "StridedSlice"} & set(ops(after))
    assert same(before, after)


def test_constants_inside_a_while_loop_are_left_to_it():
    tf = tensorflow()
    tf.compat.v1.disable_control_flow_v2()
    try:
        before = built(
            lambda tf, image: tf.compat.v1.while_loop(
                lambda i, x: i < 3, lambda i, x: (i + 1, x * 2.0), (0, image)
            )[1]
        )
    finally:
        tf.compat.v1.enable_control_flow_v2()
    assert ops(before)["Enter"] > 0
    assert same(before, fold_constants(before))
