"""Parse a TFLite flatbuffer (schema v3), trusting none of its offsets, lengths and indices."""

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from convert.errors import SourceError
from convert.sources.tflite.entries import (
    indices,
    listed,
    read_kind,
    read_operator,
    read_tensor,
    schema,
    text,
)
from convert.sources.tflite.model import Model, Operator

_BROKEN = (struct.error, ValueError, IndexError, OverflowError, TypeError, MemoryError)
"""What the flatbuffers library raises where an offset or a length leads astray."""


_READ_IN_ALL = 1_000_000


def parse(path: Path) -> Model:
    """The first subgraph of a file. Raises SourceError where the file is damaged."""
    data = np.fromfile(path, np.uint8)
    try:
        return _model(path, data)
    except _BROKEN as error:
        raise _damaged(f"{path} is no whole TFLite model: {error}") from error


def _damaged(says: str) -> SourceError:
    return SourceError(says, hint="Fetch it again, and compare its digest.")


def _model(path: Path, data: NDArray[np.uint8]) -> Model:
    root = schema().Model.GetRootAs(data.tobytes(), 0)
    if not root.SubgraphsLength():
        raise ValueError("it has no subgraph")
    subgraph = root.Subgraphs(0)
    buffers = _Buffers(root, data)
    kinds = [read_kind(code) for code in listed(root.OperatorCodes, root.OperatorCodesLength())]
    tensors = listed(subgraph.Tensors, subgraph.TensorsLength())
    operators = listed(subgraph.Operators, subgraph.OperatorsLength())
    model = Model(
        path=path,
        tensors=tuple(
            read_tensor(index, found, buffers.get) for index, found in enumerate(tensors)
        ),
        operators=tuple(_bounded(read_operator(*one, kinds) for one in enumerate(operators))),
        inputs=dict.fromkeys(indices(subgraph.InputsAsNumpy()), ""),
        outputs=dict.fromkeys(indices(subgraph.OutputsAsNumpy()), ""),
    )
    _check_indices(model)
    return _named(model, root)


def _bounded(operators: Iterator[Operator]) -> Iterator[Operator]:
    """The operators, as long as they do not all share one endless list."""
    read = 0
    for operator in operators:
        read += len(operator.inputs) + len(operator.outputs)
        if read > _READ_IN_ALL:
            raise ValueError(f"its operators name over {_READ_IN_ALL:,} tensors")
        yield operator


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
        {entry.TensorIndex(): text(entry.Name()) for entry in listed(get, length)}
        for get, length in lists
    ]
