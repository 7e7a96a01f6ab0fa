"""The values of a file's constants: stored numbers, and the real ones they stand for."""

import math

import numpy as np
from numpy.typing import DTypeLike, NDArray

from convert.errors import SourceError, UnsupportedError
from convert.sources.tflite.model import Steps, Tensor
from convert.sources.tflite.sparse import densify

Array = NDArray[np.generic]

_DTYPES: dict[str, DTypeLike] = {
    "FLOAT16": np.float16,
    "FLOAT32": np.float32,
    "FLOAT64": np.float64,
    "BOOL": np.bool_,
    "INT4": np.int8,
    "INT8": np.int8,
    "INT16": np.int16,
    "INT32": np.int32,
    "INT64": np.int64,
    "UINT8": np.uint8,
    "UINT16": np.uint16,
    "UINT32": np.uint32,
    "UINT64": np.uint64,
}


def dtype_of(tensor: Tensor) -> np.dtype[np.generic]:
    """A tensor's dtype in the graph: float32 where it is quantized or of half precision."""
    if tensor.kind not in _DTYPES:
        raise UnsupportedError(
            f"tensor {tensor.name!r} (number {tensor.index}) is of the type {tensor.kind}",
            hint="Tensors of numbers and truth values are read.",
        )
    quantized = tensor.steps is not None or tensor.kind == "FLOAT16"
    return np.dtype(np.float32 if quantized else _DTYPES[tensor.kind])


def limits_of(tensor: Tensor) -> tuple[int, int]:
    """The smallest and the largest number that a quantized tensor stores."""
    if tensor.kind == "INT4":
        return -8, 7
    info = np.iinfo(_DTYPES[tensor.kind])
    return int(info.min), int(info.max)


def value_of(tensor: Tensor) -> Array | None:
    """A constant in the tensor's shape, as it stands in the graph; None for what is computed.

    Raises SourceError where its bytes do not fill its shape.
    """
    if tensor.data is None:
        return np.zeros(_sides(tensor), dtype_of(tensor)) if 0 in tensor.shape else None
    stored = _stored(tensor)
    if tensor.steps is not None:
        return dequantize(stored, tensor.steps)
    return stored.astype(dtype_of(tensor))


def dequantize(stored: Array, steps: Steps) -> NDArray[np.float32]:
    """The real numbers, rounded once."""
    sides = [1] * stored.ndim
    if steps.scale.size > 1:
        sides[steps.axis] = steps.scale.size
    scale = steps.scale.astype(np.float64).reshape(sides or ())
    zero_point = steps.zero_point.reshape(sides or ())
    return np.asarray((stored.astype(np.int64) - zero_point) * scale, np.float32)


def _sides(tensor: Tensor) -> tuple[int, ...]:
    return tuple(side or 0 for side in tensor.shape)


def _stored(tensor: Tensor) -> Array:
    dtype_of(tensor)
    if tensor.data is None or None in tensor.shape:
        raise _unfilled(tensor, "is a constant of free size")
    data = _unpacked(tensor.data) if tensor.kind == "INT4" else tensor.data
    dtype = np.dtype(_DTYPES[tensor.kind])
    count = math.prod(_sides(tensor))
    if tensor.sparsity is not None:
        return densify(np.frombuffer(data, dtype), _sides(tensor), tensor.sparsity)
    if tensor.kind == "INT4":
        data = data[:count]
    if data.size != count * dtype.itemsize:
        raise _unfilled(tensor, f"has {data.size:,} bytes for the shape {list(tensor.shape)}")
    return np.frombuffer(data, dtype).reshape(_sides(tensor))


def _unpacked(data: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Two four-bit numbers of each byte, the lower half first, with their sign."""
    halves = np.stack([data << 4, data & 0xF0], -1).reshape(-1).view(np.int8) >> 4
    return np.asarray(halves).view(np.uint8)


def _unfilled(tensor: Tensor, says: str) -> SourceError:
    return SourceError(
        f"tensor {tensor.name!r} (number {tensor.index}) {says}",
        hint="The file is damaged: fetch it again, and compare its digest.",
    )
