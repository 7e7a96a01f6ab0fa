"""Products of matrices."""

from collections.abc import Sequence

import numpy as np

from convert.graph.tensorflow import tensorflow
from convert.sources.onnx.node import Handlers, Inputs, Node, need
from convert.sources.onnx.value import Value, plain


def _gemm(node: Node, inputs: Inputs) -> Sequence[Value]:
    """Alpha * A @ B + beta * C."""
    tf = tensorflow()
    left, right = plain(need(inputs, 0)), plain(need(inputs, 1))
    alpha, beta = (np.float32(node.attribute(name, 1.0)) for name in ("alpha", "beta"))
    if isinstance(right, np.ndarray):
        # Turned and scaled here: the targets' fully connected layers do neither.
        turned = right.T if node.attribute("transB", 0) else right
        made = tf.matmul(left, alpha * turned, transpose_a=bool(node.attribute("transA", 0)))
    else:
        turns = {f"transpose_{i}": bool(node.attribute(f"trans{i.upper()}", 0)) for i in "ab"}
        made = tf.matmul(left, right, **turns)
        made = made if alpha == 1 else made * alpha
    added = node.given(inputs, 2)
    return [Value(stored=made if added is None else made + _scaled(added, beta))]


def _scaled(value: Value, factor: np.float32) -> object:
    tensor = plain(value)
    return tensor if factor == 1 else factor * tensor


def _matmul(node: Node, inputs: Inputs) -> Sequence[Value]:
    left, right = plain(need(inputs, 0)), plain(need(inputs, 1))
    return [Value(stored=tensorflow().matmul(left, right))]


HANDLERS: Handlers = {"Gemm": _gemm, "MatMul": _matmul}
