"""Write dilated depthwise convolutions as SpaceToBatchND -> convolution -> BatchToSpaceND.

The inverse of fuse_atrous, for running by TensorFlow only: its plain CPU kernel has no dilations.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from convert.errors import UnsupportedError
from convert.graph.graph import Graph, NodeDef, node_name
from convert.graph.nodes import attribute, constant, node
from convert.graph.tensorflow import tensorflow

Shapes = Mapping[str, tuple[int | None, ...] | None]
Amounts = NDArray[np.int32]


def expand_atrous(graph: Graph) -> Graph:
    """The same function without dilated DepthwiseConv2dNative nodes (stride 1, static sizes)."""
    dilated = {n.name: n for n in graph.graph_def.node if _is_dilated(n)}
    if not dilated:
        return graph
    shapes = graph.shapes()
    made = [new for n in dilated.values() for new in _expanded(n, shapes)]
    return graph.with_nodes([*(n for n in graph.graph_def.node if n.name not in dilated), *made])


def _is_dilated(n: NodeDef) -> bool:
    return n.op == "DepthwiseConv2dNative" and max(n.attr["dilations"].list.i, default=1) > 1


def _expanded(n: NodeDef, shapes: Shapes) -> list[NodeDef]:
    tf = tensorflow()
    rates = np.array(n.attr["dilations"].list.i[1:3], np.int32)
    padding, surplus = _paddings(n, shapes, rates)
    block = constant(f"{n.name}/block", rates)
    pads = constant(f"{n.name}/pads", padding)
    cut = constant(f"{n.name}/crops", surplus)
    kinds = {"T": tf.float32, "Tblock_shape": tf.int32}
    start = node(
        "SpaceToBatchND",
        f"{n.name}/s2b",
        n.input[0],
        block.name,
        pads.name,
        Tpaddings=tf.int32,
        **kinds,
    )
    plain = tf.compat.v1.NodeDef()
    plain.CopyFrom(n)
    plain.name, plain.input[0] = f"{n.name}/plain", start.name
    plain.attr["dilations"].CopyFrom(attribute([1, 1, 1, 1]))
    plain.attr["padding"].CopyFrom(attribute("VALID"))
    end = node("BatchToSpaceND", n.name, plain.name, block.name, cut.name, Tcrops=tf.int32, **kinds)
    return [block, pads, cut, start, plain, end]


def _paddings(n: NodeDef, shapes: Shapes, rates: Amounts) -> tuple[Amounts, Amounts]:
    """What to pad before and to crop after, [[top, bottom], [left, right]]."""
    given, kernels = (shapes[node_name(reference)] or (None,) * 4 for reference in n.input[:2])
    sides, kernel = given[1:3], kernels[:2]
    if None in sides + kernel:
        raise UnsupportedError(
            f"{n.name!r} is a dilated depthwise convolution of a map of free size",
            hint="TensorFlow runs it on a CPU at a fixed size only.",
        )
    total = (np.array(kernel) - 1) * rates if n.attr["padding"].s == b"SAME" else np.zeros(2, int)
    surplus = -(np.array(sides) + total) % rates
    pads = np.stack([total // 2, total - total // 2 + surplus], 1)
    return pads.astype(np.int32), np.stack([0 * surplus, surplus], 1).astype(np.int32)
