"""Commands that explain eight bits: calibrate and sensitivity."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from convert.cli.app import command
from convert.cli.options import (
    AcceptLicense,
    AsJson,
    Calibration,
    DatasetDir,
    FromFile,
    Mirror,
    RecipeName,
)
from convert.errors import UsageError

_COUNTS = "1,2,4,8,16,32"
_PLOTS = (".svg", ".png")


@command("calibrate", "Show how many calibration pictures eight bits want.")
def calibrate(
    name: RecipeName,
    images: Annotated[
        str, typer.Option(help="How many pictures to decide on, with commas.", metavar="LIST")
    ] = _COUNTS,
    calibration: Calibration = None,
    dataset: DatasetDir = None,
    mirror: Mirror = None,
    accept_license: AcceptLicense = None,
    as_json: AsJson = False,
) -> None:
    """Decide a recipe's eight bits on 1, 2, 4 ... pictures, and see how well each agrees.

    Agreement with the float network is measured on calibration pictures that are held out, in
    simulation; pictures that evaluate are not looked at. Points of an earlier call stand.
    """
    from convert import recipes
    from convert.pipeline.curve import curve
    from convert.pipeline.plan import Options, plan
    from convert.pipeline.settings import settings
    from convert.render.curve import show_curve
    from convert.render.live import live_progress

    where = settings()
    where = replace(where, accepted=where.accepted | set(accept_license or ()))
    options = Options(calibration=calibration, dataset=dataset, mirror=mirror)
    planned = plan(recipes.load(recipes.find(name)), where, options)
    with live_progress(f"calibrate {planned.recipe.name}") as progress:
        found = curve(planned, _counts(images), progress)
    show_curve(found, as_json)


@command("sensitivity", "Rank layers and tensors by what eight bits cost in each.")
def sensitivity(
    name: RecipeName,
    plot: Annotated[
        Path | None,
        typer.Option(help="Also draw it, into an .svg or .png file.", metavar="FILE"),
    ] = None,
    calibration: Calibration = None,
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
    options = Options(calibration=calibration, dataset=dataset, mirror=mirror, from_file=from_file)
    planned = plan(recipes.load(recipes.find(name)), where, options)
    with live_progress(f"sensitivity {name}") as progress:
        found = ranking_of(planned, progress)
    show_ranking(found, as_json)
    if plot:
        draw(found, f"{planned.recipe.name} in eight bits", plot)


def _counts(text: str) -> list[int]:
    words = [word.strip() for word in text.split(",") if word.strip()]
    if not words or not all(word.isdecimal() and int(word) for word in words):
        raise UsageError(
            f"--images {text!r} is no list of whole numbers above 0", hint=f"Such as {_COUNTS}."
        )
    return [int(word) for word in words]
