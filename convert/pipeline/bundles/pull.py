"""Take a bundle over."""

import tempfile
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

from convert import recipes
from convert.bundle.bring import bring
from convert.errors import SourceError, UnsupportedError
from convert.licensing import require_accepted
from convert.manifest import NAME as MANIFEST
from convert.manifest import Manifest
from convert.pipeline.bundles.check import index_problems
from convert.pipeline.bundles.find import beside, bundles_at, easiest
from convert.pipeline.settings import Settings
from convert.progress import Progress
from convert.provenance import remember
from convert.recipe import Recipe
from convert.stages.adopt import adopt, model_file
from convert.stages.check import check
from convert.stages.pull import Pulled, pull
from convert.store import digest_file

_RECIPES = Path("recipes")
"""Where `convert new` writes recipes, too."""


def pull_bundle(
    name: str, url: str, settings: Settings, accepted: Collection[str], progress: Progress
) -> Pulled:
    """Take a bundle over: as the file of the recipe `name`, or with a new recipe of that name.

    Raises SourceError where the bundle is not sound, UsageError for a restricted license.
    """
    at = easiest(bundles_at(url))
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        bring(at.place, at.prefix, folder)
        problems = [*check(folder).problems, *index_problems(folder, at.wanted)]
        if problems:
            raise SourceError("\n  ".join([f"{url}: the bundle is not sound:", *problems]))
        origin, file = f"{at.place.url}/{at.prefix}".rstrip("/"), model_file(folder)
        if name in recipes.files():
            recipe = recipes.load(recipes.find(name))
        else:
            license = Manifest.model_validate_json((folder / MANIFEST).read_bytes()).license
            require_accepted(license, accepted, name)
            recipe = _adopted(folder, name, origin, url, settings)
        got = pull(recipe, raw=settings.raw, from_file=file, accepted=accepted, progress=progress)
        return _from(origin, got, recipe, digest_file(file))


def _adopted(folder: Path, name: str, origin: str, url: str, settings: Settings) -> Recipe:
    try:
        return adopt(folder, name=name, origin=origin, raw=settings.raw, recipes=_RECIPES)
    except UnsupportedError as error:
        others = beside(url)
        hint = f"Of the same version, {', '.join(others)} may be taken." if others else error.hint
        raise UnsupportedError(f"{origin}: {error.message}", hint=hint) from error


def _from(url: str, got: Pulled, recipe: Recipe, sha256: str) -> Pulled:
    """With the URL as its origin, unless another file of the recipe was here already."""
    if digest_file(got.path) != sha256:
        return got
    remember(got.path, recipe.source, download=got.path, origin=url, license=recipe.license)
    return replace(got, origin=url)
