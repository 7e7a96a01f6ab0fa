"""The kinds of operators that compute in integers, and how."""

from collections.abc import Mapping

import numpy as np

from convert.targets.tflite_integer.elementwise import (
    cut_by_codes,
    hard_swish,
    with_constants,
    with_shared_constants,
)
from convert.targets.tflite_integer.network import Steps
from convert.targets.tflite_integer.pooling import average, stays_inside
from convert.targets.tflite_integer.rule import Rule, everything
from convert.targets.tflite_integer.weighted import constant_weights, weighted


def _steps(scale: float, zero_point: int) -> Steps:
    return Steps(np.array([scale], np.float32), zero_point)


def _moves(version: int, *, fetches: bool = True, joins: bool = False) -> Rule:
    """Of an operator that only moves or mixes values: one grid for all of them."""
    return Rule(
        version=version, same=everything, write=with_shared_constants, fetches=fetches, joins=joins
    )


def _gives(version: int, scale: float, zero_point: int) -> Rule:
    return Rule(version=version, gives=_steps(scale, zero_point))


RULES: Mapping[str, Rule] = {
    "CONV_2D": Rule(version=3, write=weighted(0), takes=constant_weights(1, 2)),
    "DEPTHWISE_CONV_2D": Rule(version=3, write=weighted(3), takes=constant_weights(1, 2)),
    "FULLY_CONNECTED": Rule(version=4, write=weighted(0), takes=constant_weights(1, 2)),
    "TRANSPOSE_CONV": Rule(
        version=3, write=weighted(0, data=2, bias=3), takes=constant_weights(1, 3)
    ),
    "ADD": Rule(version=2, write=with_constants, light=True),
    "SUB": Rule(version=2, write=with_constants, light=True),
    "MUL": Rule(version=2, write=with_constants, light=True),
    "SQUARED_DIFFERENCE": Rule(version=2, write=with_constants),
    "MAXIMUM": _moves(2, fetches=False),
    "MINIMUM": _moves(2, fetches=False),
    "MEAN": Rule(version=2),
    "SUM": Rule(version=2),
    "REDUCE_MAX": _moves(2, fetches=False),
    "REDUCE_MIN": _moves(2, fetches=False),
    "AVERAGE_POOL_2D": Rule(version=2, takes=stays_inside, write=average),
    "MAX_POOL_2D": _moves(2, fetches=False),
    "RESIZE_BILINEAR": _moves(3, fetches=False),
    "RESIZE_NEAREST_NEIGHBOR": _moves(3),
    "CONCATENATION": _moves(2, joins=True),
    "PACK": _moves(2, joins=True),
    "PAD": _moves(2),
    "PADV2": _moves(2),
    "MIRROR_PAD": _moves(2),
    "RESHAPE": _moves(1),
    "SQUEEZE": _moves(1),
    "EXPAND_DIMS": _moves(1),
    "TRANSPOSE": _moves(2),
    "SLICE": _moves(2),
    "STRIDED_SLICE": _moves(2),
    "SPLIT": _moves(2),
    "SPLIT_V": _moves(2),
    "UNPACK": _moves(2),
    "TILE": _moves(1),
    "GATHER": _moves(2),
    "SPACE_TO_DEPTH": _moves(2),
    "DEPTH_TO_SPACE": _moves(2),
    "SPACE_TO_BATCH_ND": _moves(2),
    "BATCH_TO_SPACE_ND": _moves(2),
    "RELU": Rule(version=2, write=cut_by_codes),
    "RELU6": Rule(version=2, write=cut_by_codes),
    "RELU_N1_TO_1": Rule(version=2, write=cut_by_codes),
    "LEAKY_RELU": Rule(version=2),
    "ELU": Rule(version=1),
    "HARD_SWISH": Rule(version=1, write=hard_swish),
    "LOGISTIC": _gives(2, 1 / 256, -128),
    "SOFTMAX": _gives(2, 1 / 256, -128),
    "TANH": _gives(2, 1 / 128, 0),
    "LOG_SOFTMAX": _gives(2, 16 / 256, 127),
    "L2_NORMALIZATION": _gives(2, 1 / 128, 0),
    "ARG_MAX": Rule(version=2),
    "ARG_MIN": Rule(version=2),
    "QUANTIZE": Rule(version=2),
}
"""By the name of the BuiltinOperator. What is not here stays in floating point.

Left out on purpose is PRELU: XNNPACK has none in int8, LiteRT's own kernel takes 20 times as long
as XNNPACK's in float32 with a conversion before and after it, and products and sums that make up
for it are slower, too, and less exact.
"""
