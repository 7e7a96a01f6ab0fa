"""Kernels, biases and other constants of an integer network, each behind what decodes it."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from convert.targets.onnx_integer.channels import Added
from convert.targets.onnx_integer.grid import grid
from convert.targets.onnx_integer.kernels import Found, Kernels
from convert.targets.onnx_integer.network import Network, Node
from convert.targets.onnx_integer.plan import MOVING
from convert.targets.onnx_integer.sheet import Sheet
from convert.targets.onnx_integer.types import Types

_MOST_BIAS = 2**30
"""Codes of a bias stay below it, so that the sum of products before it has room in 32 bits."""
_WORTH_HALVING = 4096
"""Numbers of a weight from which half precision saves more than the Cast behind it costs."""
_WORTH_HALVING = 4096
"""Numbers of a weight from which half precision saves more than the Cast behind it costs."""


class Weights:
    """Writes each constant once."""

    def __init__(
        self,
        sheet: Sheet,
        network: Network,
        kernels: Kernels,
        types: Types,
        added: Mapping[str, Added],
    ) -> None:
        self._sheet, self._network = sheet, network
        self._kernels, self._types, self._added = kernels, types, added
        self._decoded: dict[str, str] = {}

    def layer(self, node: Node, activation: str, step: float) -> list[str]:
        """The inputs of a layer, given what it reads and the scale of that: its kernel in 8 bits,
        its bias in 32.
        """
        found = self._kernels.find(self._network.constants[node.input[1]])
        assert found is not None  # the plan asked for it
        bias = self._network.constants[node.input[2]] if len(node.input) > 2 else None
        added = self._added.get(node.output[0], Added())
        codes, scales = _roomy(found, bias, step)
        codes, scales = (
            _filled(codes, added.given, added.read),
            _filled(scales, added.given, last=True),
        )
        kernel = self._dequantized(node.input[1], self._types.stored(codes), scales, found.axis)
        if bias is None:
            return [activation, kernel]
        steps = (scales * np.float32(step)).astype(np.float32)
        whole = np.rint(_filled(bias, added.given).astype(np.float64) / steps).astype(np.int32)
        return [activation, kernel, self._dequantized(node.input[2], whole, steps, 0)]

    def _dequantized(
        self, name: str, codes: NDArray[Any], scales: NDArray[np.float32], axis: int
    ) -> str:
        """Codes of a constant behind a DequantizeLinear along an axis."""
        if f"{name}.d" in self._decoded:
            # Two layers may share a weight, but a bias has the scale of its layer's input.
            name = f"{name}.{len(self._sheet)}"
        inputs = [self._sheet.hold(name, codes), self._sheet.hold(f"{name}.s", scales)]
        if codes.dtype != np.int32:
            zeros = np.full(scales.shape, self._types.offset, codes.dtype)
            inputs.append(self._sheet.hold(f"o{len(scales)}", zeros))
        self._decoded[f"{name}.d"] = name
        return self._sheet.add("DequantizeLinear", inputs, f"{name}.d", axis=axis)

    def float_kernel(self, node: Node) -> str:
        """A float layer's kernel: in half precision where that saves bytes."""
        name = node.input[1]
        values = self._network.constants.get(name)
        if values is None or values.size < _WORTH_HALVING:
            return str(name)
        if f"{name}.f" not in self._decoded:
            halved = self._sheet.hold(f"{name}.h", values.astype(np.float16))
            self._decoded[f"{name}.f"] = self._sheet.add("Cast", [halved], f"{name}.f", to=1)
        return self._decoded[f"{name}.f"]

    def is_number(self, node: Node, name: str) -> bool:
        """Whether an input is a constant that the node computes with, not a shape."""
        value = self._network.constants.get(name)
        return node.op_type not in MOVING and value is not None and value.dtype == np.float32

    def constant(self, name: str) -> str:
        """A constant that activations are added to or multiplied by, on a grid of its own."""
        if f"{name}.d" not in self._decoded:
            values = self._network.constants[name]
            span = grid((float(values.min()), float(values.max())))
            inputs = [
                self._sheet.hold(f"{name}.c", span.codes(values)),
                *self._sheet.parameters(span),
            ]
            self._decoded[f"{name}.d"] = self._sheet.add("DequantizeLinear", inputs, f"{name}.d")
        return self._decoded[f"{name}.d"]


def _roomy(
    found: Found, bias: NDArray[np.float32] | None, step: float
) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """The kernel's codes and scales, with a coarser scale where the bias would overflow 32 bits.

    That happens where a channel's weights are next to nothing beside its bias.
    """
    if bias is None:
        return found.codes, found.scales
    least = np.abs(bias.astype(np.float64)) / (_MOST_BIAS * step)
    if np.all(least <= found.scales):
        return found.codes, found.scales
    scales = np.maximum(found.scales, least).astype(np.float32)
    shape = [-1 if axis == found.axis else 1 for axis in range(found.codes.ndim)]
    codes = np.rint(found.codes * (found.scales / scales).reshape(shape))
    return codes.astype(np.int8), scales


def _filled(array: NDArray[Any], *extra: int, last: bool = False) -> NDArray[Any]:
    """With so many more along its first axes: zeros, or what stands last."""
    ends = [(0, count) for count in extra] + [(0, 0)] * (array.ndim - len(extra))
    return np.pad(array, ends, mode="edge" if last else "constant")
