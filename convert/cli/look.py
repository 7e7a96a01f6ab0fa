"""Commands that only look: list, show, inspect, doctor."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from convert.cli.app import command
from convert.cli.options import AsJson, RecipeName
from convert.errors import ConvertError

if TYPE_CHECKING:
    from convert.recipe import Recipe


@command("list", "Show every recipe: task, license, what is pulled and published.")
def list_recipes(as_json: AsJson = False) -> None:
    """Show every recipe: task, source, license, what is pulled, what is published.

    Recipes are looked for in the folders of CONVERT_RECIPES, in recipes/ of the working folder,
    and among those that come with convert.
    """
    from convert import recipes
    from convert.pipeline.settings import settings
    from convert.pipeline.standing import standing
    from convert.render.errors import show_error
    from convert.render.recipes import show_recipes

    where = settings()
    loaded, errors = _load_all(recipes.files().values())
    show_recipes([standing(recipe, where) for recipe in loaded], as_json)
    for error in errors:
        show_error(error)
    if errors:
        raise typer.Exit(errors[0].exit_code)


def _load_all(paths: Iterable[Path]) -> tuple[list["Recipe"], list[ConvertError]]:
    """The recipes that can be read, and what is wrong with the others."""
    from convert import recipes

    loaded, errors = [], []
    for path in paths:
        try:
            loaded.append(recipes.load(path))
        except ConvertError as error:
            errors.append(error)
    return loaded, errors


@command("show", "Explain one recipe in words.")
def show(name: RecipeName, as_json: AsJson = False) -> None:
    """Explain one recipe: where it comes from, how it is fed and read, what it is held to.

    With --json: the recipe as convert reads it, with every default filled in.
    """
    from convert import recipes
    from convert.pipeline.settings import settings
    from convert.pipeline.standing import standing
    from convert.render.recipes import show_recipe

    path = recipes.find(name)
    show_recipe(standing(recipes.load(path), settings()), path, as_json)


@command("inspect", "Find inputs, outputs and the cut of a model file.")
def inspect(
    file: Annotated[Path, typer.Argument(help="A TensorFlow frozen graph (.pb).", metavar="FILE")],
    as_json: AsJson = False,
) -> None:
    """Find what a model takes and gives, from its file alone.

    Shows inputs and outputs, the preparation and the answer that are part of the graph, where it
    would be cut and why, its operators, weights and cost, and what a target cannot express.
    """
    from convert.render.anatomy import show_anatomy
    from convert.render.live import working
    from convert.stages.inspect import inspect as look_inside

    with working(f"reading {file}"):
        anatomy = look_inside(file)
    show_anatomy(anatomy, as_json)


@command("doctor", "Say what works here, and what to do about the rest.")
def doctor(as_json: AsJson = False) -> None:
    """Say what is installed, which runtimes run here, and what to do about the rest.

    Looks at Python, packages, runtimes, the machine, PATH and the CONVERT_* settings. Nothing is
    changed, and the exit code is 0 whatever was found.
    """
    from convert.render.doctor import show_findings
    from convert.stages.doctor import doctor as examine

    show_findings(examine(), as_json)
