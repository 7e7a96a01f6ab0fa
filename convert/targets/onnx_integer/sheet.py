"""The nodes and initializers of a model that is being written."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from convert.targets.onnx_integer.grid import Grid
from convert.targets.onnx_integer.network import Node


class Sheet:
    """What is written so far; constants of the float network are taken along with their readers."""

    def __init__(self, constants: Mapping[str, NDArray[Any]]) -> None:
        self._constants = constants
        self._nodes: list[Node] = []
        self._initializers: dict[str, Any] = {}

    def __len__(self) -> int:
        """How many initializers there are: a number that no name has yet."""
        return len(self._initializers)

    def hold(self, name: str, value: Any) -> str:
        """An initializer; the first of a name stays."""
        from onnx import numpy_helper

        if name not in self._initializers:
            self._initializers[name] = numpy_helper.from_array(np.asarray(value), name)
        return name

    def parameters(self, grid: Grid) -> tuple[str, str]:
        """A grid's scale and zero point, as QuantizeLinear reads them."""
        scale = self.hold(f"s{len(self)}", np.float32(grid.scale))
        return scale, self.hold(f"z{grid.zero_point}", np.uint8(grid.zero_point))

    def append(self, node: Node) -> None:
        """A node, with the initializers of the float network that it reads."""
        for name in node.input:
            if name in self._constants:
                self.hold(name, self._constants[name])
        self._nodes.append(node)

    def add(self, kind: str, inputs: Sequence[str], output: str, **attributes: Any) -> str:
        """A node of one output, which is returned."""
        from onnx import helper

        self._nodes.append(helper.make_node(kind, list(inputs), [output], **attributes))
        return output

    def instead_of(self, model: Any) -> Any:
        """The ModelProto with these nodes and initializers instead of its own."""
        from onnx import ModelProto

        made = ModelProto()
        made.CopyFrom(model)
        del made.graph.node[:], made.graph.initializer[:], made.graph.value_info[:]
        made.graph.node.extend(self._nodes)
        made.graph.initializer.extend(self._initializers[k] for k in sorted(self._initializers))
        return made
