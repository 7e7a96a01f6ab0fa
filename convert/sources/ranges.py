"""What a source file knows of the ranges of its activations."""

from pathlib import Path

from convert.graph.fake_quant import Range, by_rounding_nodes
from convert.graph.fake_quant import ranges as of_fake_quant
from convert.graph.graph import Graph
from convert.sources import SOURCES
from convert.sources.tflite.names import real_input
from convert.sources.tflite.reader import TfliteModel, read_tflite
from convert.vocabulary import SourceFormat


def known_ranges(path: Path, format: SourceFormat) -> dict[str, Range]:
    """Node of the Graph that is read of a file -> its least and largest value, in real units.

    Of quantized tflite files the ranges of their tensors, of any format those of FakeQuant nodes:
    for the tensor that one rounds, and for the node itself. Empty where the file knows of none.
    Raises what the format's reader raises.
    """
    if format == "tflite":
        model = read_tflite(path)
        return {**_of_graph(model.graph), **_of_tensors(model)}
    return _of_graph(SOURCES[format].read(path))


def _of_graph(graph: Graph) -> dict[str, Range]:
    return {**by_rounding_nodes(graph), **of_fake_quant(graph)}


def _of_tensors(model: TfliteModel) -> dict[str, Range]:
    real = {name: real_input(model.graph, name) for name in model.graph.inputs}
    return {real.get(n, n): (found.least, found.largest) for n, found in model.ranges.items()}
