"""Traces: a model file of any format, opened so that every tensor it computes can be seen."""

from collections.abc import Mapping
from pathlib import Path

from convert.errors import UnsupportedError
from convert.graph.graph import Graph
from convert.graph.tfjs_model import read_tfjs
from convert.traces import onnx, tflite
from convert.traces.base import Trace
from convert.traces.graph import GraphTrace
from convert.vocabulary import Target


def open_trace(path: Path, format: Target) -> Trace:
    """Load a file that is run from end to end.

    Raises SourceError or UnsupportedError where it cannot be read, RuntimeFailure where its
    runtime refuses it.
    """
    if format == "tflite":
        return tflite.trace(path)
    return onnx.trace(path) if format == "onnx" else _of_tfjs(path)


def of_graph(graph: Graph, ends: Mapping[str, str]) -> Trace:
    """A graph from its one input to its outputs, which `ends` names -> the node."""
    return GraphTrace(graph, ends)


def _of_tfjs(path: Path) -> Trace:
    model = read_tfjs(path)
    if len(model.inputs) != 1:
        raise UnsupportedError(
            f"{path} has {len(model.inputs)} inputs, and one picture is what it can be fed",
            hint="`convert new` and `convert run` make files of one input of it.",
        )
    fed, read = tuple(model.inputs.values()), tuple(model.outputs.values())
    return of_graph(Graph(graph_def=model.graph_def, inputs=fed, outputs=read), model.outputs)
