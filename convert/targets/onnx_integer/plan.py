"""Which nodes of a network compute in integers."""

from collections.abc import Callable
from dataclasses import dataclass

from convert.targets.onnx_integer.network import Network, Node

LAYERS = ("Conv", "Gemm", "MatMul")
COMPUTING = ("Add", "Mul", "Concat", "AveragePool", "GlobalAveragePool", "Sigmoid", "LeakyRelu")
"""What ONNX Runtime fuses between DequantizeLinear and QuantizeLinear to one integer operator."""
MOVING = ("Reshape", "Transpose", "Squeeze", "Unsqueeze", "Flatten", "MaxPool", "Resize")
"""What it runs on the codes themselves: their outputs stand on the grid of their input."""
_LAST = (*MOVING, "Concat", "Sigmoid")
"""What is computed in float where nothing but the outputs comes after it."""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """How each node is written."""

    integer: frozenset[str]
    """The tensors that a node gives as codes, each by its first output."""
    absorbed: dict[str, str]
    """What an integer node gives -> what the Clip behind it gives, where the grid clips as well."""
    relabelled: dict[str, float]
    """What a Mul by a positive constant gives -> that constant: the same codes, another scale."""


def plan(
    network: Network,
    is_layer: Callable[[Node], bool],
    clips: Callable[..., bool],
    floating: frozenset[str],
) -> Plan:
    """Decide for each node.

    `is_layer`: whether a Conv, Gemm or MatMul can be in integers; `clips(tensor, low, high)`:
    whether the tensor's grid clips as these bounds do; `floating`: what is given in float all the
    same.
    """
    last = _last(network)
    integer: set[str] = set()
    absorbed: dict[str, str] = {}
    relabelled: dict[str, float] = {}
    for node in network.nodes:
        given = node.output[0]
        if given in last or given in floating:
            continue
        coded = [name in integer for name in network.activations(node)]
        if node.op_type == "Mul" and _factor(network, node) and all(coded):
            relabelled[given] = _factor(network, node)
        elif not (
            (node.op_type in LAYERS and is_layer(node))
            or (node.op_type in COMPUTING and any(coded))
            or (node.op_type in MOVING and coded[:1] == [True])
            or (network.pads_with_zeros(node) and coded == [True])
        ):
            continue
        integer.add(given)
        behind = _clip_behind(network, node)
        if behind is not None and given not in relabelled and node.op_type not in (*MOVING, "Pad"):
            bounds = network.bounds(behind)
            if bounds and clips(behind.output[0], *bounds):
                absorbed[given] = behind.output[0]
                integer.add(behind.output[0])
    return Plan(integer=frozenset(integer), absorbed=absorbed, relabelled=relabelled)


def _last(network: Network) -> set[str]:
    """What the nodes give behind which nothing is computed any more."""
    last: set[str] = set()
    for node in reversed(network.nodes):
        readers = [reader for name in node.output for reader in network.readers[name]]
        if node.op_type in _LAST and all(reader.output[0] in last for reader in readers):
            last.update(node.output)
    return last


def _factor(network: Network, node: Node) -> float:
    """The positive constant that a Mul multiplies by, or 0."""
    constants = [network.scalar(name) for name in node.input if name in network.constants]
    return max(constants[0] or 0.0, 0.0) if len(constants) == 1 else 0.0


def _clip_behind(network: Network, node: Node) -> Node | None:
    """The Clip or Relu that alone reads what a node gives."""
    given = node.output[0]
    readers = network.readers[given]
    alone = len(readers) == 1 and given not in network.outputs
    return readers[0] if alone and network.bounds(readers[0]) is not None else None
