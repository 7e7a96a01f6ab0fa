"""Every pass leaves the function as it was and removes what it says it removes."""

from collections import Counter

import numpy as np
import pytest

from convert.graph.cut import cut
from convert.graph.drop_identity_resizes import drop_identity_resizes
from convert.graph.fold_batch_norm import fold_batch_norm
from convert.graph.fold_constants import fold_constants
from convert.graph.fuse_atrous import fuse_atrous
from convert.graph.graph import Graph
from convert.graph.passes import PASSES
from convert.graph.run import function
from convert.graph.tensorflow import tensorflow

SHAPE = (1, 19, 23, 4)


def built(body) -> Graph:
    """A graph whose body maps the placeholder `image` of SHAPE to a tensor, called `logits`."""
    tf = tensorflow()
    with tf.Graph().as_default() as graph:
        image = tf.compat.v1.placeholder(tf.float32, SHAPE, name="image")
        tf.identity(body(tf, image, np.random.default_rng(7)), name="logits")
    return Graph(graph_def=graph.as_graph_def(), inputs=("image",), outputs=("logits",))


def weights(rng, *shape):
    return rng.normal(size=shape).astype(np.float32)


def ops(graph: Graph) -> Counter[str]:
    return Counter(node.op for node in graph.graph_def.node)


def difference(a: Graph, b: Graph) -> float:
    picture = np.random.default_rng(1).normal(size=SHAPE).astype(np.float32)
    return float(np.abs(function(a)(picture)[0] - function(b)(picture)[0]).max())


def atrous(rate, kernel=3, padding="SAME", depthwise=True):
    def body(tf, image, rng):
        if depthwise:
            filters = weights(rng, kernel, kernel, 4, 1)
            return tf.nn.depthwise_conv2d(
                image, filters, [1, 1, 1, 1], padding, dilations=[rate, rate]
            )
        with_batch = tf.space_to_batch(
            image, [rate, rate], [[3, 3 + (-SHAPE[1] - 6) % rate], [3, 3 + (-SHAPE[2] - 6) % rate]]
        )
        inner = tf.nn.conv2d(with_batch, weights(rng, kernel, kernel, 4, 5), 1, "VALID")
        crops = [[0, (-SHAPE[1] - 6) % rate], [0, (-SHAPE[2] - 6) % rate]]
        return tf.batch_to_space(inner, [rate, rate], crops)

    return body


@pytest.mark.parametrize("rate", [2, 3, 4])
@pytest.mark.parametrize("kernel", [2, 3, 5])
def test_atrous_pairs_become_one_dilated_convolution(rate, kernel):
    before = fold_constants(built(atrous(rate, kernel)))
    after = fuse_atrous(before)
    assert not {"SpaceToBatchND", "BatchToSpaceND"} & set(ops(after))
    assert list(after.node(after.node("logits").input[0]).attr["dilations"].list.i)[1] == rate
    assert difference(before, after) < 1e-5


def test_atrous_pairs_with_another_padding_than_same_get_an_explicit_pad():
    before = fold_constants(built(atrous(2, depthwise=False)))
    after = fuse_atrous(before)
    assert ops(after)["Pad"] == 1
    assert "SpaceToBatchND" not in ops(after)
    assert difference(before, after) < 1e-4


def test_space_to_batch_around_something_else_is_left_alone():
    def body(tf, image, rng):
        packed = tf.space_to_batch(image, [2, 2], [[0, 1], [0, 1]])
        return tf.batch_to_space(tf.nn.relu(packed), [2, 2], [[0, 1], [0, 1]])

    before = fold_constants(built(body))
    assert ops(fuse_atrous(before)) == ops(before)


def fused_norm(depthwise):
    def body(tf, image, rng):
        shape = (3, 3, 4, 2) if depthwise else (3, 3, 4, 8)
        run = tf.nn.depthwise_conv2d if depthwise else tf.nn.conv2d
        y = run(image, weights(rng, *shape), [1, 1, 1, 1], "SAME")
        gamma, beta, mean = (weights(rng, 8) for _ in range(3))
        variance = np.abs(weights(rng, 8)) + 0.1
        y = tf.compat.v1.nn.fused_batch_norm(y, gamma, beta, mean, variance, is_training=False)[0]
        return tf.nn.relu6(y)

    return body


def scattered_norm(tf, image, rng):
    y = tf.nn.conv2d(image, weights(rng, 3, 3, 4, 8), 1, "SAME")
    gamma, beta, mean = (tf.constant(weights(rng, 8)) for _ in range(3))
    factor = tf.math.rsqrt(tf.constant(np.abs(weights(rng, 8))) + 0.001) * gamma
    return tf.nn.relu6(y * factor + (beta - mean * factor))


