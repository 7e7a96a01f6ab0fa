"""The integer onnx file: written from the decisions, every number of it ours."""

from convert.targets.onnx_integer.quantize import quantized
from convert.targets.onnx_integer.seen import seen
from convert.targets.onnx_integer.types import Types, choose_types

__all__ = ["Types", "choose_types", "quantized", "seen"]
