"""Commands that bring a model in: pull and new."""

from pathlib import Path
from typing import Annotated

import typer

from convert.cli.app import command
from convert.cli.options import AcceptLicense, AsJson, FromPlace, Mirror, RecipeName


@command("pull", "Bring a recipe's file into models/raw/ and check its digest.")
def pull(
    name: RecipeName,
    mirror: Mirror = None,
    from_where: FromPlace = None,
    accept_license: AcceptLicense = None,
    as_json: AsJson = False,
) -> None:
    """Bring a recipe's file, check its digest, and keep it read-only in models/raw/.

    Tried in order: the file that is there, FILE if --from names it, the mirror, each of the
    recipe's URLs. A broken download is gone on with. `convert run` does all this by itself.
    With --from URL the model is that of a published bundle; a recipe for it is written where
    there is none of this name.
    """
    from convert import recipes
    from convert.pipeline.settings import settings
    from convert.render.brought import show_pulled
    from convert.render.live import live_progress
    from convert.stages.pull import pull as bring

    if from_where and "://" in from_where:
        _pull_bundle(name, from_where, accept_license, as_json)
        return
    recipe, where = recipes.load(recipes.find(name)), settings()
    with live_progress(f"pull {recipe.name}") as progress:
        pulled = bring(
            recipe,
            raw=where.raw,
            mirror=mirror or where.mirror,
            from_file=Path(from_where) if from_where else None,
            accepted=where.accepted | set(accept_license or ()),
            progress=progress,
        )
    show_pulled(pulled, as_json)


def _pull_bundle(name: str, url: str, accept: list[str] | None, as_json: bool) -> None:
    from convert.pipeline.bundles.pull import pull_bundle
    from convert.pipeline.settings import settings
    from convert.render.brought import show_pulled
    from convert.render.live import live_progress

    where = settings()
    with live_progress(f"pull {name}") as progress:
        pulled = pull_bundle(name, url, where, where.accepted | set(accept or ()), progress)
    show_pulled(pulled, as_json)


@command("new", "Write a recipe for a model file of your own.")
def new(
    file: Annotated[Path, typer.Argument(help="A TensorFlow frozen graph (.pb).", metavar="FILE")],
    name: Annotated[
        str | None, typer.Option(help="The recipe's name; default: the file's.", metavar="NAME")
    ] = None,
    folder: Annotated[
        Path, typer.Option("--recipes", help="Where to write it.", metavar="DIR")
    ] = Path("recipes"),
    as_json: AsJson = False,
) -> None:
    """Write a complete recipe for a model from what inspect finds in it.

    What is a guess is called one in a comment: read it, and say in it what the license is and
    which pictures to measure on. Then `convert run NAME` takes it down the road.
    """
    from convert.render.brought import show_written
    from convert.render.live import working
    from convert.stages.new import new as write

    with working(f"reading {file}"):
        path = write(file, name=name, recipes=folder)
    show_written(path, as_json)
