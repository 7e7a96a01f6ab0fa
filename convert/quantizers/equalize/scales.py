"""How much to scale each class of channels, by a criterion."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from convert.graph.graph import Graph
from convert.quantizers.channel_ranges import ChannelRanges
from convert.quantizers.equalize.classes import Classes
from convert.quantizers.equalize.groups import Groups, Ids
from convert.quantizers.layers import Layer, kernel, layers

Vector = NDArray[np.float64]

_SWEEPS = 40
_DAMPING = 0.5
# Narrower than this share of its tensor, a channel is below one step of eight bits or nearly so:
# what it would ask for is as large as it is meaningless.
_NARROWEST = 1 / 512

# A pooled channel was seen once a picture: one that few pictures use may fill its tensor on others.
# With the share of above for these, too, Meet 144x256 agreed on 97.3 % of the pixels of pictures of
# other kinds, and on 97.9 to 98.3 % with 1/8 to 1/2.
_NARROWEST_POOLED = 1 / 4


@dataclass(frozen=True, kw_only=True)
class Criterion:
    """How much each kind of grid has to say in a class's scale; the optimum of their log ranges.

    A channel's range is its share of the whole tensor's. An activation would have 1; a kernel
    that makes the channel would too, while one that reads it pulls the other way.
    """

    activations: float = 0.0
    """One scale for a whole activation: tflite, onnx."""
    producers: float = 0.0
    """One scale for a whole kernel: tfjs. Where kernels have one per output channel, 0."""
    consumers: float = 0.0
    """The input channels of kernels; they share a scale on every target."""


WEIGHTS = Criterion(producers=1, consumers=1)
ACTIVATIONS = Criterion(activations=1)
BOTH = Criterion(activations=1, producers=1, consumers=1)
PER_CHANNEL = Criterion(activations=1, consumers=1)


@dataclass(frozen=True, kw_only=True)
class _Magnitudes:
    """The largest weight between each input and output channel of a layer, [I, O] or [C]."""

    values: Vector
    inputs: Ids
    outputs: Ids


def scales(graph: Graph, classes: Classes, ranges: ChannelRanges, criterion: Criterion) -> Vector:
    """The scale of each class, float64; 1 where it is fixed."""
    weights = [_magnitudes(graph, each, classes) for each in layers(graph)]
    filled, components = _filled(graph, classes, ranges), _components(classes)
    total = criterion.activations + criterion.producers + criterion.consumers
    logs = np.zeros(len(classes.fixed))
    for _ in range(_SWEEPS if total else 0):
        made, read = _shares(weights, logs)
        wish = criterion.producers * (logs - made) + criterion.consumers * (logs + read)
        level = _level(classes, components, wish / total)
        wished = (wish - criterion.activations * filled) / total - level
        wished = _lowered(classes, components, wished)
        logs += _DAMPING * (np.where(classes.fixed, 0.0, wished) - logs)
    return np.asarray(np.exp(logs))


def _magnitudes(graph: Graph, layer: Layer, classes: Classes) -> _Magnitudes:
    weights = np.abs(kernel(graph, layer)).astype(np.float64)
    outputs, inputs = classes.of[layer.biased], classes.of[layer.data]
    if layer.depthwise:
        values = weights.max((0, 1)).reshape(-1)
        return _Magnitudes(
            values=values, inputs=np.repeat(inputs, weights.shape[3]), outputs=outputs
        )
    others = tuple(set(range(weights.ndim)) - {layer.input_axis, layer.output_axis})
    values = weights.max(others)
    if layer.input_axis > layer.output_axis:
        values = values.T
    # A grouped convolution, which the classes have fixed: its own channels stand for the others.
    inputs = inputs if len(inputs) == len(values) else inputs[: len(values)]
    return _Magnitudes(values=values, inputs=inputs, outputs=outputs)


def _shares(weights: list[_Magnitudes], logs: Vector) -> tuple[Vector, Vector]:
    """Mean log share that each class has of the kernels that make it, and of those that read it."""
    sums, counts = np.zeros((2, len(logs))), np.zeros((2, len(logs)))
    for each in weights:
        rows = logs[each.inputs] if each.values.ndim == 1 else logs[each.inputs][:, None]
        scaled = each.values * np.exp(logs[each.outputs] - rows)
        by_output = scaled if scaled.ndim == 1 else scaled.max(0)
        by_input = scaled if scaled.ndim == 1 else scaled.max(1)
        for row, ids, found in ((0, each.outputs, by_output), (1, each.inputs, by_input)):
            np.add.at(sums[row], ids, _log_share(found, scaled.max()))
            np.add.at(counts[row], ids, 1)
    made, read = sums / np.maximum(counts, 1)
    return made, read


def _log_share(part: Vector, whole: float) -> Vector:
    return np.log(np.maximum(part / whole, _NARROWEST) if whole > 0 else np.ones_like(part))


def _filled(graph: Graph, classes: Classes, ranges: ChannelRanges) -> Vector:
    """The log share of each class in the tensor that it fills the most."""
    shapes = graph.shapes()
    filled = np.full(len(classes.fixed), np.log(_NARROWEST))
    for name, sides in ranges.items():
        if name not in classes.of:
            continue
        least = np.log(_NARROWEST_POOLED if _is_pooled(shapes[name]) else _NARROWEST)
        # Each side for itself: a channel that fills one of them must not push the tensor further.
        for side in (-sides[0].astype(np.float64), sides[1].astype(np.float64)):
            share = _log_share(side, max(float(side.max()), 0.0))
            if side.max() > 0:
                np.maximum.at(filled, classes.of[name], np.maximum(share, least))
    return filled


def _is_pooled(shape: tuple[int | None, ...] | None) -> bool:
    """Whether a tensor [1, 1, 1, C] or [1, C] has one value a channel."""
    return all(side == 1 for side in (shape or ())[1:-1])


def _components(classes: Classes) -> Ids:
    """Class -> the number of the set of classes that meet in tensors."""
    groups = Groups()
    groups.new(len(classes.fixed))
    for row in classes.of.values():
        groups.join_all(row)
    return groups.numbered()


def _level(classes: Classes, components: Ids, wish: Vector) -> Vector:
    """What the fixed channels of a tensor would wish on average, as they have to be 1."""
    count = int(components.max(initial=-1)) + 1
    weight = np.bincount(components, classes.fixed, count)
    summed = np.bincount(components, np.where(classes.fixed, wish, 0), count)
    free_mean = np.bincount(components, wish, count) / np.maximum(np.bincount(components), 1)
    level = np.where(weight > 0, summed / np.maximum(weight, 1), free_mean)
    return np.asarray(level[components])


def _lowered(classes: Classes, components: Ids, wished: Vector) -> Vector:
    """Under the caps: as a whole where nothing in the tensor is fixed, else one by one."""
    over = np.maximum(wished - np.log(classes.caps), 0)
    count = int(components.max(initial=-1)) + 1
    highest = np.zeros(count)
    np.maximum.at(highest, components, over)
    fixed = np.bincount(components, classes.fixed, count) > 0
    return np.asarray(wished - np.where(fixed[components], over, highest[components]))
