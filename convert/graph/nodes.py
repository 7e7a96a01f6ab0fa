"""Building nodes: the few kinds that passes put into a graph."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from convert.graph.graph import NodeDef, is_control, node_name
from convert.graph.tensorflow import tensorflow


def node(op: str, name: str, *inputs: str, **attributes: Any) -> NodeDef:
    """A NodeDef with attributes given as AttrValue, dtype, str, bool, int, float or int list."""
    made = tensorflow().compat.v1.NodeDef(op=op, name=name, input=inputs)
    for key, value in attributes.items():
        made.attr[key].CopyFrom(attribute(value))
    return made


def attribute(value: Any) -> Any:
    """The AttrValue of a plain value."""
    tf = tensorflow()
    if isinstance(value, tf.compat.v1.AttrValue):
        return value
    if isinstance(value, bool):
        return tf.compat.v1.AttrValue(b=value)
    if isinstance(value, tf.DType):
        return tf.compat.v1.AttrValue(type=value.as_datatype_enum)
    if isinstance(value, tf.TensorShape):
        return tf.compat.v1.AttrValue(shape=value.as_proto())
    if isinstance(value, np.ndarray):
        return tf.compat.v1.AttrValue(tensor=tf.make_tensor_proto(value))
    if isinstance(value, list):
        return tf.compat.v1.AttrValue(list=tf.compat.v1.AttrValue.ListValue(i=value))
    kinds = {str: "s", int: "i", float: "f"}
    plain = value.encode() if isinstance(value, str) else value
    return tf.compat.v1.AttrValue(**{kinds[type(value)]: plain})


def constant(name: str, value: ArrayLike) -> NodeDef:
    """A Const node."""
    array = np.asarray(value)
    return node("Const", name, dtype=tensorflow().as_dtype(array.dtype), value=array)


def placeholder(name: str, dtype: Any, shape: tuple[int | None, ...]) -> NodeDef:
    """A Placeholder node."""
    return node("Placeholder", name, dtype=dtype, shape=tensorflow().TensorShape(shape))


def identity(name: str, source: str, dtype: Any) -> NodeDef:
    """An Identity node."""
    return node("Identity", name, source, T=dtype)


def renamed_inputs(original: NodeDef, replacements: Mapping[str, str]) -> NodeDef:
    """A copy of a node that reads other tensors where `replacements` names its inputs.

    `a` stands for `a:0` too, and a control dependency `^a` follows its node.
    """
    copy = tensorflow().compat.v1.NodeDef()
    copy.CopyFrom(original)
    del copy.input[:]
    copy.input.extend(_renamed(reference, replacements) for reference in original.input)
    return copy


def _renamed(reference: str, replacements: Mapping[str, str]) -> str:
    if is_control(reference):
        return "^" + node_name(replacements.get(reference[1:], reference))
    return replacements.get(reference.removesuffix(":0"), reference)


def dtype_of(fed: NodeDef) -> np.dtype[Any]:
    """What a node is fed: a placeholder's own type, or float32 in the midst of a network."""
    tf = tensorflow()
    dtype: type[Any] = tf.as_dtype(fed.attr["dtype"].type or tf.float32).as_numpy_dtype
    return np.dtype(dtype)


def float_attributes() -> dict[str, Any]:
    """The `T` attribute of float32 arithmetic."""
    return {"T": tensorflow().float32}
