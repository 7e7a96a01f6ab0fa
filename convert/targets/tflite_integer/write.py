"""The full-integer file of an export."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from convert.graph.graph import Graph
from convert.quantization import Range
from convert.targets.base import Export
from convert.targets.tflite_integer.assemble import assembled
from convert.targets.tflite_integer.file import read, write
from convert.targets.tflite_integer.kernels import Kernels
from convert.targets.tflite_integer.network import Network, Op, Tensor
from convert.targets.tflite_integer.ranges import decided_ranges
from convert.targets.tflite_integer.refuse import refuse_broken


def full_integer(flatbuffer: bytes, job: Export) -> bytes:
    """The int8 file with uint8 ends, of the float32 file `flatbuffer` of `job.core`.

    Where the scheme is mixed, an output that is computed in float is float32. Weights, biases and
    ranges are `job.decisions`, which must be there. Raises ToolError where LiteRT does not take
    the file.
    """
    network, _ = _integer(flatbuffer, job)
    written = write(network)
    refuse_broken(written)
    return written


def held_ranges(flatbuffer: bytes, job: Export) -> dict[str, Range]:
    """What that file's codes reach from and to, by the nodes of the core that they stand for."""
    _, nodes = _integer(flatbuffer, job)
    return {node: tensor.steps.reach for tensor, node in nodes.items() if tensor.steps is not None}


def _integer(flatbuffer: bytes, job: Export) -> tuple[Network, Mapping[Tensor, str]]:
    """The integer network, and the core's node that each of the float file's tensors is."""
    assert job.decisions is not None
    network = read(flatbuffer)
    ranges, nodes = decided_ranges(network, flatbuffer, job)
    kernels = Kernels(job.decisions.kernels.values())
    floats = kept_float(network, nodes, job.core, job.decisions.kept_float)
    # Mixed: what is in float at the end need not lose to eight bits what it has.
    mixed = job.scheme == "mixed"
    return assembled(network, ranges, kernels, floats, float_ends=mixed), nodes


def kept_float(
    network: Network, nodes: Mapping[Tensor, str], core: Graph, layers: frozenset[str]
) -> set[Op]:
    """The operators of nodes that stay in floating point, by their weights or their outputs."""
    constants = (core.constant(name) for name in _read(core, layers))
    # An axis that two means are over is no weight that tells them apart.
    floats = (value for value in constants if value is not None and value.dtype == np.float32)
    weights = [np.sort(value.ravel()) for value in floats]
    return {
        op
        for op in network.ops
        if any(nodes.get(out) in layers for out in op.outputs)
        or any(_is_one_of(tensor, weights) for tensor in op.inputs)
    }


def _read(core: Graph, layers: frozenset[str]) -> list[str]:
    return [name for layer in layers for name in core.node(layer).input[:2]]


def _is_one_of(tensor: Tensor | None, weights: list[NDArray[Any]]) -> bool:
    if tensor is None or tensor.data is None or tensor.data.size < 2:
        return False
    return any(
        len(one) == tensor.data.size and np.allclose(one, np.sort(tensor.data.ravel()), rtol=1e-5)
        for one in weights
    )
