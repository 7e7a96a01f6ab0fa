"""The command that takes recipes down the whole road: run."""

from typing import TYPE_CHECKING, Annotated

import typer

from convert.cli.app import GATE_MISSED, command
from convert.cli.options import (
    AcceptLicense,
    AsJson,
    DatasetDir,
    FromFile,
    Limit,
    Mirror,
    schemes,
    targets,
)
from convert.errors import ConvertError, UsageError
from convert.vocabulary import SCHEMES, TARGETS

if TYPE_CHECKING:
    from convert.pipeline.plan import Options
    from convert.pipeline.settings import Settings
    from convert.recipe import Recipe
    from convert.report import Report


@command("run")
def run(
    names: Annotated[
        list[str] | None, typer.Argument(help="Recipes, by name or .toml file.", metavar="NAME...")
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="Every recipe there is.")] = False,
    only_targets: Annotated[
        str | None,
        typer.Option(
            "--targets", help=f"Of {','.join(TARGETS)}; default: the recipe's.", metavar="…"
        ),
    ] = None,
    only_schemes: Annotated[
        str | None,
        typer.Option(
            "--schemes", help=f"Of {','.join(SCHEMES)}; default: the recipe's.", metavar="…"
        ),
    ] = None,
    dataset: DatasetDir = None,
    limit: Limit = None,
    force: Annotated[
        bool, typer.Option("--force", help="Do everything again, also what stands.")
    ] = False,
    jobs: Annotated[
        int | None,
        typer.Option(min=1, help="Files verified at once; default: one per core.", metavar="N"),
    ] = None,
    mirror: Mirror = None,
    from_file: FromFile = None,
    accept_license: AcceptLicense = None,
    as_json: AsJson = False,
) -> None:
    """Pull, cut, convert, verify, bench, gate and publish: the whole road.

    A variant that misses a gate is not published, the others are, and the exit code is 1.
    What stands from an earlier run is not done again.
    """
    from dataclasses import replace

    from convert import recipes
    from convert.machine import cores
    from convert.pipeline.plan import Options
    from convert.pipeline.settings import settings

    chosen = _chosen(names or [], every, list(recipes.files()))
    where = settings()
    where = replace(where, accepted=where.accepted | set(accept_license or ()))
    options = Options(
        targets=targets(only_targets),
        schemes=schemes(only_schemes),
        dataset=dataset,
        limit=limit,
        force=force,
        jobs=jobs or cores(),
        mirror=mirror,
        from_file=from_file,
    )
    loaded = [recipes.load(recipes.find(name)) for name in chosen]
    outcomes = [_run_one(recipe, where, options, len(loaded) == 1, as_json) for recipe in loaded]
    _finish(outcomes, as_json)


def _run_one(
    recipe: "Recipe", where: "Settings", options: "Options", alone: bool, as_json: bool
) -> "Report | ConvertError":
    """One recipe's report; its error ends the command only where it runs alone."""
    from convert.pipeline.plan import plan
    from convert.pipeline.run import expected_seconds
    from convert.pipeline.run import run as run_plan
    from convert.render.errors import show_error
    from convert.render.live import live_progress
    from convert.render.report import show_plan, show_report

    try:
        planned = plan(recipe, where, options)
        show_plan(planned)
        with live_progress(recipe.name, expected_seconds(planned)) as progress:
            report = run_plan(planned, progress)
    except ConvertError as error:
        if alone:
            raise
        show_error(error)
        return error
    if not as_json:
        show_report(report, planned.out)
    return report


def _finish(outcomes: list["Report | ConvertError"], as_json: bool) -> None:
    """Show all of it together, and exit by the worst."""
    from convert.render.report import show_json, show_overview

    if as_json:
        show_json(outcomes)
    elif len(outcomes) > 1:
        show_overview(outcomes)
    errors = [outcome for outcome in outcomes if isinstance(outcome, ConvertError)]
    if errors:
        raise typer.Exit(errors[0].exit_code)
    if not all(report.passed for report in outcomes if not isinstance(report, ConvertError)):
        raise typer.Exit(GATE_MISSED)


def _chosen(names: list[str], every: bool, known: list[str]) -> list[str]:
    if bool(names) == every:
        raise UsageError("name recipes to run, or give --all", hint="`convert list` shows them.")
    return known if every else names
