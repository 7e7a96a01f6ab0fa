"""Small TensorFlow 1 graphs with random weights, of every build that people freeze."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from convert.anatomy import Anatomy
from convert.graph.discover.discover import discover
from convert.graph.graph import Graph
from convert.graph.tensorflow import tensorflow

Body = Callable[[Any, "Net"], Any]


class Net:
    """Layers with random, fixed weights."""

    def __init__(self) -> None:
        self.rng = np.random.default_rng(5)

    def weights(self, *shape: int) -> Any:
        return (self.rng.normal(size=shape) * 0.3).astype(np.float32)

    def conv(self, x: Any, filters: int, *, name: str = "conv", stride: int = 2) -> Any:
        """3x3 convolution, bias and ReLU, NHWC."""
        tf = tensorflow()
        kernel = self.weights(3, 3, int(x.shape[-1]), filters)
        net = tf.nn.conv2d(x, kernel, stride, "SAME", name=f"{name}/Conv2D")
        return tf.nn.relu(tf.nn.bias_add(net, self.weights(filters)), name=f"{name}/Relu")

    def vector(self, x: Any, classes: int) -> Any:
        """Mean over the picture and a matrix product: [N, classes]."""
        tf = tensorflow()
        pooled = tf.reduce_mean(x, [1, 2])
        product = tf.matmul(pooled, self.weights(int(pooled.shape[-1]), classes))
        return tf.nn.bias_add(product, self.weights(classes), name="fc/BiasAdd")

    def classifier(self, x: Any, classes: int = 10) -> Any:
        """Logits [N, classes] of pictures."""
        return self.vector(self.conv(self.conv(x, 8), 16, name="conv_1"), classes)

    def segmenter(self, x: Any, classes: int = 5) -> Any:
        """Logits [N, h / 2, w / 2, classes] of pictures."""
        tf = tensorflow()
        kernel = self.weights(1, 1, 8, classes)
        return tf.nn.conv2d(self.conv(x, 8), kernel, 1, "SAME", name="logits/Conv2D")


def frozen(body: Body) -> Graph:
    """The graph that `body(tf.compat.v1, net)` builds."""
    tf = tensorflow()
    with tf.Graph().as_default() as graph:
        body(tf.compat.v1, Net())
    return Graph(graph_def=graph.as_graph_def(), inputs=(), outputs=())


@pytest.fixture(scope="session")
def build() -> Callable[[Body], Graph]:
    return frozen


@pytest.fixture(scope="session")
def found() -> Callable[[Body], Anatomy]:
    return lambda body: discover(frozen(body))
