"""Operators that pick elements by their places."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from convert.graph.tensorflow import tensorflow
from convert.sources.onnx.node import Handlers, Inputs, Node, need
from convert.sources.onnx.value import Tensor, Value, constant, plain, shape_of

_FAR = 2**31 - 1
"""A slice's end from here on means: to the end."""


def _slice(node: Node, inputs: Inputs) -> Sequence[Value]:
    value = need(inputs, 0)
    starts, ends = (_bounds(node, inputs, i, name) for i, name in ((1, "starts"), (2, "ends")))
    axes, steps = node.known(inputs, 3, "axes"), node.known(inputs, 4, "steps")
    named = list(range(len(starts))) if axes is None else [int(a) for a in axes]
    paces = [1] * len(named) if steps is None else [int(s) for s in steps]
    index: list[Any] = [slice(None)] * value.rank
    for axis, start, end, step in zip(named, starts, ends, paces, strict=True):
        index[value.axis(axis)] = slice(start, _end(end), step)
    tensor = plain(value) if value.stored is None else value.stored
    made = tensorflow().convert_to_tensor(tensor)[tuple(index)]
    plainly = value.sizes is not None and all(isinstance(n, int) for n in (*starts, *ends))
    if value.sizes is not None and plainly:
        return [shape_of(value.sizes[index[0]], made)]
    return [Value(stored=made, last=value.last)]


def _bounds(node: Node, inputs: Inputs, index: int, name: str) -> Sequence[Any]:
    """Numbers, or nodes where they are computed from a free size."""
    tf, value = tensorflow(), node.given(inputs, index)
    if value is None:
        return [int(n) for n in node.attribute(name, ())]
    if value.constant is not None:
        return [int(n) for n in value.constant]
    found = tf.cast(value.stored, tf.int32)
    return [found[i] for i in range(found.shape[0])]


def _end(end: Any) -> Any:
    return None if isinstance(end, int) and abs(end) >= _FAR else end


def _gather(node: Node, inputs: Inputs) -> Sequence[Value]:
    """Along one axis, which indices of another rank than 1 replace."""
    tf, value, wanted = tensorflow(), need(inputs, 0), need(inputs, 1)
    axis = node.attribute("axis", 0)
    value = value if wanted.rank == 1 or not value.last else Value(stored=plain(value))
    tensor = plain(value) if value.stored is None else value.stored
    places = _places(node, wanted, value.shape[axis])
    known = _known_sizes(value, wanted)
    if known is not None and None not in known:
        return [constant(np.array(known, np.int64).reshape(plain(wanted).shape))]
    return [Value(stored=tf.gather(tensor, places, axis=value.axis(axis)), last=value.last)]


def _known_sizes(value: Value, wanted: Value) -> list[int | None] | None:
    """The sizes that known places of a shape have."""
    if value.sizes is None or wanted.constant is None:
        return None
    return [value.sizes[int(i)] for i in wanted.constant.reshape(-1)]


def _places(node: Node, wanted: Value, length: int | None) -> Tensor:
    """Indices from the beginning."""
    if wanted.constant is None:
        return wanted.stored
    if wanted.constant.min(initial=0) < 0 and length is None:
        raise node.refuse("it counts from the end of an axis of free length")
    return np.where(wanted.constant < 0, wanted.constant + (length or 0), wanted.constant)


HANDLERS: Handlers = {"Gather": _gather, "Slice": _slice}
