"""Tiny networks with the parts of real ones, and the pictures that they are calibrated on."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from convert.graph.cut import cut
from convert.graph.graph import Graph
from convert.graph.passes import PASSES
from convert.graph.tensorflow import tensorflow

SHAPE = (1, 17, 25, 3)


def picture(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).uniform(-1, 1, SHAPE).astype(np.float32)


def pictures() -> Iterator[np.ndarray]:
    return (picture(seed) for seed in range(10, 20))


def core_of(body: Callable[..., Any]) -> Graph:
    """What the road makes of a graph with an unfolded body: its core after all passes."""
    tf, random = tensorflow(), np.random.default_rng(7)

    def weights(*shape: int) -> np.ndarray:
        return random.normal(0, 0.35, shape).astype(np.float32)

    def norm(x: Any) -> Any:
        channels = x.shape[-1]
        positive = [np.abs(weights(channels)) + 0.5 for _ in range(2)]
        return tf.compat.v1.nn.fused_batch_norm(
            x, positive[0], weights(channels), weights(channels), positive[1], is_training=False
        )[0]

    with tf.Graph().as_default() as built:
        image = tf.compat.v1.placeholder(tf.float32, SHAPE, name="picture")
        tf.identity(body(tf, image, weights, norm), name="end")
    whole = Graph(graph_def=built.as_graph_def(), inputs=("picture",), outputs=("end",))
    core = cut(whole, start="picture", ends={"logits": "end"}, shape=SHAPE)
    for step in PASSES.values():
        core = step(core)
    return core


def segmenter(tf: Any, image: Any, weights: Any, norm: Any) -> Any:
    """DeepLab's parts: strided, atrous depthwise, residual, image pooling, corners aligned."""
    x = tf.nn.relu6(norm(tf.nn.conv2d(image, weights(3, 3, 3, 8), 2, "SAME")))
    y = tf.nn.depthwise_conv2d(x, weights(3, 3, 8, 1), [1] * 4, "SAME", dilations=[2, 2])
    y = norm(tf.nn.conv2d(tf.nn.relu6(norm(y)), weights(1, 1, 8, 8), 1, "SAME"))
    x = norm(tf.nn.relu6(x + y))  # a norm without a convolution before it
    pooled = tf.nn.conv2d(tf.reduce_mean(x, [1, 2], keepdims=True), weights(1, 1, 8, 8), 1, "SAME")
    pooled = tf.compat.v1.image.resize_bilinear(pooled, tf.shape(x)[1:3], align_corners=True)
    x = tf.nn.conv2d(tf.concat([x, pooled], 3), weights(1, 1, 16, 4), 1, "SAME")
    x = tf.nn.bias_add(x, weights(4))
    return tf.compat.v1.image.resize_bilinear(x, SHAPE[1:3], align_corners=True)


def classifier(tf: Any, image: Any, weights: Any, norm: Any) -> Any:
    """MobileNet's parts: [1, C] from a 1x1 convolution of a mean."""
    x = tf.nn.relu6(norm(tf.nn.conv2d(image, weights(3, 3, 3, 8), 2, "SAME")))
    x = tf.nn.conv2d(tf.reduce_mean(x, [1, 2], keepdims=True), weights(1, 1, 8, 4), 1, "SAME")
    return tf.squeeze(tf.nn.bias_add(x, weights(4)), [1, 2])


def hard_swish(tf: Any, image: Any, weights: Any, norm: Any) -> Any:
    x = norm(tf.nn.conv2d(image, weights(3, 3, 3, 8), 2, "SAME"))
    x = x * tf.nn.relu6(x + 3.0) * (1 / 6)
    return tf.nn.bias_add(tf.nn.conv2d(x, weights(1, 1, 8, 4), 1, "SAME"), weights(4))


def blocks(tf: Any, image: Any, weights: Any, norm: Any) -> Any:
    """Inverted residuals, as MobileNet v2 has them."""
    x = tf.nn.relu6(norm(tf.nn.conv2d(image, weights(3, 3, 3, 8), 2, "SAME")))
    for _ in range(2):
        y = norm(tf.nn.conv2d(x, weights(1, 1, 8, 16), 1, "SAME"))
        y = norm(tf.nn.depthwise_conv2d(tf.nn.relu6(y), weights(3, 3, 16, 1), [1] * 4, "SAME"))
        x = x + norm(tf.nn.conv2d(tf.nn.relu6(y), weights(1, 1, 16, 8), 1, "SAME"))
    return tf.nn.bias_add(tf.nn.conv2d(x, weights(1, 1, 8, 4), 1, "SAME"), weights(4))
