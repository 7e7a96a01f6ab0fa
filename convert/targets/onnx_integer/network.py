"""A float32 ModelProto, to be asked who gives and who reads a tensor."""

from collections import defaultdict
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

Node = Any
"""An `onnx.NodeProto`: op_type, name, input, output, attribute."""


class Network:
    """What is asked of a model's graph; its nodes stand in an order that can be run."""

    def __init__(self, model: Any) -> None:
        self.model = model
        self.nodes: list[Node] = list(model.graph.node)
        self.inputs = tuple(value.name for value in model.graph.input)
        self.outputs = tuple(value.name for value in model.graph.output)

    @cached_property
    def constants(self) -> dict[str, NDArray[Any]]:
        """The value of each initializer."""
        from onnx import numpy_helper

        return {value.name: numpy_helper.to_array(value) for value in self.model.graph.initializer}

    @cached_property
    def readers(self) -> dict[str, list[Node]]:
        """The nodes that read each tensor."""
        readers: dict[str, list[Node]] = defaultdict(list)
        for node in self.nodes:
            for name in dict.fromkeys(node.input):
                readers[name].append(node)
        return readers

    @cached_property
    def givers(self) -> dict[str, Node]:
        """The node that gives each tensor."""
        return {name: node for node in self.nodes for name in node.output}

    def activations(self, node: Node) -> list[str]:
        """The inputs of a node that are no constants."""
        return [name for name in node.input if name and name not in self.constants]

    def scalar(self, name: str) -> float | None:
        """The one number that an initializer holds, or None."""
        value = self.constants.get(name)
        return float(value.reshape(-1)[0]) if value is not None and value.size == 1 else None

    def groups(self, node: Node) -> int:
        """The groups of a Conv."""
        return next((int(one.i) for one in node.attribute if one.name == "group"), 1)

    def is_depthwise(self, node: Node) -> bool:
        """Whether it is a Conv that gives one channel for each that it reads."""
        kernel = self.constants.get(node.input[1]) if node.op_type == "Conv" else None
        return kernel is not None and self.groups(node) == kernel.shape[0] > 1

    def pads_with_zeros(self, node: Node) -> bool:
        """Whether it is a Pad with zeros."""
        modes = [one.s for one in node.attribute if one.name == "mode"]
        number = self.scalar(node.input[2]) if len(node.input) > 2 and node.input[2] else 0.0
        return node.op_type == "Pad" and modes in ([], [b"constant"]) and number == 0

    def bounds(self, node: Node) -> tuple[float, float] | None:
        """What a Clip or Relu clips to; None of another node, or where that is computed."""
        if node.op_type == "Relu":
            return 0.0, np.inf
        if node.op_type != "Clip":
            return None
        given = [*node.input[1:], "", ""][:2]
        pairs = zip(given, (-np.inf, np.inf), strict=True)
        low, high = (self.scalar(name) if name else end for name, end in pairs)
        return None if low is None or high is None else (low, high)
