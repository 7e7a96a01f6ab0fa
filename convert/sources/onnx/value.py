"""What flows between ONNX nodes while they are read, and in which order it is stored.

ONNX's pictures are NCHW, the Graph's are NHWC. A rank-4 tensor that is stored channels last
while ONNX counts its axes channels first carries `last`; it is turned only where it must be.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from convert.graph.tensorflow import tensorflow

Tensor = Any
"""A `tensorflow.Tensor` of the graph that is being built, or an array that TensorFlow takes."""

Array = NDArray[Any]

TO_LAST = (0, 2, 3, 1)
"""For each stored axis, the axis of ONNX."""
TO_FIRST = (0, 3, 1, 2)
"""For each axis of ONNX, the stored axis."""
MAP_RANK = 4


@dataclass(frozen=True, kw_only=True, eq=False)
class Value:
    """One ONNX tensor: an array (in ONNX's order), or a tensor of the graph."""

    constant: Array | None = None
    stored: Tensor = None
    last: bool = False
    sizes: tuple[int | None, ...] | None = None
    """What is known of a shape that is a vector of the graph: a size, or None where it is free."""
    quantized: tuple[Array, Array] | None = None
    """Scale and zero point where ONNX has integers here and the graph their real values."""

    @property
    def shape(self) -> tuple[int | None, ...]:
        """The shape in ONNX's order; None is a free dimension."""
        if self.constant is not None:
            return tuple(self.constant.shape)
        found = tuple(self.stored.shape.as_list())
        return tuple(found[i] for i in TO_FIRST) if self.last else found

    @property
    def rank(self) -> int:
        """The number of axes."""
        return len(self.shape)

    def axis(self, axis: int) -> int:
        """The stored axis of one of ONNX's, which may count from the end."""
        axis %= max(self.rank, 1)
        return TO_FIRST[axis] if self.last else axis


def constant(array: Any) -> Value:
    """A value that is known now. Numbers of other precisions become float32."""
    made = np.asarray(array)
    is_other = made.dtype.name in ("float16", "float64", "bfloat16")
    return Value(constant=made.astype(np.float32) if is_other else made)


def shape_of(sizes: Sequence[int | None], stored: Tensor) -> Value:
    """A vector of sizes: numbers where all are known."""
    if None in sizes:
        return Value(stored=stored, sizes=tuple(sizes))
    return constant(np.array(sizes, np.int64))


def sizes_of(value: Value) -> tuple[int | None, ...] | None:
    """What is known of a vector of sizes; None where it is no such vector."""
    if value.constant is not None:
        whole = value.rank == 1 and value.constant.dtype.kind == "i"
        return tuple(int(n) for n in value.constant) if whole else None
    return value.sizes


def plain(value: Value) -> Tensor:
    """The tensor in ONNX's order."""
    if value.constant is not None:
        return value.constant
    return permuted(value.stored, TO_FIRST) if value.last else value.stored


def channels_last(value: Value) -> Tensor:
    """The tensor as NHWC, of a rank-4 value that is NCHW to ONNX."""
    if value.constant is not None:
        return value.constant.transpose(TO_LAST)
    return value.stored if value.last else permuted(value.stored, TO_LAST)


def in_order(value: Value) -> Tensor:
    """A tensor whose elements follow each other as ONNX's do, whatever its shape."""
    return value.stored if value.last and _keeps_order(value.stored, TO_FIRST) else plain(value)


def permuted(tensor: Tensor, order: Sequence[int]) -> Tensor:
    """Transpose, or Reshape where only axes of length 1 change places."""
    tf = tensorflow()
    if not _keeps_order(tensor, order):
        return tf.transpose(tensor, order)
    shape = [tensor.shape[i] for i in order]
    return tf.reshape(tensor, [-1 if size is None else size for size in shape])


def _keeps_order(tensor: Tensor, order: Sequence[int]) -> bool:
    moving = [i for i in order if tensor.shape[i] != 1]
    return moving == sorted(moving) and sum(size is None for size in tensor.shape) <= 1


def aligned(values: Sequence[Value]) -> tuple[list[Tensor], bool]:
    """Tensors that broadcast against each other as ONNX's do, and whether they are stored NHWC."""
    last = any(v.last for v in values) and all(v.rank <= MAP_RANK for v in values)
    return [_against_maps(v) if last else plain(v) for v in values], last


def _against_maps(value: Value) -> Tensor:
    """The tensor as it broadcasts against NHWC maps."""
    if value.last:
        return value.stored
    missing = MAP_RANK - value.rank
    if value.constant is not None:
        whole = value.constant.reshape((1,) * missing + value.constant.shape)
        return _trimmed(whole.transpose(TO_LAST))
    if not value.rank:
        return value.stored
    for _ in range(missing):
        value = Value(stored=tensorflow().expand_dims(value.stored, 0))
    return permuted(value.stored, TO_LAST)


def _trimmed(array: Array) -> Array:
    """Without leading axes of length 1: a factor per channel is a vector in the Graph."""
    while array.ndim and array.shape[0] == 1 and (array.ndim > 1 or array.size == 1):
        array = array[0]
    return np.asarray(array)
