"""The files that ship with convert, in a checkout or inside the installed package."""

from pathlib import Path

import convert
from convert.errors import SourceError
from convert.provenance import difference
from convert.recipe import Recipe

_PACKAGE = Path(convert.__file__).parent
_HOMES = (_PACKAGE / "_bundled", _PACKAGE.parent / "models" / "raw")
"""Where an installed convert has them, and where a checkout has."""


def find_bundled(recipe: Recipe, folder: Path) -> Path:
    """The recipe's bundled file, in its folder of models/raw or else with convert itself.

    Raises SourceError if no place has a file of the right digest.
    """
    lines = [f"{recipe.name}: the file that ships with convert is not here"]
    for home in dict.fromkeys([folder, *(home / recipe.folder for home in _HOMES)]):
        place = home / str(recipe.source.bundled)
        why = difference(place, recipe.source)
        if why is None:
            return place
        lines.append(f"{place}: {why}")
    raise SourceError(
        "\n  ".join(lines),
        hint="Set CONVERT_HOME to a checkout of convert, or install convert anew.",
    )
