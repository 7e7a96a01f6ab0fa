"""The layers at either end of a network that are quicker and truer in float."""

from convert.targets.onnx_integer.network import Network, Node

_PICTURE = 4
"""Channels of a picture, at most."""
_NARROW = 16
"""Channels up to which an integer depthwise convolution takes three times as long as float."""


def float_ends(network: Network) -> frozenset[str]:
    """What the nodes give that stay in float at both ends of the network; their weights are few.

    ONNX Runtime's integer kernels work on 16 channels at once: on a picture's three they take
    three times as long as the float ones, and on the first, large depthwise convolution up to
    seven times. In float, the picture is not rounded to codes either.
    """
    return _stem(network) | _head(network)


def _head(network: Network) -> frozenset[str]:
    """A narrow depthwise convolution before a last layer that has no integer kernel."""
    given: set[str] = set()
    names = [node.input[0] for node in network.nodes if node.op_type == "ConvTranspose"]
    while names:
        node = network.givers.get(names.pop())
        if node is None or node.output[0] in given:
            continue
        if node.op_type == "Add" or network.bounds(node) is not None:
            given.add(node.output[0])
            names += network.activations(node)
        elif network.is_depthwise(node) and network.groups(node) <= _NARROW:
            given.add(node.output[0])
    # A clip right behind an integer layer is part of it.
    return frozenset(
        name
        for name in given
        if network.bounds(network.givers[name]) is None or network.givers[name].input[0] in given
    )


def _stem(network: Network) -> frozenset[str]:
    """The convolutions that read the picture, and a depthwise one right behind each."""
    given: set[str] = set()
    for node in network.nodes:
        if node.op_type == "Conv" and _reads_picture(network, node) and not _forks(network, node):
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
        kernel is not None and kernel.shape[1] <= _PICTURE
    )


def _forks(network: Network, node: Node) -> bool:
    """Whether a convolution and something else read what a node gives, behind its clip.

    Where a residual stream starts in float, ONNX Runtime leaves all of it in NCHW and turns it at
    every layer.
    """
    behind = _alone_behind(network, node)
    last = behind if behind is not None and network.bounds(behind) is not None else node
    kinds = [reader.op_type for reader in network.readers[last.output[0]]]
    return "Conv" in kinds and len(kinds) > 1


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
