"""Fold batch normalisation into the convolution before it (Ioffe & Szegedy 2015, inference form).

Reason: tf2onnx and some converters leave it standing, and quantizing the halves apart destroys
a network (MobileNetV1 0.25: top-1 55 -> 0.5 by onnxruntime's static quantization).
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from convert.graph.graph import Graph, NodeDef, has_other_outputs
from convert.graph.nodes import constant, float_attributes, node
from convert.graph.tensorflow import tensorflow

_FUSED = frozenset({"FusedBatchNorm", "FusedBatchNormV2", "FusedBatchNormV3"})
_ADDITIONS = frozenset({"Add", "AddV2", "BiasAdd", "Sub"})
_CHANNELS_LAST = (b"", b"NHWC")
Vector = NDArray[np.float64]


def fold_batch_norm(graph: Graph) -> Graph:
    """The same function with every convolution's per-channel scale and shift in its own weights.

    Convolution -> (Mul | FusedBatchNorm | Add | Sub | BiasAdd by constants)* becomes
    convolution -> BiasAdd. A norm with no convolution before it (of pre-activation networks, or
    behind a concatenation) becomes Mul -> AddV2. Constants must have been folded before.
    """
    return _spelled_out(_into_convolutions(graph))


def _into_convolutions(graph: Graph) -> Graph:
    chains = [c for n in graph.graph_def.node if (c := _chain(graph, n)) is not None]
    made = {name: new for chain in chains for name, new in _folded(graph, chain).items()}
    kept = [n for n in graph.graph_def.node if n.name not in made]
    return graph.with_nodes([*kept, *made.values()]) if chains else graph


def _spelled_out(graph: Graph) -> Graph:
    norms = [n for n in graph.graph_def.node if n.op in _FUSED]
    made = {n.name: _multiplied(n, a) for n in norms if (a := _fused_affine(graph, n)) is not None}
    kept = [n for n in graph.graph_def.node if n.name not in made]
    return graph.with_nodes([*kept, *(n for nodes in made.values() for n in nodes)])


def _multiplied(norm: NodeDef, affine: tuple[Vector, Vector]) -> list[NodeDef]:
    """Mul -> AddV2 for a norm; the last has the norm's name."""
    factor, offset = (vector.astype(np.float32) for vector in affine)
    scale, shift = constant(f"{norm.name}/scale", factor), constant(f"{norm.name}/shift", offset)
    scaled = node("Mul", f"{norm.name}/scaled", norm.input[0], scale.name, **float_attributes())
    shifted = node("AddV2", norm.name, scaled.name, shift.name, **float_attributes())
    return [scale, shift, scaled, shifted]


@dataclass(frozen=True, kw_only=True)
class _Chain:
    """A convolution and the affine steps behind it: y = convolution * scale + shift."""

    convolution: NodeDef
    end: str
    scale: Vector
    shift: Vector


def _chain(graph: Graph, convolution: NodeDef) -> _Chain | None:
    kernel = _kernel(graph, convolution)
    if kernel is None:
        return None
    channels = _out_channels(convolution, kernel)
    end, scale, shift = convolution.name, np.ones(channels), np.zeros(channels)
    steps = 0
    while (step := _next_step(graph, end, channels)) is not None:
        end, (factor, offset) = step
        scale, shift = scale * factor, shift * factor + offset
        steps += 1
    is_plain_bias = steps == 1 and graph.node(end).op == "BiasAdd"
    if steps == 0 or is_plain_bias:
        return None
    return _Chain(convolution=convolution, end=end, scale=scale, shift=shift)


def _kernel(graph: Graph, convolution: NodeDef) -> NDArray[Any] | None:
    if convolution.op not in ("Conv2D", "DepthwiseConv2dNative"):
        return None
    if convolution.attr["data_format"].s not in _CHANNELS_LAST:
        return None
    kernel = graph.constant(convolution.input[1])
    return kernel if kernel is not None and kernel.dtype == np.float32 else None


def _out_channels(convolution: NodeDef, kernel: NDArray[Any]) -> int:
    """[kh, kw, in, out] for Conv2D, [kh, kw, in, multiplier] for depthwise."""
    depthwise = convolution.op == "DepthwiseConv2dNative"
    return int(kernel.shape[2] * kernel.shape[3] if depthwise else kernel.shape[3])


def _next_step(graph: Graph, name: str, channels: int) -> tuple[str, tuple[Vector, Vector]] | None:
    """The one reader of a node if it is an affine step, and its factor and offset."""
    readers = graph.consumers[name]
    if len(readers) != 1 or name in graph.outputs:
        return None
    affine = _affine(graph, readers[0], name, channels)
    return None if affine is None else (readers[0].name, affine)


def _affine(
    graph: Graph, step: NodeDef, source: str, channels: int
) -> tuple[Vector, Vector] | None:
    if step.op in _FUSED:
        return _fused_affine(graph, step)
    position = next((i for i, r in enumerate(step.input) if r.split(":")[0] != source), None)
    if step.op not in _ADDITIONS | {"Mul"} or position is None:
        return None
    vector = _per_channel(graph.constant(step.input[position]), channels)
    if vector is None or (step.op == "Sub" and position == 0):
        return None
    if step.op == "Mul":
        return vector, np.zeros(channels)
    return np.ones(channels), -vector if step.op == "Sub" else vector


def _fused_affine(graph: Graph, step: NodeDef) -> tuple[Vector, Vector] | None:
    values = [graph.constant(reference) for reference in step.input[1:5]]
    plain = not step.attr["is_training"].b and step.attr["data_format"].s in _CHANNELS_LAST
    if not plain or has_other_outputs(graph, step) or any(value is None for value in values):
        return None
    gamma, beta, mean, variance = (np.asarray(value, np.float64) for value in values)
    factor = gamma / np.sqrt(variance + step.attr["epsilon"].f)
    return factor, beta - mean * factor


def _per_channel(value: NDArray[Any] | None, channels: int) -> Vector | None:
    """A constant as one number a channel, if it is one number or varies over the last axis only."""
    if value is None or value.dtype.kind != "f":
        return None
    if value.size == 1:
        return np.full(channels, float(value.reshape(())))
    varies_last = value.ndim >= 1 and value.shape[-1] == channels == value.size
    return value.reshape(channels).astype(np.float64) if varies_last else None


def _folded(graph: Graph, chain: _Chain) -> dict[str, NodeDef]:
    """New weights, convolution and BiasAdd, by name; the last has the name of the chain's end."""
    tf = tensorflow()
    kernel = np.asarray(_kernel(graph, chain.convolution), np.float64)
    depthwise = chain.convolution.op == "DepthwiseConv2dNative"
    factor = chain.scale.reshape(kernel.shape[2:]) if depthwise else chain.scale
    base = chain.convolution.name
    weights = constant(f"{base}/folded_weights", (kernel * factor).astype(np.float32))
    bias = constant(f"{base}/folded_bias", chain.shift.astype(np.float32))
    convolution = tf.compat.v1.NodeDef()
    convolution.CopyFrom(chain.convolution)
    convolution.input[1] = weights.name
    biased = node("BiasAdd", chain.end, base, bias.name, data_format="NHWC", **float_attributes())
    return {n.name: n for n in (weights, bias, convolution, biased)}
