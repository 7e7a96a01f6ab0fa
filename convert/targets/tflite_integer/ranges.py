"""The decided range of each of a file's activations."""

from itertools import islice

import numpy as np
from numpy.typing import NDArray

from convert.errors import ToolError
from convert.graph.run import function
from convert.quantization import Range
from convert.targets.base import Export
from convert.targets.same_tensors import Sight, match, sights
from convert.targets.tflite_integer.network import Network, Tensor
from convert.targets.tflite_integer.observe import observed

_PICTURES = 2
_MARGIN = 0.05
"""How much wider than seen a range is taken to be where nothing was decided."""


def decided_ranges(
    network: Network, flatbuffer: bytes, job: Export
) -> tuple[dict[Tensor, Range], dict[Tensor, str]]:
    """The range of each float32 activation, and the core's node that it is, where there is one."""
    assert job.decisions is not None
    pictures = list(islice(job.calibration(), _PICTURES))
    if not pictures:
        raise ToolError("there is no calibration picture to find the core's tensors by")
    (picture,) = job.core.inputs
    seen = observed(flatbuffer, picture, pictures)
    held = {f"{network.tensors[index].name};{index}": seen[index] for index in seen}
    found = match(held, _nodes(job, pictures))
    ranges, nodes = {}, {}
    for name, index in zip(held, seen, strict=True):
        tensor, node = network.tensors[index], found.get(name)
        if node is None:
            ranges[tensor] = _seen_range(seen[index])
        else:
            ranges[tensor], nodes[tensor] = job.decisions.ranges[node], node
    return ranges, nodes


def _nodes(job: Export, pictures: list[NDArray[np.float32]]) -> dict[str, Sight]:
    """The nodes that have a decided range, on each picture."""
    assert job.decisions is not None
    names = [name for name in job.core.nodes if name in job.decisions.ranges]
    return sights(names, map(function(job.core, *names), pictures))


def _seen_range(sight: Sight) -> Range:
    low, high = sight.reach
    margin = _MARGIN * (high - low)
    return min(low - margin if low < 0 else 0.0, 0.0), max(high + margin if high > 0 else 0.0, 0.0)
