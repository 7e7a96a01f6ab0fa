"""DeepLabV3 on a narrow MobileNetV2 at output stride 8.

Papers: Chen et al., arXiv:1706.05587; Sandler et al., arXiv:1801.04381.
"""

from dataclasses import dataclass

import tensorflow as tf

from convert.datasets.scenes import CLASSES
from training.deeplab_shapes import SIZE
from training.deeplab_shapes.layers import (
    Mode,
    conv,
    inverted_residual,
    kernel_variable,
    tf1,
    variable,
)


@dataclass(frozen=True, kw_only=True)
class Block:
    """One inverted residual block."""

    filters: int
    expansion: int = 6
    stride: int = 1
    rate: int = 1


STEM_FILTERS = 16
ASPP_FILTERS = 64
BLOCKS: tuple[Block, ...] = (
    Block(filters=12, expansion=1),
    Block(filters=16, stride=2),
    Block(filters=16),
    Block(filters=24, stride=2),
    Block(filters=24),
    Block(filters=24),
    Block(filters=32),
    Block(filters=32, rate=2),
    Block(filters=32, rate=2),
    Block(filters=40, rate=2),
    Block(filters=40, rate=4),
    Block(filters=40, rate=4),
)
"""MobileNetV2's pattern, narrow and shortened; past output stride 8 its strides became rates."""


def network(images: tf.Tensor, mode: Mode) -> tf.Tensor:
    """Logits [N, 129, 129, classes] of images [N, 129, 129, 3], float32 in -1..1."""
    net = logits(aspp(backbone(images, mode), mode), mode)
    return tf1.image.resize_bilinear(net, [SIZE, SIZE], align_corners=True)


def backbone(net: tf.Tensor, mode: Mode) -> tf.Tensor:
    """Features [N, 17, 17, 40] of images [N, 129, 129, 3]."""
    with tf1.variable_scope("MobilenetV2"):
        net = conv(net, "Conv", STEM_FILTERS, mode, kernel=3, stride=2)
        for number, block in enumerate(BLOCKS):
            name = f"expanded_conv_{number}" if number else "expanded_conv"
            net = inverted_residual(
                net,
                name,
                block.filters,
                mode,
                expansion=block.expansion,
                stride=block.stride,
                rate=block.rate,
            )
        return net


def aspp(net: tf.Tensor, mode: Mode) -> tf.Tensor:
    """The features beside their mean over the picture, projected: [N, 17, 17, 64]."""
    side = net.shape[1]
    pooled = tf1.nn.avg_pool2d(net, [side, side], [side, side], "VALID", name="AvgPool2D/AvgPool")
    pooled = conv(pooled, "image_pooling", ASPP_FILTERS, mode, activation="Relu")
    pooled = tf1.image.resize_bilinear(pooled, [side, side], align_corners=True)
    local = conv(net, "aspp0", ASPP_FILTERS, mode, activation="Relu")
    net = tf.concat([pooled, local], axis=3, name="concat")
    net = conv(net, "concat_projection", ASPP_FILTERS, mode, activation="Relu")
    if mode.training:
        return tf.nn.dropout(net, 0.1)
    return tf.identity(net, "concat_projection_dropout/Identity")


def logits(net: tf.Tensor, mode: Mode) -> tf.Tensor:
    """One logit per class and cell, [N, 17, 17, classes]."""
    with tf1.variable_scope("logits/semantic"):
        weights = kernel_variable("weights", [1, 1, net.shape[-1], len(CLASSES)])
        biases = variable("biases", [len(CLASSES)], tf1.zeros_initializer())
        net = tf1.nn.conv2d(net, weights, strides=1, padding="SAME", name="Conv2D")
        return tf.nn.bias_add(net, biases, name="BiasAdd")
