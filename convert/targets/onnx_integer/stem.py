"""The layers at the picture's end that are quicker and truer in float."""

from convert.targets.onnx_integer.network import Network, Node

_FEW = 4
"""Channels of a picture."""


def stem(network: Network) -> frozenset[str]:
    """What the convolutions give that read the picture, and a depthwise one right behind.

    ONNX Runtime's integer kernels work on 16 channels at once: on a picture's three they take
    three times as long as the float ones, and on the first, large depthwise convolution up to
    seven times. In float, the picture is not rounded to codes either. Their weights are few.
    """
    given: set[str] = set()
    for node in network.nodes:
        if node.op_type == "Conv" and _reads_picture(network, node):
            given.add(node.output[0])
            behind = _alone_behind(network, node)
            if behind is not None and network.bounds(behind) is not None:
                behind = _alone_behind(network, behind)
            if behind is not None and network.is_depthwise(behind):
                given.add(behind.output[0])
    return frozenset(given)


def _reads_picture(network: Network, node: Node) -> bool:
    kernel = network.constants.get(node.input[1])
    return _source(network, node.input[0]) in network.inputs and (
        kernel is not None and kernel.shape[1] <= _FEW
    )


def _source(network: Network, name: str) -> str:
    """The tensor that another is only turned or padded from."""
    while name in network.givers and network.givers[name].op_type in ("Transpose", "Pad"):
        name = network.givers[name].input[0]
    return name


def _alone_behind(network: Network, node: Node) -> Node | None:
    """The one node that reads what a node gives."""
    readers = network.readers[node.output[0]]
    alone = len(readers) == 1 and node.output[0] not in network.outputs
    return readers[0] if alone else None
