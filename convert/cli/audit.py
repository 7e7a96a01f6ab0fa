"""Commands that decide from what runs found: audit and why."""

import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from convert.cli.app import GATE_MISSED, command
from convert.cli.options import AsJson, DatasetDir

if TYPE_CHECKING:
    from convert.audit.budget import Answer
    from convert.audit.section import Section


@command("audit", "Size against accuracy against time: table, page, budget.")
def audit(
    names: Annotated[
        list[str] | None,
        typer.Argument(help="Recipes that were run; default: all.", metavar="NAME..."),
    ] = None,
    budget: Annotated[
        str | None,
        typer.Option(help='Such as "bytes<=1MB, miou_drop<=0.005".', metavar="BOUNDS"),
    ] = None,
    html: Annotated[
        Path | None, typer.Option("--html", help="Write the page.", metavar="FILE")
    ] = None,
    plots: Annotated[
        Path | None, typer.Option(help="Write each chart as SVG and PNG.", metavar="DIR")
    ] = None,
    markdown: Annotated[
        Path | None, typer.Option(help="Write the table as Markdown.", metavar="FILE")
    ] = None,
    csv: Annotated[
        Path | None, typer.Option("--csv", help="Write the table as CSV.", metavar="FILE")
    ] = None,
    catalogue: Annotated[
        bool, typer.Option("--catalogue", help="Write models/out/catalogue.html, too.")
    ] = False,
    explain: Annotated[
        bool, typer.Option("--why", help="Time published files against the roofline, too.")
    ] = False,
    worst: Annotated[
        int, typer.Option(min=0, help="Worst pictures of a variant on the page.", metavar="N")
    ] = 3,
    dataset: DatasetDir = None,
    as_json: AsJson = False,
) -> None:
    """Show what every report found, side by side, and which variants are worth publishing.

    A variant is on a front where no published one of its recipe is as good and costs less.
    --budget names the one to publish and the next best; the exit code is 1 where a recipe has none.
    The page of --html needs no network, and no other file.
    """
    from convert.audit.budget import answers, parse_budget
    from convert.audit.drawing import require_charts
    from convert.pipeline.audit import AuditOptions, read_reports
    from convert.pipeline.audit import audit as gather
    from convert.pipeline.settings import settings
    from convert.render.audit import show_answers, show_audit, show_written
    from convert.render.console import print_json
    from convert.render.live import live_progress

    terms = parse_budget(budget) if budget is not None else ()
    if html or plots:
        require_charts()
    where = settings()
    reports = read_reports(where.out, names or ())
    options = AuditOptions(
        dataset=dataset, pictures=worst if html else 0, explain=explain, details=bool(html or plots)
    )
    with live_progress("audit") as progress:
        sections = gather(reports, where, options, progress)
    rows = [row for section in sections for row in section.rows]
    found = answers(terms, rows) if terms else ()
    written = _write(sections, found, html, plots, markdown, csv)
    if catalogue:
        from convert.audit.catalogue import write_catalogue

        written["catalogue"] = write_catalogue(where.out)
    if as_json:
        print_json([*rows, *found])
    else:
        show_audit(rows)
        show_answers(found)
        show_written(written)
    if any(answer.best is None for answer in found):
        raise typer.Exit(GATE_MISSED)


def _write(
    sections: "Sequence[Section]",
    found: "Sequence[Answer]",
    html: Path | None,
    plots: Path | None,
    markdown: Path | None,
    csv: Path | None,
) -> dict[str, Path]:
    """Every file that was asked for, by what it is."""
    from convert.audit import drawing, page, tables
    from convert.store import write_bytes, write_text

    rows = [row for section in sections for row in section.rows]
    written = {}
    if html:
        write_text(html, page.page(sections, found, shlex.join(["convert", *sys.argv[1:]])))
        written["page"] = html
    for name, chart in page.plots(sections).items() if plots else ():
        assert plots
        write_text(plots / f"{name}.svg", drawing.svg(chart))
        write_bytes(plots / f"{name}.png", drawing.png(chart))
        written["plots"] = plots
    if markdown:
        write_text(markdown, tables.markdown(rows))
        written["Markdown"] = markdown
    if csv:
        write_text(csv, tables.as_csv(rows))
        written["CSV"] = csv
    return written


@command("why", "Say where a published file's time goes, against the roofline.")
def why(
    paths: Annotated[
        list[Path],
        typer.Argument(help="Published variants, or a recipe's folder of them.", metavar="PATH..."),
    ],
    runs: Annotated[int, typer.Option(min=10, help="Timed runs of each.", metavar="N")] = 50,
    as_json: AsJson = False,
) -> None:
    """Say why a file is as slow as it is, and what would help, in one sentence.

    Counts its multiply-adds and the bytes it moves, shows which operators the fast kernels take
    and which turn numbers to and fro, and sets its time against this machine's roofs: the most
    multiply-adds and bytes a second, measured in the same minutes with one thread.
    """
    from convert.pipeline.audit import explain
    from convert.render.live import live_progress
    from convert.render.why import show_whys

    with live_progress("why") as progress:
        found = explain(paths, runs, progress)
    show_whys(found, as_json)
