"""Where a recipe stands here: pulled or not, and what is published."""

from dataclasses import dataclass
from pathlib import Path

from convert.manifest import NAME as MANIFEST
from convert.pipeline.settings import Settings
from convert.recipe import Recipe
from convert.stages.pull import pulled


@dataclass(frozen=True, kw_only=True)
class Standing:
    """One recipe, and what this machine has of it."""

    recipe: Recipe
    pulled: Path | None
    published: tuple[str, ...]
    """Variants, such as `tflite-uint8`."""


def standing(recipe: Recipe, settings: Settings) -> Standing:
    """Look at models/raw and models/out."""
    out = settings.out / recipe.name
    return Standing(
        recipe=recipe,
        pulled=pulled(recipe, settings.raw),
        published=tuple(sorted(p.parent.name for p in out.glob(f"*/{MANIFEST}"))),
    )
