"""What a batch norm remembers of training: the mean and variance of the first layer's output.

Run on pictures with the statistics of natural ones, only the normalization that the network was
trained with gives a mean and a variance like those: x / 255 instead of x / 127.5 - 1 is wrong by a
factor of four in variance.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from convert.graph.discover.flow import Flow
from convert.graph.discover.probe import Array, Probe
from convert.graph.graph import NodeDef
from convert.preprocessing import Size

Normalize = Callable[[NDArray[np.float32]], NDArray[np.float32]]

_PICTURES = 4
_COLOR = (123.7, 116.8, 103.9)
_DEVIATION = 58.0
"""Of the pixels of ImageNet's pictures."""
_DEAD = 1e-3
"""A channel whose variance is below this share of the largest tells nothing."""
_STATISTICS = {"FusedBatchNorm": (3, 4), "FusedBatchNormV2": (3, 4), "FusedBatchNormV3": (3, 4)}


@dataclass(frozen=True, kw_only=True)
class Memory:
    """A node of the first layer, and the mean and variance per channel that training saw there."""

    node: str
    mean: Array
    variance: Array


def remembered(flow: Flow, probe: Probe) -> Memory | None:
    """The first layer's statistics; None where no batch norm follows it or it is folded."""
    first = [n for n in flow.graph.graph_def.node if n.name in flow.weighted]
    if not first or first[0].op != "Conv2D" or first[0].attr["data_format"].s == b"NCHW":
        return None
    found = _fused(flow, probe, first[0]) or _named(flow, first[0])
    return found if found and (found.variance > 0).all() else None


def misfit(memory: Memory, probe: Probe, size: Size, normalize: Normalize) -> float | None:
    """How far the first layer's output is from what training saw; e times the variance is 1."""
    outputs = []
    for image in natural(probe.allowed(size)):
        arrays = probe.run(normalize(image), [memory.node])
        if arrays is None:
            return None
        outputs.append(arrays[0].reshape(-1, arrays[0].shape[-1]))
    seen = np.concatenate(outputs).astype(np.float64)
    alive = memory.variance > memory.variance.max() * _DEAD
    spread = np.log(seen.var(axis=0)[alive] / memory.variance[alive])
    shift = np.abs(seen.mean(axis=0) - memory.mean)[alive] / np.sqrt(memory.variance[alive])
    return float(abs(np.median(spread)) + np.median(shift))


def _fused(flow: Flow, probe: Probe, first: NodeDef) -> Memory | None:
    """The statistics of a fused batch norm right after the convolution and its bias."""
    node = first
    for _ in range(2):
        readers = flow.readers(node.name)
        if len(readers) != 1:
            return None
        (reader,) = readers
        if reader.op in _STATISTICS:
            mean, variance = (probe.constant(reader.input[i]) for i in _STATISTICS[reader.op])
            if mean is None or variance is None or not variance.size:
                return None
            return Memory(node=node.name, mean=mean, variance=variance)
        node = reader
    return None


def _named(flow: Flow, first: NodeDef) -> Memory | None:
    """The statistics in the convolution's scope, where batch norm is written as Mul and Add."""
    scope = flow.graph.through_identity(first.input[1]).name.rsplit("/", 1)[0]
    mean, variance = (_constant(flow, scope, name) for name in ("moving_mean", "moving_variance"))
    if mean is None or variance is None or mean.shape != variance.shape:
        return None
    return Memory(node=first.name, mean=mean, variance=variance)


def _constant(flow: Flow, scope: str, name: str) -> Array | None:
    for node in flow.graph.graph_def.node:
        if node.op == "Const" and node.name.startswith(f"{scope}/") and node.name.endswith(name):
            return flow.graph.constant(node.name)
    return None


def natural(size: Size) -> Iterator[NDArray[np.float32]]:
    """Pictures [H, W, 3] in 0..255 whose spectrum falls with the frequency, as natural ones' do."""
    draw = np.random.default_rng(0)
    down, across = (np.fft.fftfreq(length) for length in size)
    frequency = np.hypot(*np.meshgrid(down, across, indexing="ij"))
    frequency[0, 0] = 1
    for _ in range(_PICTURES):
        planes = [_filtered(draw.normal(size=size), frequency) for _ in range(4)]
        image = np.stack([planes[0] + 0.3 * plane for plane in planes[1:]], axis=-1)
        pixels = image / image.std() * _DEVIATION + _COLOR
        yield np.clip(pixels, 0, 255).astype(np.float32)


def _filtered(white: Array, frequency: Array) -> Array:
    plane = np.real(np.fft.ifft2(np.fft.fft2(white) / frequency))
    found: Array = plane / max(plane.std(), 1e-9)
    return found
