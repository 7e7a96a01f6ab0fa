"""Walk an ONNX model's nodes in order and build the TensorFlow graph that computes the same."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from convert.errors import ConvertError, SourceError, UnsupportedError
from convert.graph.graph import Graph
from convert.graph.tensorflow import tensorflow
from convert.sources.onnx.model import opset
from convert.sources.onnx.node import Inputs, Node
from convert.sources.onnx.ops import HANDLERS
from convert.sources.onnx.value import MAP_RANK, TO_FIRST, Value, constant, plain

Values = dict[str, Value]

_OWN_DOMAINS = ("", "ai.onnx")
_PICTURE_CHANNELS = (1, 3, 4)
_FLOATS = ("float16", "float64", "bfloat16")
_NEVER_FOLDED = frozenset({"RandomNormal", "RandomUniform", "RandomNormalLike", "Cast", "Dropout"})


def build(model: Any) -> Graph:
    """The Graph of a ModelProto, with the ends' own names. Raises UnsupportedError."""
    tf = tensorflow()
    with tf.Graph().as_default() as graph:
        values = _weights(model)
        inputs = [i for i in model.graph.input if i.name not in values]
        values |= {i.name: _placeholder(i, model) for i in inputs}
        reserved = {_clean(end.name) for end in (*inputs, *model.graph.output)}
        for node in _nodes(model):
            with tf.name_scope(_scope(node, reserved)):
                values |= _outputs(node, _read(node, values))
        ends = tuple(_end(output.name, values) for output in model.graph.output)
        graph_def = graph.as_graph_def()
    names = tuple(values[i.name].stored.op.name for i in inputs)
    return Graph(graph_def=graph_def, inputs=names, outputs=ends).pruned()


def _weights(model: Any) -> Values:
    from onnx import numpy_helper

    found: Values = {}
    for tensor in model.graph.initializer:
        try:
            found[tensor.name] = constant(numpy_helper.to_array(tensor))
        except (ValueError, TypeError) as error:
            raise SourceError(
                f"the weight {tensor.name!r} is not whole: {error}", hint="Fetch it again."
            ) from error
    return found


def _nodes(model: Any) -> Iterable[Node]:
    version, count = opset(model), len(model.graph.node)
    for position, proto in enumerate(model.graph.node, 1):
        yield Node(proto=proto, opset=version, position=position, count=count)


def _placeholder(given: Any, model: Any) -> Value:
    """An input: one picture at a time, NHWC, whatever the order in which ONNX takes it."""
    import onnx

    tf = tensorflow()
    kind = given.type.tensor_type
    dtype = np.dtype(onnx.helper.tensor_dtype_to_np_dtype(kind.elem_type))
    shape = [d.dim_value if d.HasField("dim_value") else None for d in kind.shape.dim]
    if shape:
        shape[0] = shape[0] or 1
    last = len(shape) == MAP_RANK and _is_channels_first(given.name, shape, model)
    stored = [shape[0], *shape[2:], shape[1]] if last else shape
    held = tf.float32 if dtype.name in _FLOATS else tf.as_dtype(dtype)
    made = tf.compat.v1.placeholder(held, stored, name=_clean(given.name))
    return Value(stored=made, last=last)


def _is_channels_first(name: str, shape: Sequence[int | None], model: Any) -> bool:
    first, last = shape[1] in _PICTURE_CHANNELS, shape[3] in _PICTURE_CHANNELS
    if first != last:
        return first
    turned = (n for n in model.graph.node if n.op_type == "Transpose" and name in n.input)
    return not any(list(TO_FIRST) == list(a.ints) for n in turned for a in n.attribute)


def _read(node: Node, values: Mapping[str, Value]) -> Sequence[Value]:
    """A node's outputs: computed now where all that it reads is known, else built."""
    handler = HANDLERS.get(node.op) if node.proto.domain in _OWN_DOMAINS else None
    inputs: Inputs = [values[name] if name else None for name in node.proto.input]
    folded = _folded(node, inputs)
    if folded is not None:
        return folded
    if handler is None:
        domain = f" of {node.proto.domain}" if node.proto.domain not in _OWN_DOMAINS else ""
        raise UnsupportedError(
            f"{node.place}: this operator{domain} is not known",
            hint="Export the model without it; an operator is one function in "
            "convert/sources/onnx/ops/.",
        )
    if node.op != "DequantizeLinear" and any(v and v.quantized for v in inputs):
        raise node.refuse("it computes with integers; only QuantizeLinear-DequantizeLinear pairs")
    try:
        return handler(node, inputs)
    except ConvertError:
        raise
    except (ValueError, TypeError, IndexError, tensorflow().errors.OpError) as error:
        raise node.refuse(f"TensorFlow cannot express it: {str(error).splitlines()[0]}") from error


def _folded(node: Node, inputs: Inputs) -> Sequence[Value] | None:
    """What ONNX's own reference gives for a node that reads constants only."""
    from onnx.reference import ReferenceEvaluator

    known = [v for v in inputs if v is not None]
    if node.op in _NEVER_FOLDED or any(v.constant is None for v in known):
        return None
    if not known and node.op != "Constant":
        return None
    names = [name for name in node.proto.input if name]
    feeds = {name: v.constant for name, v in zip(names, known, strict=True)}
    try:
        run = ReferenceEvaluator(node.proto, opsets={"": node.opset})
        return [constant(array) for array in run.run(None, feeds)]
    except Exception:
        # The reference lacks an operator or a type: what is built instead says what is missing.
        return None


def _outputs(node: Node, made: Sequence[Value]) -> Values:
    return {name: value for name, value in zip(node.proto.output, made, strict=False) if name}


def _end(name: str, values: Mapping[str, Value]) -> str:
    """A node with the output's own name; maps stay NHWC."""
    value = values.get(name)
    if value is None:
        raise UnsupportedError(f"the output {name!r} is none of what the nodes before it give")
    tensor = value.stored if value.last else plain(value)
    return str(tensorflow().identity(tensor, name=_clean(name)).op.name)


def _scope(node: Node, reserved: set[str]) -> str:
    name = _clean(node.proto.name or next(iter(node.proto.output), node.op))
    return f"{name}_node" if name in reserved else name


def _clean(name: str) -> str:
    """A name as TensorFlow allows it."""
    allowed = re.sub(r"[^A-Za-z0-9_.\\/>-]", "_", name.removesuffix(":0")).strip("/")
    return allowed if re.match(r"[A-Za-z0-9.]", allowed) else f"n{allowed}"
