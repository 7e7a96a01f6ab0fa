"""The files that ship with convert, in a checkout or inside the installed package."""

from pathlib import Path

import convert
from convert.errors import SourceError
from convert.provenance import difference
from convert.recipe import Recipe

_PACKAGED = Path(convert.__file__).parent / "_bundled"
"""Where an installed convert carries what a checkout has in models/raw."""


def find_bundled(recipe: Recipe, folder: Path) -> Path:
    """The recipe's bundled file, in its folder of models/raw or else in the package.

    Raises SourceError if neither place has a file of the right digest.
    """
    lines = [f"{recipe.name}: the file that ships with convert is not here"]
    for home in (folder, _PACKAGED / recipe.name):
        place = home / str(recipe.source.bundled)
        why = difference(place, recipe.source)
        if why is None:
            return place
        lines.append(f"{place}: {why}")
    raise SourceError(
        "\n  ".join(lines),
        hint="Set CONVERT_HOME to a checkout of convert, or install convert anew.",
    )
