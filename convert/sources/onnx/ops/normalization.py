"""Normalizations: of a batch as a factor and a shift per channel, of one picture as it is."""

from collections.abc import Sequence

import numpy as np

from convert.graph.tensorflow import tensorflow
from convert.sources.onnx.node import Handlers, Inputs, Node, need
from convert.sources.onnx.value import MAP_RANK, Tensor, Value, aligned, channels_last, plain


def _batch(node: Node, inputs: Inputs) -> Sequence[Value]:
    """Ioffe & Szegedy 2015, as after training: x * factor + shift."""
    names = ("scale", "B", "mean", "var")
    known = [node.known(inputs, i, name) for i, name in enumerate(names, 1)]
    gain, shift, mean, variance = (np.asarray(a, np.float64) for a in known)
    if node.attribute("training_mode", 0):
        raise node.refuse("it is still in training mode")
    factor = gain / np.sqrt(variance + node.attribute("epsilon", 1e-5))
    offset = shift - mean * factor
    value = need(inputs, 0)
    whole = (-1,) + (1,) * max(value.rank - 2, 0)
    vectors = [Value(constant=a.astype(np.float32).reshape(whole)) for a in (factor, offset)]
    if value.rank == MAP_RANK:
        value = Value(stored=channels_last(value), last=True)
    (x, a, b), last = aligned([value, *vectors])
    return [Value(stored=x * a + b, last=last)]


def _instance(node: Node, inputs: Inputs) -> Sequence[Value]:
    """Ulyanov et al. 2016: over all axes but the batch's and the channels'."""
    value = need(inputs, 0)
    last = value.rank == MAP_RANK
    x = channels_last(value) if last else plain(value)
    axes = [1, 2] if last else list(range(2, value.rank))
    scaled = _scaled(node, x, axes)
    whole = (-1,) if last else (-1,) + (1,) * (value.rank - 2)
    gain, shift = (node.known(inputs, i, name) for i, name in ((1, "scale"), (2, "B")))
    assert gain is not None
    assert shift is not None
    return [Value(stored=scaled * gain.reshape(whole) + shift.reshape(whole), last=last)]


def _scaled(node: Node, x: Tensor, axes: Sequence[int]) -> Tensor:
    """Of mean 0 and variance 1 over some axes."""
    tf = tensorflow()
    centred = x - tf.reduce_mean(x, axes, keepdims=True)
    variance = tf.reduce_mean(centred * centred, axes, keepdims=True)
    return centred * tf.math.rsqrt(variance + np.float32(node.attribute("epsilon", 1e-5)))


def _layer(node: Node, inputs: Inputs) -> Sequence[Value]:
    """Ba et al. 2016: over all axes from `axis` on."""
    value = need(inputs, 0)
    axes = list(range(node.attribute("axis", -1) % value.rank, value.rank))
    scaled = _scaled(node, plain(value), axes)
    gain, shift = node.known(inputs, 1, "Scale"), node.known(inputs, 2, "B")
    scaled = scaled * gain
    return [Value(stored=scaled if shift is None else scaled + shift)]


def _across_channels(node: Node, inputs: Inputs) -> Sequence[Value]:
    """Krizhevsky et al. 2012; ONNX divides alpha by the number of channels, TensorFlow does not."""
    size, image = node.attribute("size", 1), channels_last(need(inputs, 0))
    made = tensorflow().nn.local_response_normalization(
        image,
        depth_radius=size // 2,
        bias=node.attribute("bias", 1.0),
        alpha=node.attribute("alpha", 1e-4) / size,
        beta=node.attribute("beta", 0.75),
    )
    return [Value(stored=made, last=True)]


HANDLERS: Handlers = {
    "BatchNormalization": _batch,
    "InstanceNormalization": _instance,
    "LayerNormalization": _layer,
    "LRN": _across_channels,
}
