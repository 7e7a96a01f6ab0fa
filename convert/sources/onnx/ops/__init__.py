"""ONNX operator -> the function that builds it. One more operator is one more function."""

from convert.sources.onnx.node import Handlers
from convert.sources.onnx.ops import (
    activations,
    arithmetic,
    arranging,
    convolution,
    indexing,
    normalization,
    pooling,
    products,
    quantization,
    reductions,
    resize,
    shapes,
)

HANDLERS: Handlers = {
    **activations.HANDLERS,
    **arithmetic.HANDLERS,
    **arranging.HANDLERS,
    **convolution.HANDLERS,
    **indexing.HANDLERS,
    **normalization.HANDLERS,
    **pooling.HANDLERS,
    **products.HANDLERS,
    **quantization.HANDLERS,
    **reductions.HANDLERS,
    **resize.HANDLERS,
    **shapes.HANDLERS,
}
