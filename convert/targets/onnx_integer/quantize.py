"""The float32 model in integers, by the decisions."""

import logging
from collections.abc import Mapping
from typing import Any

from convert.graph.graph import Graph, node_name
from convert.quantization import Decisions, Range
from convert.targets.onnx_integer.channels import added_channels
from convert.targets.onnx_integer.ends import float_ends
from convert.targets.onnx_integer.grid import Grid, grid
from convert.targets.onnx_integer.kernels import Kernels
from convert.targets.onnx_integer.network import Network, Node
from convert.targets.onnx_integer.plan import plan
from convert.targets.onnx_integer.types import Types
from convert.targets.onnx_integer.write import Writer
from convert.targets.same_tensors import Sights

_MARGIN = 0.02
"""Of a range that was only seen, on either side."""


def quantized(
    model: Any,
    core: Graph,
    decisions: Decisions,
    types: Types,
    seen: Sights,
    named: Mapping[str, str],
) -> tuple[Any, dict[str, Range]]:
    """The float32 ModelProto of `core` in integers, and what nodes of the core reach in it.

    `seen`: what its tensors hold on a few inputs; `named`: the core's node that each is. A node
    that no range was decided of is not among those told, and neither is what stays in float.
    """
    network, kernels = Network(model), Kernels(decisions)
    kept = _kept_kernels(core, decisions)
    grids: dict[str, Grid] = {}

    def grid_of(tensor: str) -> Grid:
        if tensor not in grids:
            decided = decisions.ranges.get(named.get(tensor, ""))
            if decided is None:
                logging.getLogger(__name__).debug("no range was decided for %s", tensor)
            grids[tensor] = grid(decided or _range_seen(seen, tensor))
        return grids[tensor]

    def clips(tensor: str, low: float, high: float) -> bool:
        return grid_of(tensor).within(low, high)

    def is_layer(node: Node) -> bool:
        values = network.constants.get(node.input[1])
        found = None if values is None else kernels.find(values)
        return found is not None and found.name not in kept

    stay = frozenset(name for name, node in named.items() if node in decisions.kept_float)
    steps = plan(network, is_layer, clips, float_ends(network) | stay)
    added = added_channels(network, steps.integer)
    writer = Writer(network, steps, kernels, grid_of, types, added)
    written = writer.write()
    reached = {named[name]: grid.reach for name, grid in writer.grids() if name in named}
    return written, {node: span for node, span in reached.items() if node in decisions.ranges}


def _kept_kernels(core: Graph, decisions: Decisions) -> frozenset[str]:
    """The Const nodes of the layers that stay in float."""
    nodes = [core.node(name) for name in decisions.kept_float]
    return frozenset(
        core.through_identity(node_name(node.input[1])).name
        for node in nodes
        if len(node.input) > 1
    )


def _range_seen(seen: Sights, tensor: str) -> Range:
    """The smallest and largest value seen, with a margin where it is not zero."""
    low, high = seen[tensor].reach
    margin = _MARGIN * (high - low)
    return (low - margin if low < 0 else low), (high + margin if high > 0 else high)
