"""Means over windows."""

import numpy as np

from convert.targets.tflite_integer.network import Op, Tensor, options
from convert.targets.tflite_integer.rule import Scene, everything


def covers_all(op: Op) -> bool:
    """Whether a pooling's one window is the whole picture."""
    source, window = op.inputs[0], op.options
    assert source is not None
    sides = (window.filterHeight, window.filterWidth)
    return op.out.shape[1:3] == (1, 1) and sides == source.shape[1:3]


def unless_it_covers_all(op: Op) -> list[Tensor]:
    """The pooling kernel wants the same steps before and after; MEAN, its stead, does not."""
    return [] if covers_all(op) else everything(op)


def average(_: Scene, op: Op) -> list[Op]:
    """MEAN where the window is the whole picture: XNNPACK has no int8 average pooling."""
    if not covers_all(op) or op.options.fusedActivationFunction:
        return [op]
    axes = Tensor(f"{op.out.name}/axes", (2,), "int32", np.array([1, 2], np.int32))
    return [
        Op("MEAN", [op.inputs[0], axes], op.outputs, options("ReducerOptions", keepDims=True), 2)
    ]
