"""Freeze what holds variables: a traced function, or a session, into a Graph of constants."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from convert.errors import UnsupportedError
from convert.graph.graph import Graph, is_control
from convert.graph.nodes import identity
from convert.graph.tensorflow import tensorflow
from convert.quiet import quiet

_BATCH = 1


@dataclass(frozen=True, kw_only=True)
class Port:
    """One input of a function: its name, shape (None is free) and dtype."""

    name: str
    shape: Any
    dtype: Any


def freeze_function(call: Callable[..., Mapping[str, Any]], ports: Sequence[Port]) -> Graph:
    """The Graph of a function from tensors in the ports' order to named tensors.

    Its batch is 1 where it was free; its ends have the given names.
    """
    tf = tensorflow()
    from tensorflow.python.framework.convert_to_constants import (
        convert_variables_to_constants_v2,
    )

    outputs: list[str] = []

    def named(*tensors: Any) -> list[Any]:
        found = call(*tensors)
        outputs[:] = [clean(name) for name in found]
        return [tf.identity(found[name], name=f"ends/{clean(name)}") for name in found]

    specs = [tf.TensorSpec(_one(p.shape), p.dtype, name=clean(p.name)) for p in ports]
    traced = tf.function(named, autograph=False, input_signature=specs).get_concrete_function()
    with quiet():
        frozen = convert_variables_to_constants_v2(traced)
    graph_def = _without_orders(frozen.graph.as_graph_def())
    inputs = tuple(tensor.op.name for tensor in frozen.inputs)
    made = Graph(graph_def=graph_def, inputs=inputs, outputs=())
    return _called(made, [tensor.name for tensor in frozen.outputs], outputs)


def freeze_session(
    session: Any, graph_def: Any, inputs: Sequence[str], outputs: Sequence[str]
) -> Graph:
    """The Graph of what a TensorFlow 1 session holds, between nodes of these names."""
    tf = tensorflow()
    frozen = tf.compat.v1.graph_util.convert_variables_to_constants(
        session, graph_def, list(outputs)
    )
    names = {node.name for node in frozen.node}
    kept = tuple(name for name in inputs if name in names)
    return Graph(graph_def=frozen, inputs=kept, outputs=tuple(outputs)).pruned()


def _without_orders(graph_def: Any) -> Any:
    """Without control dependencies: inlined calls leave many, and nothing here has side effects."""
    for node in graph_def.node:
        data = [reference for reference in node.input if not is_control(reference)]
        del node.input[:]
        node.input.extend(data)
    return graph_def


def clean(name: str) -> str:
    """A name as TensorFlow allows it."""
    allowed = re.sub(r"[^A-Za-z0-9_.\\/>-]", "_", name)
    return allowed if re.match(r"[A-Za-z0-9.]", allowed) else f"n{allowed}"


def _one(shape: Any) -> Any:
    """One picture at a time."""
    if shape is None or tensorflow().TensorShape(shape).rank in (None, 0):
        return shape
    first, *rest = tensorflow().TensorShape(shape).as_list()
    return [_BATCH if first is None else first, *rest]


def _called(graph: Graph, tensors: Sequence[str], names: Sequence[str]) -> Graph:
    """With an Identity of each output's own name at the end."""
    taken = set(graph.nodes)
    free = [n if n not in taken else f"{n}/output" for n in names]
    imported = graph.imported()
    dtypes = [imported.get_tensor_by_name(tensor).dtype for tensor in tensors]
    ends = [identity(*end) for end in zip(free, tensors, dtypes, strict=True)]
    whole = Graph(graph_def=graph.graph_def, inputs=graph.inputs, outputs=tuple(free))
    return whole.with_nodes([*graph.graph_def.node, *ends])


def refuse(path: Any, error: Exception, hint: str) -> UnsupportedError:
    """What to raise where TensorFlow or Keras cannot load a whole file."""
    says = str(error).strip().splitlines() or [type(error).__name__]
    return UnsupportedError(f"{path} cannot be loaded: {says[0][:300]}", hint=hint)
