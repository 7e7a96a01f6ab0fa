"""A network of every kind of operator."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from convert.graph.graph import Graph
from convert.graph.tensorflow import tensorflow

SHAPE = (1, 16, 24, 8)
STEPS = 5
"""How far an answer may be off: a few roundings on the way, one at the end."""


def weights(*shape: int) -> np.ndarray:
    random = np.random.default_rng(sum(shape))
    return random.normal(0, 0.3, shape).astype(np.float32)


def conv(x: Any, channels: int = 8, side: int = 1) -> Any:
    tf = tensorflow()
    x = tf.nn.conv2d(x, weights(side, side, x.shape[-1], channels), 1, "SAME")
    return tf.nn.bias_add(x, weights(channels))


def depthwise(x: Any) -> Any:
    tf = tensorflow()
    x = tf.nn.depthwise_conv2d(x, weights(3, 3, 8, 2), [1] * 4, "SAME")
    return tf.nn.relu6(tf.nn.bias_add(x, weights(16)))


def transposed(x: Any) -> Any:
    tf = tensorflow()
    shape = (1, SHAPE[1] * 2, SHAPE[2] * 2, 4)
    x = tf.compat.v1.nn.conv2d_transpose(x, weights(2, 2, 4, 8), shape, 2, "SAME")
    return tf.nn.bias_add(x, weights(4))


def hard_swish(x: Any) -> Any:
    return x * tensorflow().nn.relu6(x + 3.0) * (1 / 6)


def prelu(x: Any) -> Any:
    """As Keras writes it, which the converter knows again."""
    tf = tensorflow()
    return tf.nn.relu(x) + np.linspace(-0.5, 1.5, 8, dtype=np.float32) * -tf.nn.relu(-x)


def pooled(x: Any, how: str, window: tuple[int, int], padding: str = "VALID") -> Any:
    pool = getattr(tensorflow().nn, f"{how}_pool2d")
    return pool(x, window, [1, 1] if padding == "SAME" else window, padding)


def product(x: Any) -> Any:
    tf = tensorflow()
    x = tf.matmul(tf.reshape(pooled(x, "avg", SHAPE[1:3]), [1, 8]), weights(8, 5))
    return tf.nn.relu(tf.nn.bias_add(x, weights(5)))


def resized(x: Any, method: str) -> Any:
    size = (SHAPE[1] * 2, SHAPE[2] * 2)
    return tensorflow().image.resize(conv(x), size, method)


def bodies() -> dict[str, Callable[[Any], Any]]:
    """Name of the file's output -> what it is of the picture's [1, H, W, 8]."""
    tf = tensorflow()
    return {
        "convolution": lambda x: tf.nn.relu6(conv(x, side=3)),
        "depthwise": depthwise,
        "transposed": lambda x: transposed(conv(x)),
        "product": product,
        "sum": lambda x: tf.nn.relu(conv(x, side=3) + conv(x)),
        "sum_with_constant": lambda x: conv(x, side=3) + weights(1, 1, 1, 8),
        "difference": lambda x: conv(x, side=3) - conv(x),
        "product_of_two": lambda x: conv(x) * conv(x, side=3),
        "gate": lambda x: conv(x) * tf.sigmoid(conv(pooled(x, "avg", SHAPE[1:3]))),
        "hard_swish": lambda x: conv(hard_swish(conv(x, side=3))),
        "hard_swish_of_two": lambda x: hard_swish(conv(x) + conv(x, side=3)),
        "prelu": lambda x: conv(prelu(conv(x) + conv(x, side=3))),
        "leaky": lambda x: tf.nn.leaky_relu(conv(x), 0.2),
        "lone_relu": lambda x: tf.nn.relu(tf.reshape(conv(x), [1, 24, 16, 8])),
        "sigmoid": lambda x: tf.sigmoid(conv(x)),
        "tanh": lambda x: tf.tanh(conv(x)),
        "softmax": lambda x: tf.nn.softmax(conv(x)),
        "mean": lambda x: tf.reduce_mean(conv(x), [1, 2], keepdims=True),
        "whole_average": lambda x: pooled(conv(x), "avg", SHAPE[1:3]),
        "average": lambda x: pooled(conv(x), "avg", (2, 3)),
        "padded_average": lambda x: pooled(conv(x), "avg", (3, 3), "SAME"),
        "maximum": lambda x: tf.maximum(conv(x), conv(x, side=3)),
        "minimum_with_constant": lambda x: tf.minimum(conv(x), weights(1, 1, 1, 8)),
        "max_pool": lambda x: pooled(conv(x), "max", (2, 2)),
        "concat": lambda x: conv(tf.concat([conv(x), 3 * conv(x, side=3)], 3)),
        "concat_with_sigmoid": lambda x: tf.concat([tf.sigmoid(conv(x)), conv(x, side=3)], 3),
        "concat_of_shared": lambda x: tf.concat([y := conv(x), 9 * conv(x, side=3), conv(y)], 3),
        "pad": lambda x: tf.pad(conv(x), [[0, 0], [1, 2], [0, 1], [0, 0]]),
        "bilinear": lambda x: resized(x, "bilinear"),
        "nearest": lambda x: resized(x, "nearest"),
        "transpose": lambda x: tf.transpose(conv(x), [0, 2, 1, 3]),
        "slice": lambda x: conv(x)[:, 2:12:2, 1:-1],
        "split": lambda x: tf.split(conv(x), 2, 3)[0] + tf.split(conv(x, side=3), 2, 3)[1],
        "stack": lambda x: tf.stack([conv(x), conv(x, side=3)], 1),
        "space_to_depth": lambda x: tf.nn.space_to_depth(conv(x), 2),
        "depth_to_space": lambda x: tf.nn.depth_to_space(conv(x), 2),
        "no_integer_kernel": lambda x: conv(conv(x) / (tf.exp(conv(x, side=3)) + 1.0)),
    }


def picture(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).uniform(-1, 1, SHAPE).astype(np.float32)


def pictures() -> Iterator[np.ndarray]:
    return (picture(seed) for seed in range(3))


def graph(built_of: dict[str, Callable[[Any], Any]]) -> Graph:
    tf = tensorflow()
    with tf.Graph().as_default() as built:
        image = tf.compat.v1.placeholder(tf.float32, SHAPE, name="image")
        for name, body in built_of.items():
            with tf.name_scope(f"within_{name}"):
                given = body(image)
            tf.identity(given, name=name)
    whole = Graph(graph_def=built.as_graph_def(), inputs=("image",), outputs=tuple(built_of))
    return whole.pruned()
