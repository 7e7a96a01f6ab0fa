"""Look at a model file: which it is, and what its graph is made of."""

from pathlib import Path

from convert.anatomy import Anatomy
from convert.graph.discover.discover import discover
from convert.recipe import Cut
from convert.sources import SOURCES
from convert.sources.detect import detect
from convert.sources.parts import source_file

_NOTHING_GIVEN = Cut()


def examine(path: Path, given: Cut = _NOTHING_GIVEN) -> Anatomy:
    """The anatomy of a model file; node names that are `given` are taken, not looked for.

    Raises SourceError for what is no whole model file, UnsupportedError for what cannot be read
    or takes no picture.
    """
    format = detect(path)
    graph = SOURCES[format].read(path)
    return discover(graph, given=given, file=source_file(path, format))
