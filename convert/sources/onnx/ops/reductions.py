"""Sums, means and extremes over axes, and their places."""

from collections.abc import Mapping, Sequence
from functools import partial

import numpy as np

from convert.graph.tensorflow import tensorflow
from convert.sources.onnx.node import Handler, Handlers, Inputs, Node, need
from convert.sources.onnx.value import Value, plain

_REDUCED: Mapping[str, str] = {
    "ReduceL2": "norm",
    "ReduceMax": "reduce_max",
    "ReduceMean": "reduce_mean",
    "ReduceMin": "reduce_min",
    "ReduceProd": "reduce_prod",
    "ReduceSum": "reduce_sum",
}


def _reduce(function: str, node: Node, inputs: Inputs) -> Sequence[Value]:
    value = need(inputs, 0)
    known = node.known(inputs, 1, "axes")
    if known is None or not known.size:
        if node.attribute("noop_with_empty_axes", 0):
            return [value]
        known = np.arange(value.rank)
    axes = sorted(int(a) % value.rank for a in known)
    return [reduced(value, axes, function, keep=bool(node.attribute("keepdims", 1)))]


def reduced(value: Value, axes: Sequence[int], function: str, *, keep: bool) -> Value:
    """Reduced over ONNX's axes; the order of what remains is ONNX's."""
    called = getattr(tensorflow(), function)
    value = value if keep else ready_to_drop(value, axes)
    tensor = value.stored if value.stored is not None else plain(value)
    stored = sorted(value.axis(a) for a in axes)
    return Value(stored=called(tensor, axis=stored, keepdims=keep), last=value.last and keep)


def ready_to_drop(value: Value, axes: Sequence[int]) -> Value:
    """The value, turned if its axes without these would not stand in ONNX's order."""
    left = [value.axis(a) for a in range(value.rank) if a not in axes]
    ordered = left == sorted(left) or not value.last
    return value if ordered else Value(stored=plain(value))


def _arg(function: str, node: Node, inputs: Inputs) -> Sequence[Value]:
    tf, value = tensorflow(), need(inputs, 0)
    if node.attribute("select_last_index", 0):
        raise node.refuse("of equal values the last is asked for")
    axis, keep = node.attribute("axis", 0) % value.rank, node.attribute("keepdims", 1)
    value = value if keep else ready_to_drop(value, [axis])
    place = value.axis(axis)
    found = getattr(tf, function)(value.stored, axis=place, output_type=tf.int64)
    return [
        Value(stored=tf.expand_dims(found, place), last=value.last) if keep else Value(stored=found)
    ]


_TABLES: Mapping[str, Handler] = {op: partial(_reduce, f) for op, f in _REDUCED.items()}

HANDLERS: Handlers = {
    **_TABLES,
    "ArgMax": partial(_arg, "argmax"),
    "ArgMin": partial(_arg, "argmin"),
}
