"""The ranges of quantized activations, and the nodes that hold values to them."""

from dataclasses import dataclass

from convert.sources.tflite.emit import Site
from convert.sources.tflite.model import Tensor
from convert.sources.tflite.network import Symbol
from convert.sources.tflite.tensors import limits_of

_MOVES = frozenset(
    {
        "BATCH_TO_SPACE_ND",
        "BROADCAST_TO",
        "CONCATENATION",
        "DEPTH_TO_SPACE",
        "EXPAND_DIMS",
        "GATHER",
        "GATHER_ND",
        "MAX_POOL_2D",
        "PACK",
        "PAD",
        "QUANTIZE",
        "RESHAPE",
        "REVERSE_V2",
        "SLICE",
        "SPACE_TO_BATCH_ND",
        "SPACE_TO_DEPTH",
        "SPLIT",
        "SPLIT_V",
        "SQUEEZE",
        "STRIDED_SLICE",
        "TILE",
        "TRANSPOSE",
        "UNPACK",
    }
)
"""Operators that make no number that was not there."""


@dataclass(frozen=True, kw_only=True)
class Range:
    """What a quantized tensor can hold: its least and its largest number, in real units."""

    least: float
    largest: float
    bits: int


def range_of(tensor: Tensor) -> Range | None:
    """The range of an activation; None where it is not quantized, or by channels."""
    steps = tensor.steps
    if steps is None or steps.scale.size > 1 or tensor.kind == "INT32":
        return None
    lowest, highest = limits_of(tensor)
    scale, zero = float(steps.scale[0]), int(steps.zero_point[0])
    return Range(
        least=(lowest - zero) * scale,
        largest=(highest - zero) * scale,
        bits=(highest - lowest).bit_length(),
    )


def held(site: Site, tensor: Tensor, symbol: Symbol) -> Symbol:
    """Rounded to the steps of the tensor's range, as the integers of the file are."""
    found = range_of(tensor)
    if found is None or not symbol.dtype.is_floating or _held_already(site, found):
        return symbol
    return site.add(
        "FakeQuantWithMinMaxArgs",
        inputs=symbol,
        min=found.least,
        max=found.largest,
        num_bits=found.bits,
    )


def _held_already(site: Site, found: Range) -> bool:
    """Whether the operator only moves numbers that have the same steps."""
    if site.operator.kind not in _MOVES:
        return False
    tensors = [site.network.model.tensors[i] for i in site.operator.inputs if i >= 0]
    ranges = [range_of(tensor) for tensor in tensors if tensor.steps is not None]
    return bool(ranges) and all(one == found for one in ranges)
