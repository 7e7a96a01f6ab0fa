"""Means over windows."""

import numpy as np

from convert.targets.tflite_integer.network import Op, Tensor
from convert.targets.tflite_integer.rule import Scene
from convert.targets.tflite_integer.schema import options
from convert.targets.tflite_integer.weighted import weighted


def covers_all(op: Op) -> bool:
    """Whether a pooling's one window is the whole picture."""
    source, window = op.inputs[0], op.options
    assert source is not None
    sides = (window.filterHeight, window.filterWidth)
    return op.out.shape[1:3] == (1, 1) and sides == source.shape[1:3]


def stays_inside(op: Op) -> bool:
    """Whether every window lies wholly in the picture, so that each mean is over as many values."""
    alone = not op.options.fusedActivationFunction
    return alone and (covers_all(op) or op.options.padding == _VALID)


_VALID = 1


def average(scene: Scene, op: Op) -> list[Op]:
    """A mean or a depthwise convolution of equal weights: XNNPACK has no int8 average pooling."""
    return _mean(op) if covers_all(op) else _convolution(scene, op)


def _mean(op: Op) -> list[Op]:
    axes = Tensor("", (2,), "int32", np.array([1, 2], np.int32))
    return [
        Op("MEAN", [op.inputs[0], axes], op.outputs, options("ReducerOptions", keepDims=True), 2)
    ]


def _convolution(scene: Scene, op: Op) -> list[Op]:
    pool, channels = op.options, op.out.shape[3]
    shape = (1, pool.filterHeight, pool.filterWidth, channels)
    equal = np.full(shape, 1 / (pool.filterHeight * pool.filterWidth), np.float32)
    how = options(
        "DepthwiseConv2DOptions",
        padding=pool.padding,
        strideW=pool.strideW,
        strideH=pool.strideH,
        depthMultiplier=1,
        dilationWFactor=1,
        dilationHFactor=1,
    )
    weights = Tensor("", shape, "float32", equal)
    return _DEPTHWISE(scene, Op("DEPTHWISE_CONV_2D", [op.inputs[0], weights], op.outputs, how, 3))


_DEPTHWISE = weighted(3)
