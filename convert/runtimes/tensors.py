"""From float32 NHWC values to the tensors a file wants, and back, as its signature says.

Quantization is affine, real = (integer - zero_point) * scale (Jacob et al., arXiv:1712.05877).
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from convert.errors import RuntimeFailure
from convert.quantization import nearest_codes
from convert.runtimes.base import Array
from convert.signature import Quantization, Signature, TensorSpec

_TO_NCHW = (0, 3, 1, 2)
_TO_NHWC = (0, 2, 3, 1)


def encode(inputs: Mapping[str, Array], signature: Signature) -> dict[str, Array]:
    """Float32 NHWC values by input name, as the file's own tensors, in the file's order.

    Raises RuntimeFailure, naming the input, where a name or a shape is not the signature's.
    """
    _refuse_other_names(inputs, signature)
    return {spec.name: _encode(inputs[spec.name], spec) for spec in signature.inputs}


def decode(outputs: Mapping[str, Array], signature: Signature) -> dict[str, Array]:
    """The file's own output tensors by name, as float32 NHWC values."""
    return {spec.name: _decode(outputs[spec.name], spec) for spec in signature.outputs}


def _refuse_other_names(inputs: Mapping[str, Array], signature: Signature) -> None:
    wanted = [spec.name for spec in signature.inputs]
    for name in inputs:
        if name not in wanted:
            raise RuntimeFailure(f"the model has no input {name!r}; it has {', '.join(wanted)}")
    for name in wanted:
        if name not in inputs:
            raise RuntimeFailure(f"input {name!r} is missing")


def _encode(value: Array, spec: TensorSpec) -> Array:
    wanted = nhwc_shape(spec)
    if not _fits(value.shape, wanted):
        raise RuntimeFailure(
            f"input {spec.name!r} has the shape {_shown(value.shape)}, "
            f"but the model takes {_shown(wanted)}"
        )
    stored = _stored(np.asarray(value, np.float32), spec)
    return np.ascontiguousarray(stored.transpose(_TO_NCHW) if spec.layout == "NCHW" else stored)


def _decode(array: Array, spec: TensorSpec) -> Array:
    value = np.asarray(array, np.float32)
    if spec.quantization:
        value = (value - spec.quantization.zero_point) * np.float32(spec.quantization.scale)
    return np.ascontiguousarray(value.transpose(_TO_NHWC) if spec.layout == "NCHW" else value)


def _stored(value: NDArray[np.float32], spec: TensorSpec) -> Array:
    """Float32 values as the file's dtype: quantized, rounded and clipped where it is integer."""
    dtype = np.dtype(spec.dtype)
    if dtype.kind == "f":
        return value.astype(dtype)
    affine = spec.quantization or Quantization(scale=1.0, zero_point=0)
    limits = np.iinfo(dtype)
    codes = nearest_codes(value, affine.scale, affine.zero_point)
    return np.clip(codes, limits.min, limits.max).astype(dtype)


def _fits(shape: tuple[int, ...], wanted: tuple[int | None, ...]) -> bool:
    return len(shape) == len(wanted) and all(
        want in (None, found) for found, want in zip(shape, wanted, strict=True)
    )


def nhwc_shape(spec: TensorSpec) -> tuple[int | None, ...]:
    """The shape that a file's tensor has as an NHWC value."""
    if spec.layout != "NCHW":
        return spec.shape
    return tuple(spec.shape[axis] for axis in _TO_NHWC)


def _shown(shape: tuple[int | None, ...]) -> str:
    return "[" + ", ".join("any" if length is None else str(length) for length in shape) + "]"
