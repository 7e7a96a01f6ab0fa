"""Parse a TFLite flatbuffer (schema v3), trusting none of its offsets, lengths and indices."""

import struct
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from convert.errors import SourceError
from convert.sources.tflite.model import QUANTIZED, Model, Operator, Steps, Tensor

_BROKEN = (struct.error, ValueError, IndexError, OverflowError, TypeError, MemoryError)
"""What the flatbuffers library raises where an offset or a length leads astray."""

_MANY, _FEW = 100_000, 64
"""Most entries of the model's lists, and of a tensor's: a damaged length would take hours."""
_RANK = 8
_OPERATOR_PLACEHOLDER = 127
"""The old one-byte operator code says that the new field has it."""

Made = TypeVar("Made")


def parse(path: Path) -> Model:
    """The first subgraph of a file. Raises SourceError where the file is damaged."""
    data = np.fromfile(path, np.uint8)
    try:
        return _model(path, data)
    except _BROKEN as error:
        raise _damaged(f"{path} is no whole TFLite model: {error}") from error


def _damaged(says: str) -> SourceError:
    return SourceError(says, hint="Fetch it again, and compare its digest.")


@cache
def schema() -> Any:
    """The module of the flatbuffer's generated classes."""
    from ai_edge_litert import schema_py_generated

    return schema_py_generated


@cache
def _names(enumeration: str) -> dict[int, str]:
    values = vars(getattr(schema(), enumeration))
    return {value: name for name, value in values.items() if not name.startswith("_")}


def _model(path: Path, data: NDArray[np.uint8]) -> Model:
    root = schema().Model.GetRootAs(data.tobytes(), 0)
    if not root.SubgraphsLength():
        raise ValueError("it has no subgraph")
    subgraph = root.Subgraphs(0)
    buffers = _Buffers(root, data)
    kinds = [_kind(code) for code in _listed(root.OperatorCodes, root.OperatorCodesLength())]
    tensors = _listed(subgraph.Tensors, subgraph.TensorsLength())
    operators = _listed(subgraph.Operators, subgraph.OperatorsLength())
    model = Model(
        path=path,
        tensors=tuple(_tensor(index, found, buffers) for index, found in enumerate(tensors)),
        operators=tuple(_operator(place, found, kinds) for place, found in enumerate(operators)),
        inputs=dict.fromkeys(_indices(subgraph.InputsAsNumpy()), ""),
        outputs=dict.fromkeys(_indices(subgraph.OutputsAsNumpy()), ""),
    )
    _check_indices(model)
    return _named(model, root)


def _listed(get: Callable[[int], Made], length: int, most: int = _MANY) -> Iterator[Made]:
    """The entries of a list of tables."""
    if length > most:
        raise ValueError(f"a list has {length:,} entries")
    return (get(index) for index in range(length))


def _indices(found: Any) -> tuple[int, ...]:
    """A vector of tensor indices; the library gives 0 where there is none."""
    return () if isinstance(found, int) else tuple(int(index) for index in found[: _MANY + 1])


class _Buffers:
    """The data of constants, by buffer index."""

    def __init__(self, root: Any, data: NDArray[np.uint8]) -> None:
        self._root, self._data, self._length = root, data, root.BuffersLength()

    def get(self, index: int) -> NDArray[np.uint8] | None:
        """None for an empty buffer. Files over 2 GB hold the bytes behind the flatbuffer."""
        if index >= self._length:
            raise IndexError(f"there is no buffer {index} of {self._length}")
        buffer = self._root.Buffers(index)
        if buffer.Offset() > 1:
            end = buffer.Offset() + buffer.Size()
            if end > len(self._data):
                raise IndexError(f"buffer {index} ends at byte {end:,} of {len(self._data):,}")
            return self._data[buffer.Offset() : end]
        return buffer.DataAsNumpy() if buffer.DataLength() else None


def _kind(code: Any) -> tuple[str, bool]:
    """An operator's name, and whether it is a custom one."""
    number = code.DeprecatedBuiltinCode()
    if number == _OPERATOR_PLACEHOLDER or code.BuiltinCode() > number:
        number = code.BuiltinCode()
    name = _names("BuiltinOperator").get(number, f"number {number}")
    custom = name == "CUSTOM"
    return (_text(code.CustomCode()) if custom else name), custom


def _text(name: bytes | None) -> str:
    return (name or b"").decode(errors="replace")


def _tensor(index: int, found: Any, buffers: _Buffers) -> Tensor:
    kind = _names("TensorType").get(found.Type(), f"number {found.Type()}")
    sparsity = found.Sparsity()
    if sparsity is not None:
        list(_listed(sparsity.DimMetadata, sparsity.DimMetadataLength(), _FEW))
        sparsity = schema().SparsityParametersT.InitFromObj(sparsity)
    shape = _shape(found)
    return Tensor(
        index=index,
        name=_text(found.Name()),
        kind=kind,
        shape=shape,
        data=buffers.get(found.Buffer()),
        steps=_steps(found.Quantization(), shape) if kind in QUANTIZED else None,
        sparsity=sparsity,
    )


def _shape(found: Any) -> tuple[int | None, ...]:
    fixed = _indices(found.ShapeAsNumpy())
    free = _indices(found.ShapeSignatureAsNumpy()) or fixed
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


def _operator(place: int, found: Any, kinds: list[tuple[str, bool]]) -> Operator:
    index = found.OpcodeIndex()
    if index >= len(kinds):
        raise IndexError(f"operator {place} is of kind {index} of {len(kinds)}")
    made = schema().OperatorT.InitFromObj(found)
    custom = made.customOptions
    return Operator(
        position=place,
        kind=kinds[index][0],
        custom=kinds[index][1],
        inputs=_indices(made.inputs if made.inputs is not None else 0),
        outputs=_indices(made.outputs if made.outputs is not None else 0),
        options=made.builtinOptions,
        custom_options=b"" if custom is None else bytes(custom),
    )


def _check_indices(model: Model) -> None:
    """Every tensor that is named by its index is there."""
    count = len(model.tensors)
    for operator in model.operators:
        for index in (*operator.inputs, *operator.outputs):
            if not -1 <= index < count:
                raise IndexError(f"operator {operator.position} names tensor {index} of {count}")
    for index in (*model.inputs, *model.outputs):
        if not 0 <= index < count:
            raise IndexError(f"tensor {index} of {count} is named as an end")
    if not model.outputs:
        raise ValueError("it has no output")


def _named(model: Model, root: Any) -> Model:
    """The ends with their names: the first signature's, or else the tensors'."""
    signed = [{}, {}] if not root.SignatureDefsLength() else _signature(root.SignatureDefs(0))
    inputs, outputs = (
        {index: names.get(index) or model.tensors[index].name for index in ends}
        for ends, names in zip((model.inputs, model.outputs), signed, strict=True)
    )
    return Model(
        path=model.path,
        tensors=model.tensors,
        operators=model.operators,
        inputs=inputs,
        outputs=outputs,
    )


def _signature(found: Any) -> list[dict[int, str]]:
    """Tensor index -> name, of the inputs and the outputs; of another subgraph's none."""
    if found.SubgraphIndex():
        return [{}, {}]
    lists = (found.Inputs, found.InputsLength()), (found.Outputs, found.OutputsLength())
    return [
        {entry.TensorIndex(): _text(entry.Name()) for entry in _listed(get, length)}
        for get, length in lists
    ]
