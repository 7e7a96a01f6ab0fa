"""Frozen TensorFlow graphs in text form (.pbtxt)."""

from pathlib import Path

from convert.graph.graph import Graph
from convert.graph.tensorflow import tensorflow


def recognises(path: Path, head: bytes) -> bool:
    """Whether a file begins as a graph in text form does."""
    return head.startswith(b"node {")


def read(path: Path) -> Graph:
    """The graph of a .pbtxt file."""
    graph_def = tensorflow().compat.v1.GraphDef()
    from google.protobuf import text_format

    text_format.Parse(path.read_text(), graph_def)
    return Graph(graph_def=graph_def, inputs=(), outputs=())
