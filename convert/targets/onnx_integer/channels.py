"""Channels added to a network so that ONNX Runtime's integer depthwise kernels are quick."""

from collections.abc import Mapping
from dataclasses import dataclass

from convert.targets.onnx_integer.network import Network, Node

_AT_ONCE = 16
"""Channels of a depthwise convolution must be a multiple of it: otherwise it takes 4 times as long
as in float, on what a multiple takes less than twice."""
_KEEPING = ("Clip", "Relu", "Sigmoid", "AveragePool", "GlobalAveragePool", "MaxPool", "Resize")
_JOINING = ("Add", "Mul")


@dataclass(frozen=True)
class Added:
    """How many channels of zeros a convolution's kernel gets."""

    given: int = 0
    read: int = 0


def added_channels(network: Network, integer: frozenset[str]) -> Mapping[str, Added]:
    """What a convolution gives -> the channels that are added to it.

    Tensors that elementwise operators and depthwise convolutions tie together have equally many
    channels, so they are filled up together: the convolutions before them give more channels, all
    zero, and those behind them read these with zero weights. The results are the same.
    `integer`: what is computed in integers; where another node is among them, nothing is added.
    """
    ties = _Ties(network, integer)
    wanted = {
        ties.root(node.output[0]): -channels % _AT_ONCE
        for node in network.nodes
        if network.is_depthwise(node)
        and (channels := network.constants[node.input[1]].shape[0]) % _AT_ONCE
    }
    extra = {root: count for root, count in wanted.items() if root not in ties.fixed()}
    return {
        node.output[0]: Added(
            given=extra.get(ties.root(node.output[0]), 0),
            read=0 if network.is_depthwise(node) else extra.get(ties.root(node.input[0]), 0),
        )
        for node in network.nodes
        if node.op_type == "Conv"
    }


class _Ties:
    """Which tensors have the same channels."""

    def __init__(self, network: Network, integer: frozenset[str]) -> None:
        self._network, self._integer = network, integer
        self._above: dict[str, str] = {}
        for node in network.nodes:
            if self._keeps(node):
                for name in network.activations(node):
                    self._above[self.root(name)] = self.root(node.output[0])

    def root(self, name: str) -> str:
        """One tensor that stands for all that are tied to this one."""
        while name in self._above and self._above[name] != name:
            name = self._above[name]
        return name

    def fixed(self) -> frozenset[str]:
        """The roots of those whose channels somebody counts."""
        network = self._network
        names = [*network.inputs, *network.outputs]
        for node in network.nodes:
            free = node.op_type == "Conv" and self._free(node)
            if not free and not self._keeps(node):
                names += [*network.activations(node), *node.output]
        return frozenset(map(self.root, names))

    def _free(self, node: Node) -> bool:
        """Whether a convolution's kernel can be filled up."""
        return node.output[0] in self._integer and self._network.groups(node) == 1

    def _keeps(self, node: Node) -> bool:
        """Whether a node gives as many channels as it reads, whatever their number."""
        if node.op_type in _JOINING:
            numbers = [name for name in node.input if name in self._network.constants]
            return all(self._network.scalar(name) is not None for name in numbers)
        if node.op_type == "Conv":
            return self._network.is_depthwise(node) and node.output[0] in self._integer
        return node.op_type in _KEEPING and not (node.op_type == "Resize" and len(node.input) > 3)
