"""TFLite flatbuffers, read into a float graph; one small function per operator."""

from pathlib import Path

from convert.graph.graph import Graph
from convert.sources.tflite.reader import read_tflite

_IDENTIFIER = b"TFL3"


def recognises(path: Path, head: bytes) -> bool:
    """Whether a file bears the identifier of TFLite's flatbuffers (bytes 4 to 7)."""
    return head[4:8] == _IDENTIFIER


def read(path: Path) -> Graph:
    """The float graph of a .tflite file, its ends named as the file names them.

    Raises SourceError where the file is damaged, UnsupportedError where it is whole but holds an
    operator that is not read.
    """
    return read_tflite(path).graph
