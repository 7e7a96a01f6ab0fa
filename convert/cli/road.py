"""The command that takes recipes down the whole road: run."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from convert.cli.app import GATE_MISSED, command
from convert.cli.options import (
    AcceptLicense,
    AsJson,
    Browser,
    Calibration,
    DatasetDir,
    FromFile,
    Limit,
    Mirror,
    runtimes,
    schemes,
    targets,
    use_browser,
)
from convert.errors import ConvertError, UsageError

if TYPE_CHECKING:
    from convert.pipeline.plan import Options, Plan
    from convert.pipeline.settings import Settings
    from convert.recipe import Recipe
    from convert.report import Report

T = TypeVar("T")


@command("run", "Take recipes down the whole road, and publish what passes.")
def run(
    names: Annotated[
        list[str] | None,
        typer.Argument(
            help="Recipes, by name or .toml file.", metavar="NAME...", show_default=False
        ),
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="Every recipe there is.")] = False,
    only_targets: Annotated[
        str | None,
        typer.Option(
            "--targets", help="Only these of tflite,tfjs,onnx, with commas.", metavar="LIST"
        ),
    ] = None,
    only_schemes: Annotated[
        str | None,
        typer.Option(
            "--schemes", help="Only these, with commas; also such as mixed.", metavar="LIST"
        ),
    ] = None,
    dataset: DatasetDir = None,
    calibration: Calibration = None,
    limit: Limit = None,
    force: Annotated[
        bool, typer.Option("--force", help="Do everything again, also what stands.")
    ] = False,
    jobs: Annotated[
        int | None,
        typer.Option(min=1, help="Files verified at once; default: one per core.", metavar="N"),
    ] = None,
    in_browser: Annotated[
        str | None,
        typer.Option(
            "--runtimes", help="Verify in the browser, too: web-wasm, web, names.", metavar="LIST"
        ),
    ] = None,
    browser: Browser = None,
    mirror: Mirror = None,
    from_file: FromFile = None,
    accept_license: AcceptLicense = None,
    as_json: AsJson = False,
) -> None:
    """Pull, cut, convert, verify, bench, gate and publish: the whole road.

    A variant that misses a gate is not published, the others are, and the exit code is 1.
    What stands from an earlier run is not done again. With --json: the report, or for several
    recipes a list of reports and errors.
    """
    from convert import recipes
    from convert.machine import cores
    from convert.pipeline.plan import Options
    from convert.pipeline.settings import settings

    use_browser(browser)
    where = settings()
    where = replace(where, accepted=where.accepted | set(accept_license or ()))
    options = Options(
        targets=targets(only_targets),
        schemes=schemes(only_schemes),
        dataset=dataset,
        calibration=calibration,
        limit=limit,
        force=force,
        jobs=jobs or cores(),
        mirror=mirror,
        from_file=from_file,
        runtimes=runtimes(in_browser),
    )
    chosen = _chosen(names or [], every, list(recipes.files()))
    loaded = [r for name in chosen for r in recipes.sized(recipes.load(recipes.find(name)))]
    if from_file and len(chosen) > 1:
        raise UsageError("--from is the file of one recipe", hint="Run that one by itself.")
    if len(loaded) == 1:
        _run_alone(loaded[0], where, options, as_json)
    else:
        _run_several(loaded, where, options, as_json)


def _chosen(names: list[str], every: bool, known: list[str]) -> list[str]:
    if every == bool(names):
        problem = "--all and names exclude each other" if every else "no recipe is named"
        raise UsageError(problem, hint="Name recipes, or give --all; `convert list` shows them.")
    return known if every else list(dict.fromkeys(names))


def _run_alone(recipe: "Recipe", where: "Settings", options: "Options", as_json: bool) -> None:
    from convert.pipeline.plan import plan
    from convert.render.console import print_json

    report = _run_one(plan(recipe, where, options), as_json)
    if as_json:
        print_json(report)
    if not report.passed:
        raise typer.Exit(GATE_MISSED)


def _run_several(
    loaded: "list[Recipe]", where: "Settings", options: "Options", as_json: bool
) -> None:
    """Plan them all before the first long job; what fails does not keep the others."""
    from convert.pipeline.plan import plan
    from convert.render.outcomes import show_outcomes

    plans = {recipe.name: _attempt(partial(plan, recipe, where, options)) for recipe in loaded}
    outcomes = {
        name: item if isinstance(item, ConvertError) else _attempt(partial(_run_one, item, as_json))
        for name, item in plans.items()
    }
    show_outcomes(outcomes, as_json)
    found = outcomes.values()
    errors = [item.exit_code for item in found if isinstance(item, ConvertError)]
    missed = [GATE_MISSED for item in found if not (isinstance(item, ConvertError) or item.passed)]
    if errors or missed:
        raise typer.Exit((errors + missed)[0])


def _attempt(make: Callable[[], T]) -> T | ConvertError:
    from convert.render.errors import show_error

    try:
        return make()
    except ConvertError as error:
        show_error(error)
        return error


def _run_one(plan: "Plan", as_json: bool) -> "Report":
    from convert.pipeline.run import expected_seconds
    from convert.pipeline.run import run as run_plan
    from convert.render.live import live_progress
    from convert.render.plan import show_plan
    from convert.render.report import show_report

    show_plan(plan)
    with live_progress(plan.recipe.name, expected_seconds(plan)) as progress:
        report = run_plan(plan, progress)
    if not as_json:
        show_report(report, plan.out)
    return report
