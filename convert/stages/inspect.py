"""Say what a model file is made of and where it would be cut."""

from pathlib import Path

from convert.anatomy import Anatomy
from convert.sources.examine import examine


def inspect(path: Path) -> Anatomy:
    """What is found in a file, without a recipe.

    Raises SourceError for what is no whole model file, UnsupportedError for what cannot be read
    or takes no picture.
    """
    return examine(path)
