"""What became of several recipes, together."""

from collections.abc import Mapping
from typing import Any

from rich.markup import escape

from convert.audit.words import headline_of, name, title_of
from convert.errors import ConvertError
from convert.render.console import duration, out, print_json, show, table
from convert.render.errors import failure
from convert.render.report import outcome
from convert.report import Report


def show_outcomes(outcomes: Mapping[str, Report | ConvertError], as_json: bool) -> None:
    """All recipes of one command, by name: in one table, or as a list of reports and errors."""
    if as_json:
        print_json([_as_data(recipe, found) for recipe, found in outcomes.items()])
        return
    made = table("recipe", "published", "reference", "time", "remarks", right=("time",))
    made.columns[-1].no_wrap = False
    for recipe, found in outcomes.items():
        made.add_row(recipe, *_summary(recipe, found))
    out().print()
    show(made)


def _as_data(recipe: str, found: Report | ConvertError) -> dict[str, Any]:
    if isinstance(found, ConvertError):
        return {"recipe": recipe, **failure(found)}
    return found.model_dump(mode="json")


def _summary(recipe: str, found: Report | ConvertError) -> list[str]:
    if isinstance(found, ConvertError):
        first = found.message.split("\n")[0].removeprefix(f"{recipe}: ")
        return [f"[red]exit {found.exit_code}[/red]", "", "", escape(first)]
    headline = headline_of(found)
    missing = [f"{name(v)} {outcome(v)}" for v in found.variants if not v.passed]
    return [
        f"{sum(v.passed for v in found.variants)} of {len(found.variants)}",
        f"{title_of(headline)} {found.reference.metrics[headline]:.4f}",
        duration(found.seconds),
        ", ".join(missing),
    ]
