"""Operators that put elements elsewhere: transpose, concatenate, split, pad, tile, shuffle."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from convert.graph.tensorflow import tensorflow
from convert.sources.onnx.node import Handlers, Inputs, Node, need
from convert.sources.onnx.value import (
    TO_FIRST,
    TO_LAST,
    Value,
    channels_last,
    permuted,
    plain,
    sizes_of,
)


def _transpose(node: Node, inputs: Inputs) -> Sequence[Value]:
    """Nothing is moved where ONNX turns what is stored in the other order already."""
    value = need(inputs, 0)
    order = tuple(node.attribute("perm", tuple(reversed(range(value.rank)))))
    if value.last and order == TO_LAST:
        return [Value(stored=value.stored)]
    if not value.last and order == TO_FIRST:
        return [Value(stored=value.stored, last=True)]
    return [Value(stored=permuted(plain(value), order))]


def _concat(node: Node, inputs: Inputs) -> Sequence[Value]:
    tf, values = tensorflow(), [v for v in inputs if v]
    last = any(v.last for v in values)
    model = next((v for v in values if v.last), values[0])
    tensors = [channels_last(v) if last else plain(v) for v in values]
    axis = model.axis(node.attribute("axis", 0))
    sizes = [sizes_of(v) for v in values]
    known = None if None in sizes else tuple(n for part in sizes for n in part or ())
    return [Value(stored=tf.concat(tensors, axis), last=last, sizes=known)]


def _split(node: Node, inputs: Inputs) -> Sequence[Value]:
    value, sizes = need(inputs, 0), node.known(inputs, 1, "split")
    axis = node.attribute("axis", 0)
    if sizes is None:
        parts, length = len(node.proto.output), value.shape[axis]
        if length is None:
            raise node.refuse("it splits an axis of free length")
        each = -(-length // parts)
        sizes = np.array([*([each] * (parts - 1)), length - each * (parts - 1)])
    equal = len(set(sizes.tolist())) == 1
    number = len(sizes) if equal else sizes.astype(np.int32)
    parts = tensorflow().split(value.stored, number, axis=value.axis(axis))
    return [Value(stored=part, last=value.last) for part in parts]


def _pad(node: Node, inputs: Inputs) -> Sequence[Value]:
    tf, value = tensorflow(), need(inputs, 0)
    pads, axes = node.known(inputs, 1, "pads"), node.known(inputs, 3, "axes")
    fill = node.known(inputs, 2, "value")
    if pads is None or pads.min(initial=0) < 0:
        raise node.refuse("its padding is negative")
    amounts = np.zeros((value.rank, 2), np.int32)
    half = len(pads) // 2
    for i, axis in enumerate(range(value.rank) if axes is None else axes):
        amounts[value.axis(int(axis))] = pads[i], pads[half + i]
    if not amounts.any():
        return [value]
    mode, more = _mode(node, amounts), 0 if fill is None or not fill.size else fill.reshape(-1)[0]
    return [
        Value(stored=tf.pad(value.stored, amounts, mode, constant_values=more), last=value.last)
    ]


def _mode(node: Node, amounts: Any) -> str:
    mode = node.attribute("mode", "constant")
    if mode == "edge" and amounts.max() <= 1:
        return "SYMMETRIC"  # one row of the edge is the edge's mirror image
    if mode not in ("constant", "reflect"):
        raise node.refuse(f"mode {mode} of {amounts.max()} rows is not read")
    return str(mode).upper()


def _tile(node: Node, inputs: Inputs) -> Sequence[Value]:
    value, repeats = need(inputs, 0), node.known(inputs, 1, "repeats")
    assert repeats is not None
    return [Value(stored=tensorflow().tile(plain(value), repeats))]


def _depth_to_space(node: Node, inputs: Inputs) -> Sequence[Value]:
    """TensorFlow's order of channels is DCR; PyTorch's pixel shuffle is CRD."""
    tf, image, block = tensorflow(), channels_last(need(inputs, 0)), node.attribute("blocksize", 1)
    if node.attribute("mode", "DCR") == "CRD":
        order = np.arange(image.shape[-1]).reshape(-1, block * block).T.reshape(-1)
        image = tf.gather(image, order.astype(np.int32), axis=3)
    return [Value(stored=tf.nn.depth_to_space(image, block), last=True)]


def _space_to_depth(node: Node, inputs: Inputs) -> Sequence[Value]:
    image = channels_last(need(inputs, 0))
    made = tensorflow().nn.space_to_depth(image, node.attribute("blocksize", 1))
    return [Value(stored=made, last=True)]


HANDLERS: Handlers = {
    "Concat": _concat,
    "DepthToSpace": _depth_to_space,
    "Pad": _pad,
    "SpaceToDepth": _space_to_depth,
    "Split": _split,
    "Tile": _tile,
    "Transpose": _transpose,
}
