"""Every operator that is read: its name in the file, the function that writes it, its options."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from convert.sources.tflite.operators import (
    activations,
    convolution,
    elementwise,
    parts,
    products,
    quantize,
    shape,
    transposed,
    windows,
)
from convert.sources.tflite.operators.elementwise import arithmetic, binary, reduction, unary


@dataclass(frozen=True)
class Row:
    """How an operator is written."""

    write: Callable[..., Any]
    options: str | None = None
    """Its options table in the schema, where the function reads it."""


OPERATORS: Mapping[str, Row] = {
    # Convolutions and products
    "CONV_2D": Row(convolution.conv_2d, "Conv2DOptions"),
    "DEPTHWISE_CONV_2D": Row(convolution.depthwise_conv_2d, "DepthwiseConv2DOptions"),
    "TRANSPOSE_CONV": Row(transposed.transpose_conv, "TransposeConvOptions"),
    "Convolution2DTransposeBias": Row(transposed.convolution_2d_transpose_bias),
    "FULLY_CONNECTED": Row(products.fully_connected, "FullyConnectedOptions"),
    "BATCH_MATMUL": Row(products.batch_matmul, "BatchMatMulOptions"),
    # Windows
    "MAX_POOL_2D": Row(windows.max_pool_2d, "Pool2DOptions"),
    "AVERAGE_POOL_2D": Row(windows.average_pool_2d, "Pool2DOptions"),
    "L2_POOL_2D": Row(windows.l2_pool_2d, "Pool2DOptions"),
    "PAD": Row(windows.pad),
    "PADV2": Row(windows.padv2),
    "MIRROR_PAD": Row(windows.mirror_pad, "MirrorPadOptions"),
    "RESIZE_BILINEAR": Row(windows.resize_bilinear, "ResizeBilinearOptions"),
    "RESIZE_NEAREST_NEIGHBOR": Row(windows.resize_nearest_neighbor, "ResizeNearestNeighborOptions"),
    "LOCAL_RESPONSE_NORMALIZATION": Row(
        windows.local_response_normalization, "LocalResponseNormalizationOptions"
    ),
    "SPACE_TO_DEPTH": Row(windows.space_to_depth, "SpaceToDepthOptions"),
    "DEPTH_TO_SPACE": Row(windows.depth_to_space, "DepthToSpaceOptions"),
    "SPACE_TO_BATCH_ND": Row(windows.space_to_batch_nd),
    "BATCH_TO_SPACE_ND": Row(windows.batch_to_space_nd),
    # Activations
    "RELU": Row(activations.relu),
    "RELU6": Row(activations.relu6),
    "RELU_N1_TO_1": Row(activations.relu_n1_to_1),
    "RELU_0_TO_1": Row(activations.relu_0_to_1),
    "LEAKY_RELU": Row(activations.leaky_relu, "LeakyReluOptions"),
    "PRELU": Row(activations.prelu),
    "HARD_SWISH": Row(activations.hard_swish),
    "GELU": Row(activations.gelu, "GeluOptions"),
    "ELU": Row(unary("Elu", "features")),
    "LOGISTIC": Row(unary("Sigmoid")),
    "TANH": Row(unary("Tanh")),
    "SOFTMAX": Row(activations.softmax, "SoftmaxOptions"),
    "LOG_SOFTMAX": Row(activations.log_softmax),
    # Arithmetic, with fused activations
    "ADD": Row(arithmetic("AddV2"), "AddOptions"),
    "SUB": Row(arithmetic("Sub"), "SubOptions"),
    "MUL": Row(arithmetic("Mul"), "MulOptions"),
    "DIV": Row(arithmetic("RealDiv"), "DivOptions"),
    "L2_NORMALIZATION": Row(elementwise.l2_normalization, "L2NormOptions"),
    # Arithmetic without
    "ADD_N": Row(elementwise.add_n),
    "MAXIMUM": Row(binary("Maximum")),
    "MINIMUM": Row(binary("Minimum")),
    "SQUARED_DIFFERENCE": Row(binary("SquaredDifference")),
    "POW": Row(binary("Pow")),
    "FLOOR_DIV": Row(binary("FloorDiv")),
    "FLOOR_MOD": Row(binary("FloorMod")),
    "ABS": Row(unary("Abs")),
    "NEG": Row(unary("Neg")),
    "SIGN": Row(unary("Sign")),
    "EXP": Row(unary("Exp")),
    "LOG": Row(unary("Log")),
    "SQRT": Row(unary("Sqrt")),
    "RSQRT": Row(unary("Rsqrt")),
    "SQUARE": Row(unary("Square")),
    "SIN": Row(unary("Sin")),
    "COS": Row(unary("Cos")),
    "CEIL": Row(unary("Ceil")),
    "FLOOR": Row(unary("Floor")),
    "ROUND": Row(unary("Round")),
    # Comparisons and truth values
    "EQUAL": Row(binary("Equal")),
    "NOT_EQUAL": Row(binary("NotEqual")),
    "GREATER": Row(binary("Greater")),
    "GREATER_EQUAL": Row(binary("GreaterEqual")),
    "LESS": Row(binary("Less")),
    "LESS_EQUAL": Row(binary("LessEqual")),
    "LOGICAL_AND": Row(binary("LogicalAnd")),
    "LOGICAL_OR": Row(binary("LogicalOr")),
    "LOGICAL_NOT": Row(unary("LogicalNot")),
    "SELECT": Row(elementwise.select),
    "SELECT_V2": Row(elementwise.select_v2),
    # Reductions
    "MEAN": Row(reduction("Mean"), "ReducerOptions"),
    "SUM": Row(reduction("Sum"), "ReducerOptions"),
    "REDUCE_MAX": Row(reduction("Max"), "ReducerOptions"),
    "REDUCE_MIN": Row(reduction("Min"), "ReducerOptions"),
    "REDUCE_PROD": Row(reduction("Prod"), "ReducerOptions"),
    "REDUCE_ANY": Row(reduction("Any"), "ReducerOptions"),
    "REDUCE_ALL": Row(reduction("All"), "ReducerOptions"),
    "ARG_MAX": Row(elementwise.arg_max),
    "ARG_MIN": Row(elementwise.arg_min),
    "TOPK_V2": Row(shape.topk),
    "CUMSUM": Row(shape.cumsum, "CumsumOptions"),
    # Shapes
    "RESHAPE": Row(shape.reshape, "ReshapeOptions"),
    "CONCATENATION": Row(parts.concatenation, "ConcatenationOptions"),
    "TRANSPOSE": Row(shape.transpose),
    "SQUEEZE": Row(shape.squeeze, "SqueezeOptions"),
    "EXPAND_DIMS": Row(shape.expand_dims),
    "SLICE": Row(parts.cut_out),
    "STRIDED_SLICE": Row(parts.strided_slice, "StridedSliceOptions"),
    "SPLIT": Row(parts.split, "SplitOptions"),
    "SPLIT_V": Row(parts.split_v),
    "PACK": Row(parts.pack, "PackOptions"),
    "UNPACK": Row(parts.unpack, "UnpackOptions"),
    "GATHER": Row(parts.gather, "GatherOptions"),
    "GATHER_ND": Row(parts.gather_nd),
    "TILE": Row(shape.tile),
    "BROADCAST_TO": Row(shape.broadcast_to),
    "REVERSE_V2": Row(shape.reverse),
    "ONE_HOT": Row(shape.one_hot, "OneHotOptions"),
    "FILL": Row(shape.fill),
    "ZEROS_LIKE": Row(unary("ZerosLike")),
    "SHAPE": Row(shape.shape_of),
    "RANGE": Row(shape.range_of),
    "CAST": Row(shape.cast),
    # Storage
    "QUANTIZE": Row(quantize.unchanged),
    "DEQUANTIZE": Row(quantize.unchanged),
    "DENSIFY": Row(quantize.unchanged),
    "FAKE_QUANT": Row(quantize.fake_quant, "FakeQuantOptions"),
}
