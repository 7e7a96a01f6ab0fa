"""Operators on shapes and types: they move nothing and compute little."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from convert.graph.tensorflow import tensorflow
from convert.sources.onnx.node import Handlers, Inputs, Node, need
from convert.sources.onnx.ops.reductions import ready_to_drop
from convert.sources.onnx.value import (
    TO_FIRST,
    Tensor,
    Value,
    constant,
    in_order,
    plain,
    shape_of,
    sizes_of,
)

_FLOATS = ("float16", "float64", "bfloat16")


def _same(node: Node, inputs: Inputs) -> Sequence[Value]:
    """What passes its input on."""
    if len(node.proto.output) > 1 and node.op == "Dropout" and node.proto.output[1]:
        return [need(inputs, 0), constant(np.ones((), bool))]
    return [need(inputs, 0)]


def _cast(node: Node, inputs: Inputs) -> Sequence[Value]:
    """To another type; all floating point numbers are float32 in the Graph."""
    import onnx

    value = need(inputs, 0)
    dtype = np.dtype(onnx.helper.tensor_dtype_to_np_dtype(node.attribute("to", 1)))
    dtype = np.dtype(np.float32) if dtype.name in _FLOATS else dtype
    if value.constant is not None:
        return [constant(value.constant.astype(dtype))]
    if value.stored.dtype == dtype:
        return [value]
    made = tensorflow().cast(value.stored, dtype)
    return [Value(stored=made, last=value.last, sizes=value.sizes)]


def _shape(node: Node, inputs: Inputs) -> Sequence[Value]:
    """The shape in ONNX's order: numbers, or nodes where a size is free."""
    tf, value = tensorflow(), need(inputs, 0)
    wanted = slice(node.attribute("start", 0), node.attribute("end", None))
    found = tf.shape(plain(value) if value.stored is None else value.stored, out_type=tf.int64)
    found = tf.gather(found, np.array(TO_FIRST, np.int32)) if value.last else found
    return [shape_of(value.shape[wanted], found[wanted])]


def _size(node: Node, inputs: Inputs) -> Sequence[Value]:
    tf, value = tensorflow(), need(inputs, 0)
    known = _product(value.shape)
    if known is not None:
        return [constant(np.array(known, np.int64))]
    return [Value(stored=tf.size(value.stored, out_type=tf.int64))]


def _reshape(node: Node, inputs: Inputs) -> Sequence[Value]:
    """0 keeps an axis of ONNX's, -1 is what remains."""
    tf, value, wanted = tensorflow(), need(inputs, 0), need(inputs, 1)
    sizes = sizes_of(wanted)
    if sizes is None or sizes.count(None) + sizes.count(-1) > 1:
        return [Value(stored=tf.reshape(plain(value), tf.cast(plain(wanted), tf.int32)))]
    shape = [-1 if n is None else n for n in sizes]
    if not node.attribute("allowzero", 0):
        shape = [_kept(value, i) if n == 0 else n for i, n in enumerate(shape)]
    return [Value(stored=_reshaped(value, shape))]


def _kept(value: Value, axis: int) -> Any:
    size = value.shape[axis]
    return tensorflow().shape(value.stored)[value.axis(axis)] if size is None else size


def _reshaped(value: Value, shape: Sequence[Any]) -> Tensor:
    tf = tensorflow()
    if list(value.shape) == list(shape):
        return plain(value)
    numbers = all(isinstance(n, int) for n in shape)
    return tf.reshape(in_order(value), shape if numbers else tf.stack(shape))


def _flatten(node: Node, inputs: Inputs) -> Sequence[Value]:
    """Two axes: those before `axis` and the rest."""
    value = need(inputs, 0)
    axis = node.attribute("axis", 1) % (value.rank + 1)
    sizes = [_product(value.shape[:axis]), _product(value.shape[axis:])]
    if sizes.count(None) > 1:
        raise node.refuse("all of its sizes are free")
    return [Value(stored=_reshaped(value, [-1 if n is None else n for n in sizes]))]


def _product(sizes: Sequence[int | None]) -> int | None:
    known = [n for n in sizes if n is not None]
    return math.prod(known) if len(known) == len(sizes) else None


def _squeeze(node: Node, inputs: Inputs) -> Sequence[Value]:
    value = need(inputs, 0)
    known = node.known(inputs, 1, "axes")
    named = known if known is not None else [i for i, n in enumerate(value.shape) if n == 1]
    axes = [int(a) % value.rank for a in named]
    value = ready_to_drop(value, axes)
    stored = sorted(value.axis(a) for a in axes)
    return [Value(stored=tensorflow().squeeze(value.stored, stored))]


def _unsqueeze(node: Node, inputs: Inputs) -> Sequence[Value]:
    value, known = need(inputs, 0), node.known(inputs, 1, "axes")
    if known is None:
        raise node.refuse("its axes are missing")
    rank, tensor = value.rank + known.size, plain(value)
    for axis in sorted(int(a) % rank for a in known):
        tensor = tensorflow().expand_dims(tensor, axis)
    return [Value(stored=tensor)]


def _expand(node: Node, inputs: Inputs) -> Sequence[Value]:
    """Broadcast against a shape, both ways."""
    tf, value, shape = tensorflow(), need(inputs, 0), need(inputs, 1)
    wanted = shape.constant if shape.constant is not None else shape.stored
    known = [n for n in value.shape if n is not None]
    if shape.constant is not None and len(known) == value.rank:
        wanted = np.broadcast_shapes(tuple(known), tuple(int(n) for n in shape.constant))
        if value.shape == wanted:
            return [value]
    return [Value(stored=tf.broadcast_to(plain(value), wanted))]


def _filled(node: Node, inputs: Inputs) -> Sequence[Value]:
    """A tensor of one number."""
    from onnx import numpy_helper

    given = node.attribute("value", None)
    number = np.float32(0) if given is None else numpy_helper.to_array(given).reshape(-1)[0]
    return [Value(stored=tensorflow().fill(need(inputs, 0).stored, number))]


def _range(node: Node, inputs: Inputs) -> Sequence[Value]:
    begin, end, step = (plain(need(inputs, i)) for i in range(3))
    return [Value(stored=tensorflow().range(begin, end, step))]


HANDLERS: Handlers = {
    "Cast": _cast,
    "ConstantOfShape": _filled,
    "Dropout": _same,
    "Expand": _expand,
    "Flatten": _flatten,
    "Identity": _same,
    "Range": _range,
    "Reshape": _reshape,
    "Shape": _shape,
    "Size": _size,
    "Squeeze": _squeeze,
    "Unsqueeze": _unsqueeze,
}
