"""Quantized ONNX (QDQ): stored weights become float32, pairs on tensors become FakeQuant nodes.

The Graph's numbers are real: a FakeQuant node keeps a pair's range, for schemes to use.
"""

from collections.abc import Sequence

import numpy as np

from convert.graph.tensorflow import tensorflow
from convert.sources.onnx.node import Handlers, Inputs, Node, need
from convert.sources.onnx.value import Array, Tensor, Value

_NEAR = 0.03
"""Half a step of eight bits over 0..6, and a little."""
_NEVER_NEGATIVE = frozenset({"Placeholder", "Relu", "Relu6", "Sigmoid", "Softmax"}) | frozenset(
    {"AvgPool", "ConcatV2", "MaxPool", "Mean", "Reshape", "ResizeBilinear", "Squeeze", "Transpose"}
)
"""What is not negative itself, or where none of its inputs, quantized themselves, is."""


def _scale_and_zero(node: Node, inputs: Inputs) -> tuple[Array, Array]:
    scale, zero = node.known(inputs, 1, "y_scale"), node.known(inputs, 2, "y_zero_point")
    assert scale is not None
    return scale, np.zeros((), np.uint8) if zero is None else zero


def _quantize(node: Node, inputs: Inputs) -> Sequence[Value]:
    """To the values that the integers stand for."""
    value, (scale, zero) = need(inputs, 0), _scale_and_zero(node, inputs)
    if scale.size != 1:
        raise node.refuse("a tensor that is quantized per channel is not read")
    limits = np.iinfo(zero.dtype)
    low, high = (float((n - int(zero)) * float(scale)) for n in (limits.min, limits.max))
    made = tensorflow().quantization.fake_quant_with_min_max_args(
        _clamped(value.stored, low, high), low, high, num_bits=limits.bits
    )
    return [Value(stored=made, last=value.last, quantized=(scale, zero))]


def _clamped(x: Tensor, low: float, high: float) -> Tensor:
    """With the Relu or Relu6 that ONNX Runtime leaves out where quantizing does the same."""
    tf = tensorflow()
    if low < 0 or x.op.type in _NEVER_NEGATIVE:
        return x
    return tf.nn.relu6(x) if abs(high - 6) < _NEAR else tf.nn.relu(x)


def _dequantize(node: Node, inputs: Inputs) -> Sequence[Value]:
    value, (scale, zero) = need(inputs, 0), _scale_and_zero(node, inputs)
    if value.constant is not None:
        axis = node.attribute("axis", 1) % max(value.rank, 1)
        whole = [-1 if i == axis else 1 for i in range(value.rank)]
        scale, zero = ((a.reshape(whole) if a.size > 1 else a.reshape(())) for a in (scale, zero))
        real = (value.constant.astype(np.float32) - zero.astype(np.float32)) * scale
        return [Value(constant=real.astype(np.float32))]
    if value.quantized is None:
        raise node.refuse("it reads integers that no QuantizeLinear gives")
    if not all(np.array_equal(a, b) for a, b in zip(value.quantized, (scale, zero), strict=True)):
        raise node.refuse("its scale or zero point is not its QuantizeLinear's")
    return [Value(stored=value.stored, last=value.last)]


HANDLERS: Handlers = {"DequantizeLinear": _dequantize, "QuantizeLinear": _quantize}
