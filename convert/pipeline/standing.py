"""Where a recipe stands here: pulled or not, and what is published."""

from dataclasses import dataclass
from pathlib import Path

from convert.manifest import NAME as MANIFEST
from convert.pipeline.settings import Settings
from convert.provenance import is_wanted
from convert.recipe import Recipe
from convert.stages.pull import target_path


@dataclass(frozen=True, kw_only=True)
class Standing:
    """One recipe, and what this machine has of it."""

    recipe: Recipe
    pulled: Path | None
    published: tuple[str, ...]
    """Variants, such as `tflite-uint8`."""


def standing(recipe: Recipe, settings: Settings) -> Standing:
    """Look at models/raw and models/out."""
    path = target_path(recipe, settings.raw)
    out = settings.out / recipe.name
    return Standing(
        recipe=recipe,
        pulled=path if is_wanted(path, recipe.source) else None,
        published=tuple(sorted(p.parent.name for p in out.glob(f"*/{MANIFEST}"))),
    )
