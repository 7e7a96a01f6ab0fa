"""Commands that explain eight bits: sensitivity."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from convert.cli.app import command
from convert.cli.options import AcceptLicense, AsJson, DatasetDir, FromFile, Mirror, RecipeName
from convert.errors import UsageError

_PLOTS = (".svg", ".png")


@command("sensitivity", "Rank layers and tensors by what eight bits cost in each.")
def sensitivity(
    name: RecipeName,
    plot: Annotated[
        Path | None,
        typer.Option(help="Also draw it, into an .svg or .png file.", metavar="FILE"),
    ] = None,
    dataset: DatasetDir = None,
    mirror: Mirror = None,
    from_file: FromFile = None,
    accept_license: AcceptLicense = None,
    as_json: AsJson = False,
) -> None:
    """Rank layers (weights) and tensors (activations) by the disagreement that each alone causes.

    On pictures of the calibration split: the network is in float but for the one layer or tensor.
    What stands from an earlier run or ranking is not done again.
    """
    from convert import recipes
    from convert.pipeline.plan import Options, plan
    from convert.pipeline.ranking import ranking_of
    from convert.pipeline.settings import settings
    from convert.render.live import live_progress
    from convert.render.sensitivity import draw, show_ranking

    if plot and plot.suffix not in _PLOTS:
        raise UsageError(f"--plot: {plot} is neither .svg nor .png")
    where = settings()
    where = replace(where, accepted=where.accepted | set(accept_license or ()))
    options = Options(dataset=dataset, mirror=mirror, from_file=from_file)
    planned = plan(recipes.load(recipes.find(name)), where, options)
    with live_progress(f"sensitivity {name}") as progress:
        found = ranking_of(planned, progress)
    show_ranking(found, as_json)
    if plot:
        draw(found, f"{planned.recipe.name} in eight bits", plot)
