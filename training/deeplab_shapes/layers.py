"""Layers of the TensorFlow 1 graph, named as Google's slim names them."""

from collections.abc import Callable
from dataclasses import dataclass

import tensorflow as tf

tf1 = tf.compat.v1
Initializer = Callable[..., tf.Tensor]

WEIGHTS = "decayed_weights"
"""Collection of the kernels that weight decay applies to: all but the depthwise ones."""

EPSILON = 1e-5
"""Batch norm's, as in DeepLab's own layers and in torchvision's MobileNetV2."""


@dataclass(frozen=True, kw_only=True)
class Mode:
    """How batch norm and dropout behave."""

    training: bool
    """Whether they use the batch and draw, or use what was learned."""
    momentum: float = 0.99
    """Of the moving mean and variance."""


def conv(
    net: tf.Tensor,
    name: str,
    filters: int,
    mode: Mode,
    *,
    kernel: int = 1,
    stride: int = 1,
    activation: str | None = "Relu6",
) -> tf.Tensor:
    """Convolution, batch norm and activation under one scope, NHWC float32."""
    with tf1.variable_scope(name):
        weights = kernel_variable("weights", [kernel, kernel, net.shape[-1], filters])
        net = tf1.nn.conv2d(net, weights, strides=stride, padding="SAME", name="Conv2D")
        return activated(batch_norm(net, mode), activation)


def depthwise(net: tf.Tensor, name: str, mode: Mode, *, stride: int, rate: int) -> tf.Tensor:
    """A 3x3 depthwise convolution; above rate 1 it stands between SpaceToBatch and BatchToSpace."""
    with tf1.variable_scope(name):
        spread = tf1.truncated_normal_initializer(stddev=0.33)
        shape = [3, 3, net.shape[-1], 1]
        weights = variable("depthwise_weights", shape, spread)
        net = tf1.nn.depthwise_conv2d(
            net, weights, [1, stride, stride, 1], "SAME", rate=[rate, rate], name="depthwise"
        )
        return activated(batch_norm(net, mode), "Relu6")


def inverted_residual(
    net: tf.Tensor, name: str, filters: int, mode: Mode, *, expansion: int, stride: int, rate: int
) -> tf.Tensor:
    """Expand, filter per channel, project linearly; add the input where the shapes agree."""
    with tf1.variable_scope(name):
        inner = net
        if expansion > 1:
            inner = conv(net, "expand", expansion * net.shape[-1], mode)
        inner = depthwise(inner, "depthwise", mode, stride=stride, rate=rate)
        inner = conv(inner, "project", filters, mode, activation=None)
        if stride == 1 and net.shape[-1] == filters:
            inner = tf.add(inner, net, name="add")
        return tf.identity(inner, name="output")


def kernel_variable(name: str, shape: list[int]) -> tf.Variable:
    """A decayed kernel, HWIO float32."""
    initializer = tf1.variance_scaling_initializer(scale=2.0)
    kernel = variable(name, shape, initializer)
    tf1.add_to_collection(WEIGHTS, kernel)
    return kernel


def variable(
    name: str, shape: list[int], initializer: Initializer, *, trainable: bool = True
) -> tf.Variable:
    """A variable of TensorFlow 1's kind, which freezes to `name` and its Identity `name/read`."""
    return tf1.get_variable(
        name, shape, initializer=initializer, trainable=trainable, use_resource=False
    )


def batch_norm(net: tf.Tensor, mode: Mode) -> tf.Tensor:
    """Fused batch norm; in training its moving mean and variance follow the batches'."""
    with tf1.variable_scope("BatchNorm"):
        gamma, variance = _per_channel("gamma", net, 1), _per_channel("moving_variance", net, 1)
        beta, mean = _per_channel("beta", net, 0), _per_channel("moving_mean", net, 0)
        moving = () if mode.training else (mean, variance)
        net, batch_mean, batch_variance = tf1.nn.fused_batch_norm(
            net,
            gamma,
            beta,
            *moving,
            epsilon=EPSILON,
            is_training=mode.training,
            name="FusedBatchNorm",
        )
        if mode.training:
            _follow(mean, batch_mean, mode)
            _follow(variance, batch_variance, mode)
        return net


def _per_channel(name: str, net: tf.Tensor, value: float) -> tf.Tensor:
    """A variable with one entry per channel, float32 [channels]."""
    trainable = not name.startswith("moving")
    initializer = tf1.constant_initializer(value)
    return variable(name, [net.shape[-1]], initializer, trainable=trainable)


def _follow(moving: tf.Tensor, value: tf.Tensor, mode: Mode) -> None:
    """Let a moving average take its step with every training step."""
    update = tf1.assign_sub(moving, (1 - mode.momentum) * (moving - value))
    tf1.add_to_collection(tf1.GraphKeys.UPDATE_OPS, update)


def activated(net: tf.Tensor, activation: str | None) -> tf.Tensor:
    """The activation of a name, or the tensor as it is."""
    if activation is None:
        return tf.identity(net, name="Identity")
    return {"Relu": tf.nn.relu, "Relu6": tf.nn.relu6}[activation](net, name=activation)
