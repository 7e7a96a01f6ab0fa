"""A network with channels first answers as the same one that was built with channels last."""

import numpy as np

from convert.graph.channels_last import channels_last
from convert.graph.graph import Graph
from convert.graph.run import function
from convert.graph.tensorflow import tensorflow


def network(*, first: bool) -> Graph:
    """Every kind of node that is rewritten, the same weights either way."""
    tf, draw = tensorflow(), np.random.default_rng(3)
    kinds = {"data_format": "NCHW" if first else "NHWC"}
    maps = [2, 3] if first else [1, 2]
    channel = 1 if first else 3

    def weights(*shape: int) -> np.ndarray:
        return draw.normal(size=shape).astype(np.float32)

    def each(down: int, across: int) -> list[int]:
        return [1, 1, down, across] if first else [1, down, across, 1]

    def amounts() -> list[list[int]]:
        sides = [[1, 2], [0, 3]]
        return [[0, 0], [0, 0], *sides] if first else [[0, 0], *sides, [0, 0]]

    with tf.Graph().as_default() as graph:
        shape = [1, 3, 20, 14] if first else [1, 20, 14, 3]
        x = tf.compat.v1.placeholder(tf.float32, shape, "image")
        net = tf.nn.conv2d(tf.pad(x, amounts()), weights(3, 2, 3, 8), each(2, 1), "VALID", **kinds)
        net = tf.nn.bias_add(net, weights(8), **kinds)
        terms = [*(weights(8) for _ in range(3)), np.abs(weights(8)) + 0.5]
        net = tf.compat.v1.nn.fused_batch_norm(net, *terms, is_training=False, **kinds)[0]
        deep = tf.raw_ops.DepthwiseConv2dNative(
            input=tf.nn.leaky_relu(net),
            filter=weights(3, 3, 8, 1),
            strides=[1] * 4,
            padding="SAME",
            **kinds,
        )
        slope = weights(8, 1, 1)
        deep = deep * (slope if first else slope.reshape(8))
        net = tf.concat([net - deep, tf.sigmoid(deep)], channel)
        low = tf.nn.avg_pool2d(net, each(2, 3), each(2, 2), "SAME", **kinds)
        high = tf.nn.max_pool2d(net, each(2, 2), each(2, 2), "SAME", **kinds)
        gate = tf.reduce_mean(low, maps, keepdims=True)
        tf.multiply(high, gate, name="maps")
        vector = tf.squeeze(tf.reduce_max(low + high, maps, keepdims=True), maps)
        tf.matmul(vector, weights(16, 5), name="scores")
        turned = high if first else tf.transpose(high, [0, 3, 1, 2])
        tf.reshape(turned, [1, -1], name="flat")
    names = ("maps", "scores", "flat")
    return Graph(graph_def=graph.as_graph_def(), inputs=("image",), outputs=names)


def test_the_answers_are_those_of_the_network_with_channels_last():
    image = np.random.default_rng(4).normal(size=(1, 20, 14, 3)).astype(np.float32)
    wanted = function(network(first=False))(image)
    found = function(channels_last(network(first=True)))(image)
    for one, other in zip(found, wanted, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-5)


def test_only_what_reads_a_map_as_it_was_has_it_turned():
    made = channels_last(network(first=True))
    turned = [node.name for node in made.graph_def.node if node.op == "Transpose"]
    assert len(turned) == 1


def test_a_graph_without_such_nodes_is_left_alone():
    graph = network(first=False)
    before = graph.graph_def.SerializeToString(deterministic=True)
    assert channels_last(graph) is graph
    assert graph.graph_def.SerializeToString(deterministic=True) == before
