"""Commands that only look: list, show, inspect, doctor."""

from pathlib import Path
from typing import Annotated

import typer

from convert.cli.app import command
from convert.cli.options import AsJson


@command("list")
def list_recipes(as_json: AsJson = False) -> None:
    """Show every recipe: task, source, license, what is pulled, what is published."""
    from convert import recipes
    from convert.pipeline.settings import settings
    from convert.pipeline.standing import standing
    from convert.render.recipes import show_recipes

    where = settings()
    show_recipes(
        [standing(recipes.load(path), where) for path in recipes.files().values()], as_json
    )


@command("show")
def show(
    name: Annotated[str, typer.Argument(help="A recipe's name, or its .toml file.")],
    as_json: AsJson = False,
) -> None:
    """Explain one recipe: where it comes from, how it is fed and read, what holds it."""
    from convert import recipes
    from convert.pipeline.settings import settings
    from convert.pipeline.standing import standing
    from convert.render.recipes import show_recipe

    path = recipes.find(name)
    show_recipe(standing(recipes.load(path), settings()), path, as_json)


@command("inspect")
def inspect(
    file: Annotated[Path, typer.Argument(help="A model file: a TensorFlow frozen graph (.pb).")],
    as_json: AsJson = False,
) -> None:
    """Find inputs, outputs, in-graph pre- and postprocessing and the cut, from the file alone."""
    from convert.render.anatomy import show_anatomy
    from convert.render.console import working
    from convert.stages.inspect import inspect as look_inside

    with working(f"reading {file}"):
        anatomy = look_inside(file)
    show_anatomy(anatomy, as_json)


@command("doctor")
def doctor(as_json: AsJson = False) -> None:
    """Say what is installed, which runtimes run here, and what to do about the rest."""
    from convert.render.doctor import show_findings
    from convert.stages.doctor import doctor as examine

    show_findings(examine(), as_json)
