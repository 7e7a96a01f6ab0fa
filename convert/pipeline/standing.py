"""Where a recipe stands here: pulled or not, and what is published."""

from dataclasses import dataclass
from pathlib import Path

from convert.manifest import NAME as MANIFEST
from convert.pipeline.settings import Settings
from convert.recipe import Recipe
from convert.recipes import sized
from convert.stages.pull import pulled


@dataclass(frozen=True, kw_only=True)
class Standing:
    """One recipe, and what this machine has of it."""

    recipe: Recipe
    pulled: Path | None
    published: tuple[str, ...]
    """Variants, such as `tflite-uint8`, or `512x512/tflite-uint8` of a further size."""


def standing(recipe: Recipe, settings: Settings) -> Standing:
    """Look at models/raw and models/out."""
    published = [
        f"{one.name.removeprefix(recipe.name).lstrip('-')}/{path.parent.name}".lstrip("/")
        for one in sized(recipe)
        for path in sorted((settings.out / one.name).glob(f"*/{MANIFEST}"))
    ]
    return Standing(recipe=recipe, pulled=pulled(recipe, settings.raw), published=tuple(published))
