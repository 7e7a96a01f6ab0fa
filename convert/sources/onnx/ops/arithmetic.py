"""Operators that work element by element on one or more tensors, with broadcasting."""

from collections.abc import Mapping, Sequence
from functools import partial, reduce
from operator import attrgetter

from convert.graph.tensorflow import tensorflow
from convert.sources.onnx.node import Handler, Handlers, Inputs, Node
from convert.sources.onnx.value import Value, aligned

_UNARY: Mapping[str, str] = {
    "Abs": "abs",
    "Ceil": "math.ceil",
    "Cos": "cos",
    "Elu": "nn.elu",
    "Erf": "math.erf",
    "Exp": "exp",
    "Floor": "floor",
    "Log": "math.log",
    "Neg": "negative",
    "Not": "logical_not",
    "Reciprocal": "math.reciprocal",
    "Relu": "nn.relu",
    "Round": "round",
    "Selu": "nn.selu",
    "Sigmoid": "sigmoid",
    "Sign": "sign",
    "Sin": "sin",
    "Softplus": "math.softplus",
    "Softsign": "nn.softsign",
    "Sqrt": "sqrt",
    "Tanh": "tanh",
}
_NARY: Mapping[str, str] = {
    "Add": "add",
    "And": "logical_and",
    "Equal": "equal",
    "Greater": "greater",
    "GreaterOrEqual": "greater_equal",
    "Less": "less",
    "LessOrEqual": "less_equal",
    "Max": "maximum",
    "Min": "minimum",
    "Mul": "multiply",
    "Or": "logical_or",
    "Pow": "pow",
    "Sub": "subtract",
    "Sum": "add",
    "Where": "where",
}
_DEFAULTS: Mapping[str, Mapping[str, float]] = {
    "Elu": {"alpha": 1.0},
    "Selu": {"alpha": 1.6732632, "gamma": 1.0507010},
}
"""TensorFlow has these operators with these values alone."""


def _unary(function: str, node: Node, inputs: Inputs) -> Sequence[Value]:
    for name, value in _DEFAULTS.get(node.op, {}).items():
        if abs(node.attribute(name, value) - value) > 1e-5:
            raise node.refuse(f"its {name} is not {value:g}")
    tensors, last = aligned([v for v in inputs if v])
    return [Value(stored=attrgetter(function)(tensorflow())(*tensors), last=last)]


def _nary(function: str, node: Node, inputs: Inputs) -> Sequence[Value]:
    """Two or more tensors, broadcast against each other."""
    called = attrgetter(function)(tensorflow())
    tensors, last = aligned([v for v in inputs if v])
    made = called(*tensors) if node.op == "Where" else reduce(called, tensors)
    return [Value(stored=tensorflow().convert_to_tensor(made), last=last)]


def _divide(node: Node, inputs: Inputs) -> Sequence[Value]:
    """Integers are divided towards zero, as ONNX says."""
    tf = tensorflow()
    tensors, last = aligned([v for v in inputs if v])
    whole = tf.as_dtype(tensors[0].dtype).is_integer
    return [Value(stored=(tf.truncatediv if whole else tf.realdiv)(*tensors), last=last)]


def _mean(node: Node, inputs: Inputs) -> Sequence[Value]:
    """The mean of several tensors."""
    tf = tensorflow()
    tensors, last = aligned([v for v in inputs if v])
    return [Value(stored=tf.multiply(reduce(tf.add, tensors), 1 / len(tensors)), last=last)]


_TABLES: Mapping[str, Handler] = {
    **{op: partial(_unary, function) for op, function in _UNARY.items()},
    **{op: partial(_nary, function) for op, function in _NARY.items()},
}

HANDLERS: Handlers = {**_TABLES, "Div": _divide, "Mean": _mean}
