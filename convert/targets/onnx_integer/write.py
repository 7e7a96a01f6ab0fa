"""Write a network in integers, with QuantizeLinear and DequantizeLinear around its nodes."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from convert.targets.onnx_integer.channels import Added
from convert.targets.onnx_integer.grid import Grid
from convert.targets.onnx_integer.kernels import Kernels
from convert.targets.onnx_integer.network import Network, Node
from convert.targets.onnx_integer.plan import LAYERS, MOVING, Plan
from convert.targets.onnx_integer.sheet import Sheet
from convert.targets.onnx_integer.types import Types
from convert.targets.onnx_integer.weights import Weights


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
        self._network, self._plan, self._grid_of, self._added = network, plan, grid_of, added
        self._sheet = Sheet(network.constants)
        self._weights = Weights(self._sheet, network, kernels, types, added)
        self._coded: dict[str, tuple[str, Grid]] = {}  # tensor -> its codes and their grid
        self._real: dict[str, str] = {name: name for name in network.inputs}
        self._decoded: dict[str, str] = {}

    def write(self) -> Any:
        """The integer ModelProto."""
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
        return self._sheet.instead_of(self._network.model)

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
        _, zero = self._sheet.parameters(grid)
        given = f"{node.output[0]}.q"
        written.input[:], written.output[:] = [codes, node.input[1], zero, *node.input[3:]], [given]
        self._sheet.append(written)
        self._code(node.output[0], given, grid)

    def _integer(self, node: Node) -> None:
        """DequantizeLinear, the node, QuantizeLinear."""
        given = self._plan.absorbed.get(node.output[0], node.output[0])
        activations = self._network.activations(node)
        inputs = [self._decode(name) if name in activations else name for name in node.input]
        if node.op_type in LAYERS:
            inputs = self._weights.layer(node, inputs[0], self._coded[activations[0]][1].scale)
        else:
            inputs = [
                self._weights.constant(name) if self._weights.is_number(node, name) else name
                for name in inputs
            ]
        written = type(node)()
        written.CopyFrom(node)
        written.input[:] = inputs
        real = f"{given}.r"
        written.output[:] = [real]
        for group in (one for one in written.attribute if one.name == "group" and one.i > 1):
            group.i += self._added[node.output[0]].given
        self._sheet.append(written)
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
            written.input[1] = self._weights.float_kernel(node)
        self._sheet.append(written)
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
            self._sheet.add("DequantizeLinear", [codes, *self._sheet.parameters(grid)], name)
            self._decoded[tensor] = name
        return self._decoded[tensor]

    def _quantize(self, real: str, tensor: str, grid: Grid) -> str:
        return self._sheet.add(
            "QuantizeLinear", [real, *self._sheet.parameters(grid)], f"{tensor}.q"
        )
