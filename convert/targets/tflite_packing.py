"""Pack a TFLite model object as the runtime wants it: aligned, and nothing written twice."""

from typing import Any

import flatbuffers
import numpy as np
from numpy.typing import NDArray

_DATA_ALIGNMENT = 16


def packed(model: Any) -> bytes:
    """The file of a `ModelT`, which is used up; the same bytes every time.

    Files whose data lie behind the flatbuffer (over 2 GB) are not written.
    """
    size = sum(len(b.data) for b in model.buffers if b.data is not None)
    model.buffers = [_AlignedBuffer(buffer) for buffer in model.buffers]
    written: dict[bytes, int] = {}
    for tensor in (tensor for graph in model.subgraphs for tensor in graph.tensors):
        if tensor.quantization is not None:
            tensor.quantization = _Steps(tensor.quantization, written)
    builder = flatbuffers.Builder(size + (1 << 16))
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


class _AlignedBuffer:
    """A Buffer whose data begin at a multiple of 16 bytes.

    The schema asks for it (force_align) and the runtime maps the file; Python's `Pack`, which
    TFLiteConverter uses too, forgets it.
    """

    def __init__(self, buffer: Any) -> None:
        self._buffer = buffer

    def Pack(self, builder: Any) -> int:
        """Write the buffer; where it lies."""
        if self._buffer.data is not None:
            builder.Prep(_DATA_ALIGNMENT, len(self._buffer.data))
        offset: int = self._buffer.Pack(builder)
        return offset


class _Steps:
    """QuantizationParameters; equal vectors of scales and of zero points are written once.

    A zero point takes eight bytes. For each channel of each kernel and each bias, they would be
    five percent of a small model's file.
    """

    def __init__(self, parameters: Any, written: dict[bytes, int]) -> None:
        self._parameters, self._written = parameters, written

    def Pack(self, builder: Any) -> int:
        """Write the table; where it lies."""
        from ai_edge_litert import schema_py_generated as schema

        held = self._parameters
        if held.scale is None or held.details is not None:
            return int(held.Pack(builder))
        scales = self._vector(builder, np.asarray(held.scale, np.float32))
        zero_points = self._vector(builder, np.asarray(held.zeroPoint, np.int64))
        schema.QuantizationParametersStart(builder)
        schema.QuantizationParametersAddScale(builder, scales)
        schema.QuantizationParametersAddZeroPoint(builder, zero_points)
        schema.QuantizationParametersAddQuantizedDimension(builder, held.quantizedDimension)
        return int(schema.QuantizationParametersEnd(builder))

    def _vector(self, builder: Any, values: NDArray[Any]) -> int:
        key = values.dtype.str.encode() + values.tobytes()
        if key not in self._written:
            self._written[key] = int(builder.CreateNumpyVector(values))
        return self._written[key]
