"""Turn SpaceToBatchND -> convolution -> BatchToSpaceND into one dilated convolution.

TensorFlow 1 wrote atrous convolutions that way (Chen et al. 2017, DeepLabV3); every runtime has
dilated convolutions, and most run the three nodes many times slower.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from convert.graph.graph import Graph, NodeDef
from convert.graph.nodes import attribute, constant, node
from convert.graph.tensorflow import tensorflow

_CONVOLUTIONS = frozenset({"Conv2D", "DepthwiseConv2dNative"})


@dataclass(frozen=True, kw_only=True)
class _Pair:
    """One space-to-batch, convolution, batch-to-space chain; pads are [[top, bottom], ...]."""

    convolution: NodeDef
    source: str
    end: str
    rate: tuple[int, int]
    pads: NDArray[Any]


def fuse_atrous(graph: Graph) -> Graph:
    """The same function with dilated convolutions; chains that are not exactly one are kept."""
    pairs = [p for n in graph.graph_def.node if (p := _match(graph, n)) is not None]
    if not pairs:
        return graph
    made = {name: new for pair in pairs for name, new in _replacement(graph, pair).items()}
    kept = [n for n in graph.graph_def.node if n.name not in made]
    return graph.with_nodes([*kept, *made.values()])


def _match(graph: Graph, end: NodeDef) -> _Pair | None:
    if end.op != "BatchToSpaceND":
        return None
    convolution = graph.node(end.input[0])
    if convolution.op not in _CONVOLUTIONS or len(graph.consumers[convolution.name]) != 1:
        return None
    start = graph.node(convolution.input[0])
    if start.op != "SpaceToBatchND" or convolution.attr["data_format"].s not in (b"", b"NHWC"):
        return None
    values = [graph.constant(r) for r in (*start.input[1:], *end.input[1:])]
    if any(v is None for v in values):
        return None
    block, pads, block_back, crops = (np.asarray(v) for v in values)
    strides = list(convolution.attr["strides"].list.i)
    once = {*strides, *convolution.attr["dilations"].list.i} <= {1}
    plain = convolution.attr["padding"].s == b"VALID" and once and (pads >= crops).all()
    if not plain or block.shape != (2,) or not np.array_equal(block, block_back):
        return None
    return _Pair(
        convolution=convolution,
        source=start.input[0],
        end=end.name,
        rate=(int(block[0]), int(block[1])),
        pads=pads - crops,
    )


def _replacement(graph: Graph, pair: _Pair) -> dict[str, NodeDef]:
    """The nodes that stand in for a pair, by name; the last keeps the name of its end."""
    dilated = tensorflow().compat.v1.NodeDef()
    dilated.CopyFrom(pair.convolution)
    dilated.name = pair.end
    dilated.attr["dilations"].CopyFrom(attribute([1, *pair.rate, 1]))
    dilated.attr.pop("_output_shapes", None)
    dilated.input[0] = pair.source
    if _is_same(graph, pair):
        dilated.attr["padding"].CopyFrom(attribute("SAME"))
        return {dilated.name: dilated}
    return _with_pad(pair, dilated)


def _is_same(graph: Graph, pair: _Pair) -> bool:
    """Whether the padding is that of SAME at stride 1: (k - 1) * rate, the smaller half first."""
    kernel = graph.constant(pair.convolution.input[1])
    if kernel is None:
        return False
    total = [(k - 1) * r for k, r in zip(kernel.shape[:2], pair.rate, strict=True)]
    return bool(np.array_equal(pair.pads, [[t // 2, t - t // 2] for t in total]))


def _with_pad(pair: _Pair, dilated: NodeDef) -> dict[str, NodeDef]:
    """An explicit Pad and a VALID convolution, where the padding is another than SAME's."""
    tf = tensorflow()
    pads = np.concatenate([[[0, 0]], pair.pads, [[0, 0]]]).astype(np.int32)
    amounts = constant(f"{pair.end}/paddings", pads)
    padded = node(
        "Pad", f"{pair.end}/pad", pair.source, amounts.name, T=tf.float32, Tpaddings=tf.int32
    )
    dilated.input[0] = padded.name
    return {n.name: n for n in (amounts, padded, dilated)}
