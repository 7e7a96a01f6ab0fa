"""Convolutions and products: int8 weights per output channel, int32 biases."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from convert.targets.tflite_integer.kernels import recoded
from convert.targets.tflite_integer.network import Op, Steps, Tensor
from convert.targets.tflite_integer.rule import Scene, Write

_LARGEST_BIAS = 2**30
"""Half of what int32 holds; the sum of the products needs the rest."""


def weighted(axis: int, *, data: int = 0, bias: int = 2) -> Write:
    """A rule's `write` for weights at input 1 whose output channels lie along `axis`."""

    def write(scene: Scene, op: Op) -> list[Op]:
        source, weights = op.inputs[data], op.inputs[1]
        assert source is not None
        assert source.steps is not None
        assert weights is not None
        assert weights.data is not None
        codes, scales = scene.kernels.find(op.kind, weights.data, axis)
        held = op.inputs[bias] if len(op.inputs) > bias else None
        biases = np.zeros(len(scales), np.float32) if held is None else held.data
        assert biases is not None
        source_scale = float(source.steps.scale[0])
        allowed = _large_enough(scales, biases, source_scale)
        if (allowed != scales).any():
            kept = _along(allowed == scales, axis, codes.ndim)
            codes = np.where(kept, codes, recoded(weights.data, allowed, axis))
        op.inputs[1] = Tensor(weights.name, weights.shape, "int8", codes, Steps(allowed, axis=axis))
        op.inputs[bias:] = [_bias(biases, source_scale * allowed.astype(np.float64))]
        return [op]

    return write


def _large_enough(
    scales: NDArray[np.float32], biases: NDArray[np.float32], source: float
) -> NDArray[np.float32]:
    """The scales, raised where a bias would not fit into int32, or where one is 0."""
    floor = np.abs(biases.astype(np.float64)) / (source * _LARGEST_BIAS)
    smallest = max(float(scales.max()) * 2.0**-24, 2.0**-100)
    return np.maximum(scales, np.maximum(floor, smallest)).astype(np.float32)


def _along(flags: NDArray[np.bool_], axis: int, rank: int) -> NDArray[np.bool_]:
    return flags.reshape([-1 if place == axis else 1 for place in range(rank)])


def _bias(biases: NDArray[np.float32], scales: NDArray[np.float64]) -> Tensor:
    codes = np.rint(biases.astype(np.float64) / scales).astype(np.int32)
    steps = Steps(scales.astype(np.float32))
    return Tensor("", codes.shape, "int32", codes, steps)


def constant_weights(*places: int) -> Callable[[Op], bool]:
    """Whether an operator's weights (and what else stands at these inputs) are constants."""

    def takes(op: Op) -> bool:
        found = [op.inputs[place] for place in places if place < len(op.inputs)]
        return all(one is None or one.data is not None for one in found)

    return takes
