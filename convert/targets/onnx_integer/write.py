"""Write a network in integers, with QuantizeLinear and DequantizeLinear around its nodes."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from convert.targets.onnx_integer.channels import Added
from convert.targets.onnx_integer.grid import Grid, grid
from convert.targets.onnx_integer.kernels import Found, Kernels
from convert.targets.onnx_integer.network import Network, Node
from convert.targets.onnx_integer.plan import LAYERS, MOVING, Plan
from convert.targets.onnx_integer.types import Types

_MOST_BIAS = 2**30
"""Codes of a bias stay below it, so that the sum of products before it has room in 32 bits."""
_WORTH_HALVING = 4096
"""Numbers of a weight from which half precision saves more than the Cast behind it costs."""


class Writer:
    """The nodes and initializers of the integer network, written in the float network's order."""

    def __init__(
        self,
        network: Network,
        plan: Plan,
        kernels: Kernels,
        grid_of: Callable[[str], Grid],
        types: Types,
        added: Mapping[str, Added],
    ) -> None:
        self._network, self._plan, self._kernels = network, plan, kernels
        self._grid_of, self._types, self._added = grid_of, types, added
        self._nodes: list[Node] = []
        self._initializers: dict[str, Any] = {}
        self._coded: dict[str, tuple[str, Grid]] = {}  # tensor -> its codes and their grid
        self._real: dict[str, str] = {name: name for name in network.inputs}
        self._decoded: dict[str, str] = {}

    def write(self) -> Any:
        """The integer ModelProto."""
        from onnx import ModelProto

        dropped = set(self._plan.absorbed.values())
        for node in self._network.nodes:
            if node.output[0] in dropped:
                continue
            if node.output[0] in self._plan.relabelled:
                self._relabel(node)
            elif node.op_type == "Pad" and node.output[0] in self._plan.integer:
                self._pad(node)
            elif node.output[0] in self._plan.integer:
                self._integer(node)
            else:
                self._float(node)
        model = ModelProto()
        model.CopyFrom(self._network.model)
        del model.graph.node[:], model.graph.initializer[:], model.graph.value_info[:]
        model.graph.node.extend(self._nodes)
        model.graph.initializer.extend(self._initializers[k] for k in sorted(self._initializers))
        return model

    def grids(self) -> Iterator[tuple[str, Grid]]:
        """Once it is written: the tensors that are in codes, by the float network's names."""
        return ((tensor, grid) for tensor, (_, grid) in self._coded.items())

    def _relabel(self, node: Node) -> None:
        """The same codes stand for the product: nothing is computed."""
        codes, grid = self._coded[self._network.activations(node)[0]]
        self._code(node.output[0], codes, grid.times(self._plan.relabelled[node.output[0]]))

    def _pad(self, node: Node) -> None:
        """On the codes themselves, with the one for zero: ONNX Runtime does not fuse it."""
        codes, grid = self._coded[node.input[0]]
        written = type(node)()
        written.CopyFrom(node)
        _, zero = self._parameters(grid)
        given = f"{node.output[0]}.q"
        written.input[:], written.output[:] = [codes, node.input[1], zero, *node.input[3:]], [given]
        self._append(written)
        self._code(node.output[0], given, grid)

    def _integer(self, node: Node) -> None:
        """DequantizeLinear, the node, QuantizeLinear."""
        given = self._plan.absorbed.get(node.output[0], node.output[0])
        activations = self._network.activations(node)
        inputs = [self._decode(name) if name in activations else name for name in node.input]
        if node.op_type in LAYERS:
            inputs = self._layer(node, inputs)
        else:
            inputs = [
                self._constant(name) if self._is_number(node, name) else name for name in inputs
            ]
        written = type(node)()
        written.CopyFrom(node)
        written.input[:] = inputs
        real = f"{given}.r"
        written.output[:] = [real]
        for group in (one for one in written.attribute if one.name == "group" and one.i > 1):
            group.i += self._added[node.output[0]].given
        self._append(written)
        grid = self._coded[activations[0]][1] if node.op_type in MOVING else self._grid_of(given)
        self._code(given, self._quantize(real, given, grid), grid)

    def _float(self, node: Node) -> None:
        """The node as it was, reading real numbers."""
        written = type(node)()
        written.CopyFrom(node)
        activations = self._network.activations(node)
        written.input[:] = [
            (self._real.get(name) or self._decode(name)) if name in activations else name
            for name in node.input
        ]
        if node.op_type in LAYERS:
            written.input[1] = self._float_kernel(node)
        self._append(written)
        self._real.update({name: name for name in node.output})

    def _code(self, tensor: str, codes: str, grid: Grid) -> None:
        self._coded[tensor] = codes, grid
        if tensor in self._network.outputs:
            self._decode(tensor, name=tensor)

    def _decode(self, tensor: str, name: str = "") -> str:
        """The real numbers of a tensor's codes, behind a DequantizeLinear."""
        if tensor not in self._coded:
            grid = self._grid_of(tensor)
            self._coded[tensor] = self._quantize(self._real[tensor], tensor, grid), grid
        if tensor not in self._decoded:
            codes, grid = self._coded[tensor]
            name = name or f"{tensor}.d"
            self._add("DequantizeLinear", [codes, *self._parameters(grid)], name)
            self._decoded[tensor] = name
        return self._decoded[tensor]

    def _quantize(self, real: str, tensor: str, grid: Grid) -> str:
        return self._add("QuantizeLinear", [real, *self._parameters(grid)], f"{tensor}.q")

    def _parameters(self, grid: Grid) -> tuple[str, str]:
        scale = self._hold(f"s{len(self._initializers)}", np.float32(grid.scale))
        return scale, self._hold(f"z{grid.zero_point}", np.uint8(grid.zero_point))

    def _layer(self, node: Node, inputs: list[str]) -> list[str]:
        """The inputs of a layer: its kernel in 8 bits, its bias in 32."""
        found = self._kernels.find(self._network.constants[node.input[1]])
        assert found is not None  # the plan asked for it
        step = self._coded[self._network.activations(node)[0]][1].scale
        bias = self._network.constants[node.input[2]] if len(node.input) > 2 else None
        added = self._added.get(node.output[0], Added())
        codes, scales = _roomy(found, bias, step)
        codes, scales = (
            _filled(codes, added.given, added.read),
            _filled(scales, added.given, last=True),
        )
        kernel = self._dequantized(node.input[1], self._types.stored(codes), scales, found.axis)
        if bias is None:
            return [inputs[0], kernel]
        steps = (scales * np.float32(step)).astype(np.float32)
        whole = np.rint(_filled(bias, added.given).astype(np.float64) / steps).astype(np.int32)
        return [inputs[0], kernel, self._dequantized(node.input[2], whole, steps, 0)]

    def _dequantized(
        self, name: str, codes: NDArray[Any], scales: NDArray[np.float32], axis: int
    ) -> str:
        """Codes of a constant behind a DequantizeLinear along an axis."""
        if f"{name}.d" in self._decoded:
            # Two layers may share a weight, but a bias has the scale of its layer's input.
            name = f"{name}.{len(self._initializers)}"
        inputs = [self._hold(name, codes), self._hold(f"{name}.s", scales)]
        if codes.dtype != np.int32:
            zeros = np.full(scales.shape, self._types.offset, codes.dtype)
            inputs.append(self._hold(f"o{len(scales)}", zeros))
        self._decoded[f"{name}.d"] = name
        return self._add("DequantizeLinear", inputs, f"{name}.d", axis=axis)

    def _float_kernel(self, node: Node) -> str:
        """A float layer's kernel: in half precision where that saves bytes."""
        name = node.input[1]
        values = self._network.constants.get(name)
        if values is None or values.size < _WORTH_HALVING:
            return str(name)
        if f"{name}.f" not in self._decoded:
            halved = self._hold(f"{name}.h", values.astype(np.float16))
            self._decoded[f"{name}.f"] = self._add("Cast", [halved], f"{name}.f", to=1)
        return self._decoded[f"{name}.f"]

    def _is_number(self, node: Node, name: str) -> bool:
        """Whether an input is a constant that the node computes with, not a shape."""
        value = self._network.constants.get(name)
        return node.op_type not in MOVING and value is not None and value.dtype == np.float32

    def _constant(self, name: str) -> str:
        """A constant that activations are added to or multiplied by, on a grid of its own."""
        if f"{name}.d" not in self._decoded:
            values = self._network.constants[name]
            span = grid((float(values.min()), float(values.max())))
            inputs = [self._hold(f"{name}.c", span.codes(values)), *self._parameters(span)]
            self._decoded[f"{name}.d"] = self._add("DequantizeLinear", inputs, f"{name}.d")
        return self._decoded[f"{name}.d"]

    def _hold(self, name: str, value: Any) -> str:
        from onnx import numpy_helper

        if name not in self._initializers:
            self._initializers[name] = numpy_helper.from_array(np.asarray(value), name)
        return name

    def _append(self, node: Node) -> None:
        """A node, with the initializers of the float network that it reads."""
        for name in node.input:
            if name in self._network.constants:
                self._hold(name, self._network.constants[name])
        self._nodes.append(node)

    def _add(self, kind: str, inputs: Sequence[str], output: str, **attributes: Any) -> str:
        from onnx import helper

        self._nodes.append(helper.make_node(kind, list(inputs), [output], **attributes))
        return output


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
