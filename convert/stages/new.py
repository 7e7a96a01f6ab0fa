"""Write a recipe for a model file, from what its graph says."""

import re
from pathlib import Path

from convert.errors import UsageError
from convert.recipe import Recipe
from convert.sources.draft import draft
from convert.sources.draft_text import draft_text
from convert.sources.examine import examine
from convert.store import write_text

_SAY_NOTHING = frozenset(
    {"frozen", "frozen-graph", "frozen-inference-graph", "frozen-model", "graph", "model"}
    | {"optimized-graph", "output-graph", "quantized-graph", "retrained-graph", "saved-model"}
)
"""File names that so many models have that their folder's says more."""
_LONGEST = 64


def new(path: Path, *, name: str | None, recipes: Path) -> Path:
    """Write `recipes/<name>.toml` for a model file; without a name, the file's or its folder's.

    Raises UsageError where the recipe is there already or the name is none, SourceError and
    UnsupportedError as `inspect` does, and UnsupportedError where no recipe can express the model.
    """
    chosen = _valid(name) if name else _name(path)
    target = recipes / f"{chosen}.toml"
    if target.exists():
        raise UsageError(f"{target} is there already", hint="Give another --name, or remove it.")
    anatomy = examine(path)
    fields = draft(anatomy, title=f"{chosen}, from {path.name}", folder=recipes)
    Recipe.model_validate({"name": chosen, **fields})
    write_text(target, draft_text(anatomy, fields))
    return target


def _valid(name: str) -> str:
    if _slug(name) != name:
        raise UsageError(
            f"{name!r} is no recipe's name",
            hint=f"Lower-case letters, digits and hyphens, such as {_slug(name) or 'my-model'}.",
        )
    return name


def _name(path: Path) -> str:
    """A name from the file's, or from its folder's where the file's says nothing."""
    whole = path.resolve()
    slugs = (_slug(whole.stem), _slug(whole.parent.name))
    return next((slug for slug in slugs if slug and slug not in _SAY_NOTHING), "my-model")


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:_LONGEST].rstrip("-")
