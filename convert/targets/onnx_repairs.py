"""Mend what tf2onnx writes: operators it left standing, sizes that are not exact, made-up names."""

import re
from collections.abc import Mapping
from typing import Any

import numpy as np

from convert.errors import UnsupportedError

_MADE_UP = re.compile(r"__\d+")
_SCALES = 2
"""Their place among a Resize's inputs."""


def repaired(model: Any) -> Any:
    """The same ModelProto with exact sizes, no idle Reshape and the same names each time.

    Raises UnsupportedError for operators that ONNX does not have.
    """
    _refuse_unknown(model)
    return _named_in_order(_without_idle_reshapes(_exactly_sized(model)))


def _refuse_unknown(model: Any) -> None:
    """Raise UnsupportedError for operators that tf2onnx could not translate and left standing."""
    import onnx

    kinds = {(node.op_type, node.domain) for node in model.graph.node}
    unknown = sorted(kind for kind, domain in kinds if not onnx.defs.has(kind, domain))
    if unknown:
        raise UnsupportedError(
            f"onnx has no operator for {', '.join(unknown)}",
            hint="`convert inspect FILE` lists the operators that onnx cannot express.",
        )


def _exactly_sized(model: Any) -> Any:
    """Resize nodes with the size they make instead of float32 scales.

    A runtime takes the whole part of side x scale, and 9 x float32(17 / 9) is less than 17.
    """
    import onnx

    constants = {value.name: value for value in model.graph.initializer}
    for node in [node for node in model.graph.node if node.op_type == "Resize"]:
        given = constants.get(node.input[_SCALES])
        sides = _shapes(model).get(node.input[0])
        if given is None or not sides or len(node.input) > _SCALES + 1:
            continue
        sizes = np.rint(np.multiply(sides, onnx.numpy_helper.to_array(given))).astype(np.int64)
        name = f"{node.name}__sizes__0"
        model.graph.initializer.append(onnx.numpy_helper.from_array(sizes, name))
        node.input[:] = [*node.input[:_SCALES], "", name]
        if not any(given.name in other.input for other in model.graph.node):
            model.graph.initializer.remove(given)
    return model


def _without_idle_reshapes(model: Any) -> Any:
    """Less the Reshapes to the shape that was there: squeezing [1, C, 1, 1] leaves them."""
    shapes = _shapes(model)
    outputs = {value.name for value in model.graph.output}
    idle = {
        node.output[0]: node.input[0]
        for node in model.graph.node
        if node.op_type == "Reshape" and node.output[0] not in outputs
        if 0 not in (shape := shapes.get(node.output[0], [0])) and shapes[node.input[0]] == shape
    }
    kept = [node for node in model.graph.node if node.output[0] not in idle]
    for node in kept:
        node.input[:] = [_behind(name, idle) for name in node.input]
    del model.graph.node[:]
    model.graph.node.extend(kept)
    return _without_unread(model)


def _behind(name: str, idle: Mapping[str, str]) -> str:
    while name in idle:
        name = idle[name]
    return name


def _without_unread(model: Any) -> Any:
    """Less the initializers that nobody reads any more."""
    read = {name for node in model.graph.node for name in node.input}
    kept = [value for value in model.graph.initializer if value.name in read]
    del model.graph.initializer[:]
    model.graph.initializer.extend(kept)
    return model


def _shapes(model: Any) -> dict[str, list[int]]:
    """The shape of every tensor that onnx can tell it of."""
    import onnx

    inferred = onnx.shape_inference.infer_shapes(model).graph
    return {
        value.name: [side.dim_value for side in value.type.tensor_type.shape.dim]
        for value in (*inferred.input, *inferred.value_info, *inferred.output)
    }


def _named_in_order(model: Any) -> Any:
    """Equal bytes each time: tf2onnx numbers what it makes up, on and on and in a set's order."""
    graph = model.graph
    if {"If", "Loop", "Scan"} & {node.op_type for node in graph.node}:
        return model  # their branches read names of the graph around them
    names = {value.name: value.name for value in (*graph.input, *graph.output)}
    for node in graph.node:
        for name in filter(_MADE_UP.search, node.input):
            names.setdefault(name, f"constant__{len(names)}")
        for name in filter(_MADE_UP.search, node.output):
            names.setdefault(name, f"{node.op_type}__{len(names)}")
    for place, node in enumerate(graph.node):
        node.name = f"{node.op_type}__{place}" if _MADE_UP.search(node.name) else node.name
        node.input[:] = [names.get(name, name) for name in node.input]
        node.output[:] = [names.get(name, name) for name in node.output]
    for value in graph.initializer:
        value.name = names.get(value.name, value.name)
    graph.initializer.sort(key=lambda value: value.name)
    del graph.value_info[:]
    return model
