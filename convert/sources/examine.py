"""Look at a model file: which it is, and what its graph is made of."""

from pathlib import Path

from convert.anatomy import Anatomy, CutOff
from convert.graph.discover.discover import discover
from convert.graph.graph import Graph
from convert.recipe import Cut
from convert.sources import SOURCES
from convert.sources.detect import detect
from convert.sources.parts import source_file
from convert.sources.tflite.after import after
from convert.sources.tflite.reader import read_tflite
from convert.vocabulary import SourceFormat

_NOTHING_GIVEN = Cut()


def examine(path: Path, given: Cut = _NOTHING_GIVEN) -> Anatomy:
    """The anatomy of a model file; node names that are `given` are taken, not looked for.

    Raises SourceError for what is no whole model file, UnsupportedError for what cannot be read
    or takes no picture.
    """
    format = detect(path)
    graph, cut_off = _read(path, format)
    return discover(graph, given=given, file=source_file(path, format), cut_off=cut_off)


def _read(path: Path, format: SourceFormat) -> tuple[Graph, CutOff | None]:
    """The graph, and what the file does after it; only of TFLite is anything left behind."""
    if format != "tflite":
        return SOURCES[format].read(path), None
    model = read_tflite(path)
    return model.graph, after(model.cut_off) if model.cut_off else None
