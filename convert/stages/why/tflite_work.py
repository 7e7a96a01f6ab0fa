"""The work of a tflite file, operator by operator, and which of them XNNPACK takes."""

from collections.abc import Callable
from math import prod
from pathlib import Path

from convert.runtimes.litert import taken_ops
from convert.sources.tflite.flatbuffer import parse
from convert.sources.tflite.model import Model, Operator, Tensor
from convert.stages.why.operation import Operation

_WIDTHS = {
    "FLOAT32": 4, "INT32": 4, "UINT32": 4, "FLOAT16": 2, "INT16": 2, "INT64": 8, "FLOAT64": 8,
}  # fmt: skip
_BYTE_KINDS = frozenset({"INT8", "UINT8"})
_CONVERTERS = frozenset({"QUANTIZE", "DEQUANTIZE"})
_NEITHER = frozenset({"RESHAPE", "EXPAND_DIMS", "SQUEEZE", "SHAPE"})
"""They move nothing: the same bytes are called otherwise."""

Shapes = list[tuple[int, ...]]
Count = Callable[[Shapes, Shapes], int]


def operations(path: Path) -> tuple[Operation, ...]:
    """Every operator in the order of running. Raises SourceError where the file is damaged."""
    model, taken = parse(path), taken_ops(path)
    return tuple(_operation(model, op, op.position in taken) for op in model.operators)


def _operation(model: Model, op: Operator, taken: bool) -> Operation:
    read = [model.tensors[index] for index in op.inputs if index >= 0]
    made = [model.tensors[index] for index in op.outputs if index >= 0]
    fed, constants = _parted(read)
    count = _MACS.get(op.kind, _none)
    moves = op.kind not in _NEITHER
    return Operation(
        kind=op.kind,
        macs=count([_shape(one) for one in read], [_shape(one) for one in made]),
        weight_bytes=sum(map(_bytes, constants)) if moves else 0,
        activation_bytes=sum(map(_bytes, (*fed, *made))) if moves else 0,
        eight_bits=any(one.kind in _BYTE_KINDS for one in fed),
        # A float16 constant that is widened when the file is loaded is no conversion at run time.
        converts=op.kind in _CONVERTERS and bool(fed),
        taken=taken or (op.kind == "DEQUANTIZE" and not fed),
    )


def _parted(read: list[Tensor]) -> tuple[list[Tensor], list[Tensor]]:
    """What is computed, and what is constant."""
    return [one for one in read if one.data is None], [one for one in read if one.data is not None]


def _shape(tensor: Tensor) -> tuple[int, ...]:
    return tuple(length or 1 for length in tensor.shape)


def _bytes(tensor: Tensor) -> int:
    return prod(_shape(tensor)) * _WIDTHS.get(tensor.kind, 1)


def _none(read: Shapes, made: Shapes) -> int:
    return 0


def _convolution(read: Shapes, made: Shapes) -> int:
    """Weights are [outputs, height, width, inputs of a group]."""
    return prod(made[0]) * prod(read[1][1:])


def _depthwise(read: Shapes, made: Shapes) -> int:
    """Weights are [1, height, width, channels]."""
    return prod(made[0]) * prod(read[1][1:3])


def _product(read: Shapes, made: Shapes) -> int:
    return prod(made[0]) * read[1][-1]


def _transposed(read: Shapes, made: Shapes) -> int:
    """Read: the output's shape, weights [outputs, height, width, inputs], the picture."""
    return prod(read[2]) * prod(read[1][:3])


def _meet(read: Shapes, made: Shapes) -> int:
    """MediaPipe's: picture, weights [outputs, height, width, inputs], bias."""
    return prod(read[0]) * prod(read[1][:3])


_MACS: dict[str, Count] = {
    "CONV_2D": _convolution,
    "DEPTHWISE_CONV_2D": _depthwise,
    "FULLY_CONNECTED": _product,
    "TRANSPOSE_CONV": _transposed,
    "Convolution2DTransposeBias": _meet,
}
