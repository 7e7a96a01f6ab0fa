"""Tiny cores, built node by node."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from convert.graph.graph import Graph, NodeDef
from convert.graph.nodes import constant, float_attributes, identity, node, placeholder
from convert.graph.tensorflow import tensorflow


@dataclass
class Builder:
    """Collects nodes; every method gives the name of what it adds."""

    random: np.random.Generator = field(default_factory=lambda: np.random.default_rng(7))
    nodes: list[NodeDef] = field(default_factory=list)

    def add(self, op: str, name: str, *inputs: str, **attributes: Any) -> str:
        self.nodes.append(node(op, name, *inputs, **attributes))
        return name

    def const(self, name: str, value: Any, dtype: Any = np.float32) -> str:
        self.nodes.append(constant(name, np.asarray(value, dtype)))
        return name

    def image(self, *shape: int) -> str:
        self.nodes.append(placeholder("image", tensorflow().float32, (1, *shape)))
        return "image"

    def plain(self, op: str, name: str, *inputs: str) -> str:
        return self.add(op, name, *inputs, **float_attributes())

    def conv(
        self,
        name: str,
        data: str,
        shape: Sequence[int],
        *,
        op: str = "Conv2D",
        padding: str = "SAME",
        channel_sizes: Any = 1.0,
        bias: Any = None,
    ) -> str:
        """Convolution and BiasAdd; kernels [h, w, I, O] with output channels of given sizes."""
        sizes = np.asarray(channel_sizes, np.float32)
        outputs = shape[2] if op == "DepthwiseConv2dNative" else shape[3]
        sizes = np.broadcast_to(sizes, (outputs,))
        kernel = self.random.normal(size=shape) * np.reshape(
            sizes, (-1, 1) if op == "DepthwiseConv2dNative" else (-1,)
        )
        self.const(f"{name}/kernel", kernel)
        offset = self.random.normal(size=outputs) if bias is None else bias
        self.const(f"{name}/bias", np.broadcast_to(offset, (outputs,)))
        kinds = {**float_attributes(), "padding": padding, "strides": [1, 1, 1, 1]}
        self.add(op, f"{name}/conv", data, f"{name}/kernel", **kinds)
        return self.add("BiasAdd", name, f"{name}/conv", f"{name}/bias", **float_attributes())

    def graph(self, *outputs: str) -> Graph:
        names = tuple(f"end{index}" for index in range(len(outputs)))
        tf = tensorflow()
        ends = [identity(n, o, tf.float32) for n, o in zip(names, outputs, strict=True)]
        graph_def = tf.compat.v1.GraphDef(node=[*self.nodes, *ends])
        return Graph(graph_def=graph_def, inputs=("image",), outputs=names)


@pytest.fixture
def build() -> Builder:
    return Builder()


Pictures = Callable[[], list[NDArray[np.float32]]]


@pytest.fixture
def pictures() -> Pictures:
    random = np.random.default_rng(3)
    made = [random.uniform(-1, 1, (1, 6, 6, 3)).astype(np.float32) for _ in range(4)]
    return lambda: made
