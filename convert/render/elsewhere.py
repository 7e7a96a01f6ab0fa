"""What the runtimes of the browser made of each file."""

from collections.abc import Iterator

from rich.markup import escape
from rich.table import Table

from convert.render.console import out, show, table
from convert.report import Elsewhere, Report, Variant


def show_elsewhere(report: Report, headline: str, title: str) -> None:
    """A line a file and runtime; nothing where none was asked for."""
    pairs = [(variant, found) for variant in report.variants for found in variant.web]
    if not pairs:
        return
    out().print(f"\nin Chromium {pairs[0][1].browser}, against the same pictures' reference\n")
    show(_table(pairs, headline, title))
    for line in _remarks(pairs):
        out().print(line, soft_wrap=True)


def _table(pairs: list[tuple[Variant, Elsewhere]], headline: str, title: str) -> Table:
    figures = ("pictures", title, "drop", "agree")
    made = table("variant", "runtime", *figures, "", right=figures)
    for variant, found in pairs:
        made.add_row(f"{variant.target}-{variant.scheme}", *_cells(found, headline))
    return made


def _cells(found: Elsewhere, headline: str) -> list[str]:
    sound = (
        "[green]right[/]" if found.passed else "[red]wrong[/]" if found.images else "[red]not[/]"
    )
    if not found.metrics:
        return [found.runtime, "", "", "", "", sound]
    measured = found.metrics[headline]
    return [
        found.runtime,
        str(found.images),
        f"{measured.value:.4f}",
        # Adding zero turns -0.00 into 0.00.
        f"{round(100 * (measured.drop or 0), 2) + 0:.2f}",
        f"{found.metrics['agreement'].value:.2%}",
        sound,
    ]


def _remarks(pairs: list[tuple[Variant, Elsewhere]]) -> Iterator[str]:
    for variant, found in pairs:
        if found.error:
            name = f"{variant.target}-{variant.scheme}"
            yield f"[red]{name} on {found.runtime}[/]: {escape(found.error)}"
