"""Activations that have settings, or that TensorFlow spells as several nodes."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from convert.graph.tensorflow import tensorflow
from convert.sources.onnx.node import Handlers, Inputs, Node, need
from convert.sources.onnx.value import Tensor, Value, aligned


def _clip(node: Node, inputs: Inputs) -> Sequence[Value]:
    """Relu and Relu6 where the bounds are theirs."""
    value = need(inputs, 0)
    (x,), last = aligned([value])
    low, high = (_bound(node, inputs, i, name) for i, name in ((1, "min"), (2, "max")))
    return [Value(stored=clipped(x, low, high), last=last)]


def _bound(node: Node, inputs: Inputs, index: int, name: str) -> float | None:
    known = node.known(inputs, index, name)
    if known is None or not known.size:
        return None
    bound = float(known.reshape(-1)[0])
    return None if abs(bound) >= float(np.finfo(np.float32).max) else bound


def clipped(x: Tensor, low: float | None, high: float | None) -> Tensor:
    """The tensor between two bounds, either of which may be missing."""
    tf = tensorflow()
    if low == 0 and high in (None, 6) and tf.as_dtype(x.dtype).is_floating:
        return tf.nn.relu(x) if high is None else tf.nn.relu6(x)
    dtype = tf.as_dtype(x.dtype).as_numpy_dtype
    x = x if high is None else tf.minimum(x, dtype(high))
    return tf.identity(x) if low is None else tf.maximum(x, dtype(low))


def _leaky_relu(node: Node, inputs: Inputs) -> Sequence[Value]:
    (x,), last = aligned([need(inputs, 0)])
    return [Value(stored=tensorflow().nn.leaky_relu(x, node.attribute("alpha", 0.01)), last=last)]


def _prelu(node: Node, inputs: Inputs) -> Sequence[Value]:
    """Relu(x) + (-slope) * Relu(-x), the form that TensorFlow's converter makes a PRELU of."""
    tf = tensorflow()
    (x, slope), last = aligned([need(inputs, 0), need(inputs, 1)])
    return [Value(stored=tf.nn.relu(x) + (-slope) * tf.nn.relu(-x), last=last)]


def _hard_sigmoid(node: Node, inputs: Inputs) -> Sequence[Value]:
    (x,), last = aligned([need(inputs, 0)])
    slope, shift = node.attribute("alpha", 0.2), node.attribute("beta", 0.5)
    return [Value(stored=_gate(x, slope, shift), last=last)]


def _gate(x: Tensor, slope: float, shift: float) -> Tensor:
    """min(max(slope * x + shift, 0), 1), by Relu6, which all runtimes have."""
    tf = tensorflow()
    if abs(slope - 1 / 6) < 1e-6 and shift == 0.5:
        return tf.nn.relu6(x + 3.0) * np.float32(1 / 6)
    return tf.nn.relu6(x * (6 * slope) + 6 * shift) * np.float32(1 / 6)


def _hard_swish(node: Node, inputs: Inputs) -> Sequence[Value]:
    """X * Relu6(x + 3) / 6 (Howard et al. 2019)."""
    (x,), last = aligned([need(inputs, 0)])
    made = x * tensorflow().nn.relu6(x + 3.0) * np.float32(1 / 6)
    return [Value(stored=made, last=last)]


def _mish(node: Node, inputs: Inputs) -> Sequence[Value]:
    tf = tensorflow()
    (x,), last = aligned([need(inputs, 0)])
    return [Value(stored=x * tf.tanh(tf.math.softplus(x)), last=last)]


def _gelu(node: Node, inputs: Inputs) -> Sequence[Value]:
    """Hendrycks & Gimpel 2016; by Erf, for the targets do not have TensorFlow's Erfc."""
    tf = tensorflow()
    (x,), last = aligned([need(inputs, 0)])
    if node.attribute("approximate", "none") == "tanh":
        return [Value(stored=tf.nn.gelu(x, approximate=True), last=last)]
    made = x * np.float32(0.5) * (tf.math.erf(x * np.float32(0.5**0.5)) + np.float32(1))
    return [Value(stored=made, last=last)]


def _softmax(node: Node, inputs: Inputs) -> Sequence[Value]:
    """Over one axis; before opset 13 over all from that axis on."""
    value = need(inputs, 0)
    axis = node.attribute("axis", -1 if node.opset >= 13 else 1) % value.rank
    if node.opset < 13 and any(size != 1 for size in value.shape[axis + 1 :]):
        raise node.refuse("it is over several axes, as softmax was before opset 13")
    (x,), last = aligned([value])
    return [Value(stored=_over_axis(node.op, x, value.axis(axis)), last=last)]


def _over_axis(op: str, x: Tensor, axis: int) -> Any:
    tf = tensorflow()
    return (tf.nn.softmax if op == "Softmax" else tf.nn.log_softmax)(x, axis=axis)


HANDLERS: Handlers = {
    "Clip": _clip,
    "Gelu": _gelu,
    "HardSigmoid": _hard_sigmoid,
    "HardSwish": _hard_swish,
    "LeakyRelu": _leaky_relu,
    "LogSoftmax": _softmax,
    "Mish": _mish,
    "PRelu": _prelu,
    "Softmax": _softmax,
}
