"""Traces: a model file of any format, opened so that every tensor it computes can be seen."""

from pathlib import Path

from convert.errors import UnsupportedError
from convert.graph.discover.leftovers import settled
from convert.graph.graph import Graph
from convert.graph.tfjs_model import read_tfjs
from convert.recipe import Cut
from convert.sources import SOURCES
from convert.traces import onnx, tflite
from convert.traces.base import Trace
from convert.traces.graph import GraphTrace
from convert.vocabulary import SourceFormat

WHOLE: tuple[SourceFormat, ...] = ("tflite", "onnx", "tfjs")
"""Formats whose files are run from end to end; a graph of another is run between its cuts."""


def open_trace(path: Path, format: SourceFormat, cut: Cut) -> Trace:
    """Load a file; `cut` (whole) is where a graph is fed and read, and counts for no other format.

    Raises SourceError or UnsupportedError where it cannot be read, RuntimeFailure where its
    runtime refuses it.
    """
    if format == "tflite":
        return tflite.trace(path)
    if format == "onnx":
        return onnx.trace(path)
    if format == "tfjs":
        return _of_tfjs(path)
    graph = settled(SOURCES[format].read(path), cut.original_input)
    ends = {name: str(node) for name, node in cut.ends.items()}
    return _of_graph(graph, str(cut.input), ends)


def _of_tfjs(path: Path) -> Trace:
    model = read_tfjs(path)
    if len(model.inputs) != 1:
        raise UnsupportedError(
            f"{path} has {len(model.inputs)} inputs, and one picture is what it can be fed",
            hint="`convert new` and `convert run` make files of one input of it.",
        )
    graph = Graph(graph_def=model.graph_def, inputs=(), outputs=())
    return _of_graph(graph, next(iter(model.inputs.values())), dict(model.outputs))


def _of_graph(graph: Graph, fed: str, ends: dict[str, str]) -> Trace:
    between = Graph(graph_def=graph.graph_def, inputs=(fed,), outputs=tuple(ends.values()))
    return GraphTrace(between, ends)
