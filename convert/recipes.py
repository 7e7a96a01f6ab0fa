"""Recipe files: where they lie, and how one is read with errors that name the file and the key."""

import hashlib
import json
import os
import tomllib
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path

from pydantic import ValidationError

from convert.errors import UsageError
from convert.preprocessing import Size
from convert.recipe import Recipe

_PACKAGE = Path(__file__).parent


def folders(environment: Mapping[str, str] = os.environ) -> list[Path]:
    """Where recipes are looked for, in order.

    The folders of CONVERT_RECIPES, `recipes/` in the working folder, those that ship with convert.
    Raises UsageError where one of the first is no folder.
    """
    extra = [Path(p) for p in environment.get("CONVERT_RECIPES", "").split(os.pathsep) if p]
    for folder in extra:
        if not folder.is_dir():
            raise UsageError(
                f"CONVERT_RECIPES: {folder} is not a folder", hint="Correct it, or unset it."
            )
    shipped = [_PACKAGE / "_recipes", _PACKAGE.parent / "recipes"]
    return list(dict.fromkeys([*extra, Path("recipes").absolute(), *shipped]))


def files(environment: Mapping[str, str] = os.environ) -> dict[str, Path]:
    """Every recipe file by its recipe's name; the first folder that has a name wins."""
    found: dict[str, Path] = {}
    for folder in folders(environment):
        for path in sorted(folder.glob("*.toml")):
            found.setdefault(path.stem, path)
    return dict(sorted(found.items()))


def find(name: str, environment: Mapping[str, str] = os.environ) -> Path:
    """The file of a recipe, by its name or by a path to a .toml file. Raises UsageError."""
    if name.endswith(".toml") and Path(name).is_file():
        return Path(name)
    known = files(environment)
    if name not in known:
        close = get_close_matches(name, known, n=3, cutoff=0.5)
        meant = f"Did you mean {' or '.join(close)}? " if close else ""
        raise UsageError(
            f"there is no recipe {name!r}",
            hint=f"{meant}`convert list` shows them all; `convert new FILE` writes one.",
        )
    return known[name]


def load(path: Path) -> Recipe:
    """Read one recipe file. Raises UsageError that names the file and the key."""
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: not valid TOML: {error}") from error
    data.setdefault("name", path.stem)
    try:
        recipe = _placed(_validated(data), path)
    except ValidationError as error:
        raise UsageError("\n".join(_complaints(path, error)), hint=_HINT) from error
    return _named_as_its_file(recipe, path)


def _validated(data: dict[str, object]) -> Recipe:
    """Strictly: "21" is no number and "yes" is no truth; a bare date may stand for its text."""
    # As JSON, because pydantic lets only its arrays be tuples under `strict`.
    return Recipe.model_validate_json(json.dumps(data, default=str), strict=True)


def _placed(recipe: Recipe, path: Path) -> Recipe:
    """With a file of one's own, which is named relative to the recipe's, by its whole path."""
    if recipe.source.path is None:
        return recipe
    own = str((path.parent / recipe.source.path).resolve())
    source = recipe.source.model_copy(update={"path": own})
    return recipe.model_copy(update={"source": source})


_HINT = "docs/recipes.md lists every key with its meaning."


def _complaints(path: Path, error: ValidationError) -> Iterator[str]:
    for problem in error.errors():
        key = ".".join(str(part) for part in problem["loc"]) or "(the whole file)"
        kind, given = problem["type"], problem["input"]
        if kind == "extra_forbidden":
            yield f"{path}: {key}: unknown key"
        elif kind == "missing":
            yield f"{path}: {key}: missing"
        else:
            said = problem["msg"].removeprefix("Value error, ")
            shown = "" if isinstance(given, dict) else f" (found {str(given)[:80]!r})"
            yield f"{path}: {key}: {said}{shown}"


def _named_as_its_file(recipe: Recipe, path: Path) -> Recipe:
    if recipe.name != path.stem:
        raise UsageError(
            f"{path}: name: {recipe.name!r} in a file called {path.name!r}",
            hint="A recipe's name is its file's; the key can be left out.",
        )
    return recipe


def sized(recipe: Recipe) -> tuple[Recipe, ...]:
    """The recipe itself, and one more for each further size that it names."""
    others = [size for size in recipe.sizes if size != recipe.preprocessing.size]
    return (recipe, *(_at(recipe, size) for size in others))


def _at(recipe: Recipe, size: Size) -> Recipe:
    changed = {
        "name": f"{recipe.name}-{size[0]}x{size[1]}",
        "family": recipe.name,
        "sizes": (),
        "preprocessing": recipe.preprocessing.model_copy(update={"size": size}),
    }
    return recipe.model_copy(update=changed)


def digest(recipe: Recipe) -> str:
    """The SHA-256 of what a recipe says, whatever its file's comments and order of keys."""
    return hashlib.sha256(recipe.model_dump_json().encode()).hexdigest()
