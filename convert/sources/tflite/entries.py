"""The tables of a TFLite flatbuffer (schema v3), one by one, with bounds on their lengths.

What leads astray raises what the flatbuffers library raises: struct.error, ValueError, IndexError.
"""

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from convert.sources.tflite.model import QUANTIZED, Operator, Steps, Tensor

_MANY, _FEW = 100_000, 64
"""Most entries of the model's lists, and of a tensor's: a damaged length would take hours."""
_MOST_READ = 4096
"""Most tensors that one operator reads."""
_RANK = 8
_OPERATOR_PLACEHOLDER = 127
"""The old one-byte operator code says that the new field has it."""

Made = TypeVar("Made")
Data = Callable[[int], NDArray[np.uint8] | None]
"""From a buffer's index to its bytes; None for an empty one."""


def read_tensor(index: int, found: Any, data: Data) -> Tensor:
    """A Tensor table."""
    kind = _names("TensorType").get(found.Type(), f"number {found.Type()}")
    sparsity = found.Sparsity()
    if sparsity is not None:
        list(listed(sparsity.DimMetadata, sparsity.DimMetadataLength(), _FEW))
        sparsity = schema().SparsityParametersT.InitFromObj(sparsity)
    shape = _shape(found)
    return Tensor(
        index=index,
        name=text(found.Name()),
        kind=kind,
        shape=shape,
        data=data(found.Buffer()),
        steps=_steps(found.Quantization(), shape) if kind in QUANTIZED else None,
        sparsity=sparsity,
    )


def _shape(found: Any) -> tuple[int | None, ...]:
    fixed = indices(found.ShapeAsNumpy())
    free = indices(found.ShapeSignatureAsNumpy()) or fixed
    if len(free) != len(fixed) or len(fixed) > _RANK or min(fixed, default=0) < 0:
        raise ValueError(f"a tensor has the shape {fixed[: _RANK + 1]}, of signature {free}")
    return tuple(None if f < 0 else s for s, f in zip(fixed, free, strict=True))


def _steps(found: Any, shape: tuple[int | None, ...]) -> Steps | None:
    if found is None or not found.ScaleLength():
        return None
    scale = np.array(found.ScaleAsNumpy(), np.float32)
    zero = np.array(found.ZeroPointAsNumpy(), np.int64) if found.ZeroPointLength() else np.zeros(1)
    axis = found.QuantizedDimension()
    if not np.isfinite(scale).all() or (scale < 0).any():
        raise ValueError(f"a scale is {scale.min()}")
    if not scale.any():
        return None
    if scale.size > 1 and not (0 <= axis < len(shape) and shape[axis] == scale.size):
        raise ValueError(f"{scale.size} scales along axis {axis} of the shape {shape}")
    if zero.size not in (1, scale.size):
        raise ValueError(f"{scale.size} scales have {zero.size} zero points")
    zero_point = np.broadcast_to(zero, scale.shape).astype(np.int64)
    return Steps(scale=scale, zero_point=zero_point, axis=axis)


def read_operator(place: int, found: Any, kinds: list[tuple[str, bool]]) -> Operator:
    """An Operator table, of one of the file's kinds."""
    index = found.OpcodeIndex()
    if index >= len(kinds):
        raise IndexError(f"operator {place} is of kind {index} of {len(kinds)}")
    made = schema().OperatorT.InitFromObj(found)
    custom = made.customOptions
    return Operator(
        position=place,
        kind=kinds[index][0],
        custom=kinds[index][1],
        inputs=indices(made.inputs if made.inputs is not None else 0),
        outputs=indices(made.outputs if made.outputs is not None else 0),
        options=made.builtinOptions,
        custom_options=b"" if custom is None else bytes(custom),
    )


def read_kind(code: Any) -> tuple[str, bool]:
    """An operator's name, and whether it is a custom one."""
    number = code.DeprecatedBuiltinCode()
    if number == _OPERATOR_PLACEHOLDER or code.BuiltinCode() > number:
        number = code.BuiltinCode()
    name = _names("BuiltinOperator").get(number, f"number {number}")
    custom = name == "CUSTOM"
    return (text(code.CustomCode()) if custom else name), custom


def text(name: bytes | None) -> str:
    """A string; none is an empty one."""
    return (name or b"").decode(errors="replace")


def indices(found: Any) -> tuple[int, ...]:
    """A vector of tensor indices; the library gives 0 where there is none."""
    if isinstance(found, int):
        return ()
    if len(found) > _MOST_READ:
        raise ValueError(f"a list has {len(found):,} entries")
    return tuple(int(index) for index in found)


def listed(get: Callable[[int], Made], length: int, most: int = _MANY) -> Iterator[Made]:
    """The entries of a list of tables."""
    if length > most:
        raise ValueError(f"a list has {length:,} entries")
    return (get(index) for index in range(length))


@cache
def _names(enumeration: str) -> dict[int, str]:
    values = vars(getattr(schema(), enumeration))
    return {value: name for name, value in values.items() if not name.startswith("_")}


@cache
def schema() -> Any:
    """The module of the flatbuffer's generated classes."""
    from ai_edge_litert import schema_py_generated

    return schema_py_generated
