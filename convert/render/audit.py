"""The audit in a terminal, and where its files went."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from rich.markup import escape

from convert.audit.budget import Answer, Choice
from convert.audit.rows import Row
from convert.audit.words import points, size, title_of
from convert.render.console import out, roomy, show, table
from convert.report import Measured

_SOUND = {"published": "green", "refused": "yellow", "failed": "red"}


def show_audit(rows: Sequence[Row]) -> None:
    """Every variant of every recipe in one table; a star marks those on a front."""
    figures = ("accuracy", "drop", "disk", "brotli", "ms")
    wide = ("front",) if roomy(110) else ()
    made = table("recipe", "variant", *figures, *wide, "outcome", right=figures)
    before = ""
    for row in rows:
        if before and row.recipe != before:
            made.add_section()
        made.add_row("" if row.recipe == before else row.recipe, *_cells(row, bool(wide)))
        before = row.recipe
    show(made)
    out().print(
        "\n* no published variant is as good and costs less, in bytes, brotli or ms; "
        "drop in points with its 95 % interval; ms: fastest run, 1 thread"
    )
    for row in rows:
        if row.outcome != "published":
            style = _SOUND[row.outcome]
            out().print(
                f"[{style}]{row.recipe} {row.variant} {row.outcome}[/]: {escape(row.why)}",
                soft_wrap=True,
            )


def show_answers(answers: Sequence[Answer]) -> None:
    """For each recipe: publish this one, and the next best."""
    for answer in answers:
        out().print(f"\n[bold]{answer.recipe}[/bold], {answer.budget}")
        if answer.best is None:
            out().print("  [red]nothing published keeps to it[/red]")
        else:
            _choice("publish  ", answer.best)
            if answer.next_best:
                _choice("next best", answer.next_best)
            out().print(f"  [dim]ranked by {answer.ranked_by}[/dim]")
        missed = "; ".join(f"{variant}, {why}" for variant, why in answer.misses.items())
        if missed:
            out().print(f"  [dim]out: {escape(missed)}[/dim]", soft_wrap=True)


def show_written(written: Mapping[str, Path]) -> None:
    """What was written where."""
    for what, path in written.items():
        out().print(f"{what:<10} {escape(str(path))}", soft_wrap=True)


def _cells(row: Row, wide: bool) -> list[str]:
    own = row.metrics.get(row.headline)
    star = "*" if row.fronts else ""
    times = ", ".join(f"{one.min_ms:.2f}" for one in row.times.values())
    return [
        f"{row.variant}{star}"
        if row.fronts or row.outcome != "published"
        else f"[dim]{row.variant}[/]",
        f"{title_of(row.headline)} {own.value:.4f}" if own else "",
        _drop(own),
        size(row.bytes) if row.bytes else "",
        size(row.bytes_brotli) if row.bytes_brotli else "",
        times,
        *([", ".join(row.fronts)] if wide else []),
        f"[{_SOUND[row.outcome]}]{row.outcome}[/]",
    ]


def _drop(own: Measured | None) -> str:
    if own is None:
        return ""
    interval = f" [dim]({'…'.join(map(points, own.drop_ci95))})[/]" if own.drop_ci95 else ""
    return f"{points(own.drop or 0)}{interval}"


def _choice(word: str, choice: Choice) -> None:
    doubt = f"; [yellow]{choice.doubt}[/yellow]" if choice.doubt else ""
    out().print(f"  {word} [bold]{choice.variant}[/bold]: {choice.says}{doubt}", soft_wrap=True)