@pytest.mark.parametrize("body", [fused_norm(True), fused_norm(False), scattered_norm])
def test_batch_norm_goes_into_the_convolution_however_it_is_written(body):
    before = fold_constants(built(body))
    after = fold_batch_norm(before)
    left = ops(after)
    assert left["BiasAdd"] == 1
    assert not {"FusedBatchNorm", "FusedBatchNormV3", "Mul", "AddV2", "Sub"} & set(left)
    assert difference(before, after) < 1e-4


def test_a_convolution_that_is_read_twice_keeps_its_batch_norm():
    def body(tf, image, rng):
        y = tf.nn.conv2d(image, weights(rng, 1, 1, 4, 4), 1, "SAME")
        return y * weights(rng, 4) + y

    before = fold_constants(built(body))
    after = fold_batch_norm(before)
    assert ops(after)["Mul"] == 1
    assert difference(before, after) < 1e-5


def test_a_residual_addition_is_not_taken_for_a_bias():
    def body(tf, image, rng):
        y = tf.nn.conv2d(image, weights(rng, 1, 1, 4, 4), 1, "SAME")
        return y + image

    before = fold_constants(built(body))
    assert ops(fold_batch_norm(before)) == ops(before)


def test_resizes_to_the_same_size_are_dropped_and_others_kept():
    def body(tf, image, rng):
        same = tf.compat.v1.image.resize_bilinear(image, SHAPE[1:3], align_corners=True)
        return tf.compat.v1.image.resize_bilinear(same, (38, 46), align_corners=True)

    before = fold_constants(built(body))
    after = drop_identity_resizes(before)
    assert ops(after)["ResizeBilinear"] == 1
    assert difference(before, after) == 0


def test_all_passes_together_change_nothing_but_the_graph():
    def body(tf, image, rng):
        y = tf.identity(fused_norm(True)(tf, image, rng))
        with tf.control_dependencies([tf.debugging.Assert(tf.reduce_all(y >= 0), ["negative"])]):
            y = tf.identity(y)
        return tf.nn.conv2d(y, weights(rng, 1, 1, 8, 3), 1, "SAME")

    original = built(body)
    core = cut(original, start="image", ends={"out": "logits"}, shape=SHAPE)
    for step in PASSES.values():
        core = step(core)
    assert set(ops(core)) == {
        "Placeholder",
        "Const",
        "DepthwiseConv2dNative",
        "BiasAdd",
        "Relu6",
        "Conv2D",
        "Identity",
    }
    assert difference(original, core) < 1e-4


def test_a_norm_without_a_convolution_before_it_becomes_a_product_and_a_sum():
    def body(tf, image, rng):
        gamma, beta, mean = (weights(rng, 4) for _ in range(3))
        variance = np.abs(weights(rng, 4)) + 0.1
        norm = tf.compat.v1.nn.fused_batch_norm(
            tf.nn.relu(image), gamma, beta, mean, variance, is_training=False
        )
        return norm[0]

    before = fold_constants(built(body))
    after = fold_batch_norm(before)
    assert (ops(after)["Mul"], ops(after)["AddV2"]) == (1, 1)
    assert "FusedBatchNormV3" not in ops(after)
    assert difference(before, after) < 1e-5


def test_a_norm_of_which_the_statistics_are_read_stays():
    def body(tf, image, rng):
        y = tf.nn.conv2d(image, weights(rng, 1, 1, 4, 4), 1, "SAME")
        ones, zeros = np.ones(4, np.float32), np.zeros(4, np.float32)
        norm = tf.raw_ops.FusedBatchNormV3(
            x=y, scale=ones, offset=zeros, mean=zeros, variance=ones, is_training=False
        )
        return norm.y + norm.batch_mean

    before = fold_constants(built(body))
    after = fold_batch_norm(before)
    assert ops(after)["FusedBatchNormV3"] == 1
    assert difference(before, after) == 0


def test_an_output_that_is_an_idle_resize_keeps_its_name():
    def body(tf, image, rng):
        return tf.compat.v1.image.resize_bilinear(image, SHAPE[1:3], name="idle")

    whole = fold_constants(built(body))
    before = Graph(graph_def=whole.graph_def, inputs=("image",), outputs=("idle",))
    assert "idle" in drop_identity_resizes(before).nodes


def test_crops_beyond_the_padding_are_left_to_tensorflow():
    def body(tf, image, rng):
        packed = tf.space_to_batch(image, [2, 2], [[0, 1], [0, 1]])
        inner = tf.nn.conv2d(packed, weights(rng, 1, 1, 4, 4), 1, "VALID")
        return tf.batch_to_space(inner, [2, 2], [[1, 1], [1, 1]])

    before = fold_constants(built(body))
    after = fuse_atrous(before)
    assert ops(after)["SpaceToBatchND"] == 1
    assert difference(before, after) == 0
