"""Sums, products and activations that XNNPACK computes in int8, or that can be made of such."""

import math

import numpy as np
from numpy.typing import NDArray

from convert.targets.tflite_integer.network import Op, Steps, Tensor
from convert.targets.tflite_integer.rule import Scene, steps_of
from convert.targets.tflite_integer.schema import options

_RATIO = 2.0**-9
"""XNNPACK wants a summand's scale to be over 2**-10 of the sum's."""


def with_constants(_: Scene, op: Op) -> list[Op]:
    """Constant operands are quantized per tensor over their own range."""
    assert op.out.steps is not None
    least = float(op.out.steps.scale[0]) * _RATIO if op.kind in ("ADD", "SUB") else 0.0
    for place, tensor in enumerate(op.inputs):
        if tensor is not None and tensor.data is not None and tensor.dtype == "float32":
            op.inputs[place] = constant(tensor.name, tensor.data, least)
    return [op]


def with_shared_constants(_: Scene, op: Op) -> list[Op]:
    """Constant operands have the steps of what they stand beside."""
    steps = op.out.steps
    assert steps is not None
    for place, tensor in enumerate(op.inputs):
        if tensor is not None and tensor.data is not None and tensor.dtype == "float32":
            codes = steps.quantized(tensor.data)
            op.inputs[place] = Tensor(tensor.name, tensor.shape, "int8", codes, steps)
    return [op]


def constant(name: str, values: NDArray[np.float32], least: float = 0.0) -> Tensor:
    """An int8 constant of scale `least` or more."""
    steps = steps_of((float(values.min()), float(values.max())))
    if float(steps.scale[0]) < least:
        steps = Steps(np.array([least], np.float32))
    return Tensor(name, values.shape, "int8", steps.quantized(values), steps)


def hard_swish(scene: Scene, op: Op) -> list[Op]:
    """Hard swish, x * relu6(x + 3) / 6, as a sum and a product, for XNNPACK has none in int8.

    The sixth costs no third operator: it is divided evenly between the factors. The convolution
    that gives x is declared to give x / sqrt(6) by the same codes, and the sum, with 3 / sqrt(6),
    is cut at 0 and 6 / sqrt(6) by the ends of its codes.
    """
    x = op.inputs[0]
    assert x is not None
    assert x.steps is not None
    maker = scene.makers.get(x)
    if maker is None or not _may_rescale(scene, x, maker):
        return _in_floats(op, x)
    root = math.sqrt(6)
    for tensor in (*maker.inputs[1:3], x):
        assert tensor is not None
        assert tensor.steps is not None
        tensor.steps = tensor.steps.times(1 / root)
    gate = Tensor(f"{op.out.name}/gate", x.shape, "int8", steps=steps_of((0.0, 6 / root)))
    three = constant(f"{op.out.name}/three", np.array(3 / root, np.float32))
    return [
        Op("ADD", [x, three], [gate], options("AddOptions"), 2),
        Op("MUL", [x, gate], op.outputs, options("MulOptions"), 2),
    ]


def _in_floats(op: Op, x: Tensor) -> list[Op]:
    """In float32 between two conversions: faster than LiteRT's own int8 kernel by far."""
    before, after = (Tensor(f"{op.out.name}/{end}", x.shape, "float32") for end in ("in", "out"))
    return [
        Op("DEQUANTIZE", [x], [before], version=2),
        Op(op.kind, [before], [after], op.options, op.version),
        Op("QUANTIZE", [after], op.outputs),
    ]


def _may_rescale(scene: Scene, x: Tensor, maker: Op) -> bool:
    """Whether x comes from an integer convolution, and goes nowhere else."""
    integer = maker.inputs[1] is not None and maker.inputs[1].dtype == "int8"
    convolution = maker.kind in ("CONV_2D", "DEPTHWISE_CONV_2D") and integer
    return convolution and len(scene.readers[x]) == 1 and x not in scene.ends and scene.alone(x)


def cut_by_codes(_: Scene, op: Op) -> list[Op]:
    """A lone relu or relu6 as a change of steps: the ends of the codes cut what it cuts.

    XNNPACK takes no int8 relu that is an operator of its own.
    """
    return [Op("QUANTIZE", op.inputs, op.outputs, options("QuantizeOptions"), 2)]
