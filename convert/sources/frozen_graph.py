"""Frozen TensorFlow graphs: a serialized GraphDef whose weights are Const nodes."""

from pathlib import Path
from typing import Any

from convert.errors import SourceError, UnsupportedError
from convert.graph.graph import Graph, node_name
from convert.graph.tensorflow import tensorflow
from convert.sources.wire import check_graph, is_graph

_VARIABLES = frozenset({"Variable", "VariableV2", "VarHandleOp", "AutoReloadVariable"})


def recognises(path: Path, head: bytes) -> bool:
    """Whether the frame of a file is a whole GraphDef's."""
    return bool(head) and is_graph(path)


def read(path: Path) -> Graph:
    """The graph of a .pb file, its ends still unnamed.

    Raises SourceError where the file is damaged, UnsupportedError where it is not frozen.
    """
    check_graph(path)
    graph = Graph(graph_def=_parse(path), inputs=(), outputs=())
    _refuse_variables(path, graph)
    _refuse_dangling(path, graph)
    return graph


def _parse(path: Path) -> Any:
    from google.protobuf.message import DecodeError

    graph_def = tensorflow().compat.v1.GraphDef()
    try:
        graph_def.ParseFromString(path.read_bytes())
    except DecodeError as error:
        raise SourceError(
            f"{path} is no whole GraphDef: {error}", hint="Fetch it again, and compare its digest."
        ) from error
    return graph_def


def _refuse_variables(path: Path, graph: Graph) -> None:
    variables = [node.name for node in graph.graph_def.node if node.op in _VARIABLES]
    if variables:
        raise UnsupportedError(
            f"{path} is a graph that is not frozen: {len(variables)} variables, such as "
            f"{variables[0]!r}, have their values in a checkpoint",
            hint="Freeze it with its checkpoint: "
            "tf.compat.v1.graph_util.convert_variables_to_constants.",
        )


def _refuse_dangling(path: Path, graph: Graph) -> None:
    for node in graph.graph_def.node:
        for reference in node.input:
            if node_name(reference) not in graph.nodes:
                raise SourceError(
                    f"{path}: node {node.name!r} reads {reference!r}, which the file does not hold",
                    hint="The file may be cut short: fetch it again, and compare its digest.",
                )
