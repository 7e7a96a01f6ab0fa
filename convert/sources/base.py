"""What a source reader is: a module that reads one file format into a Graph."""

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from convert.graph.graph import Graph
from convert.vocabulary import SourceFormat


class SourceReader(Protocol):
    """A module of `convert.sources` that stands in its table."""

    def recognises(self, path: Path, head: bytes) -> bool:
        """Whether a file or folder is of this format, told without the library that reads it.

        `head` is the file's first 4096 bytes, empty for a folder.
        """
        ...

    def read(self, path: Path) -> Graph:
        """The frozen graph of a file, its ends still unnamed.

        Raises SourceError where the file is damaged, UnsupportedError where it is whole but
        holds what cannot be converted.
        """
        ...


Readers = Mapping[SourceFormat, SourceReader]
