"""The table that a person wants at the end of a run."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.markup import escape
from rich.table import Table

from convert.errors import ConvertError
from convert.metrics import METRICS
from convert.pipeline.plan import Plan
from convert.render.console import duration, err, out, print_json
from convert.report import Latency, Report, Variant


def show_plan(plan: Plan) -> None:
    """What is about to be done, on stderr."""
    recipe = plan.recipe
    err().print(f"[bold]{recipe.name}[/bold]: {escape(recipe.title)} ({recipe.license.id})")
    err().print(
        f"  {len(plan.variants)} variants: {', '.join(map(str, plan.variants))}\n"
        f"  calibrated on {len(plan.calibration)} pictures, "
        f"measured on {len(plan.evaluation)} of {plan.dataset}, published in {plan.out}",
        soft_wrap=True,
    )


def show_json(outcomes: Sequence[Report | ConvertError]) -> None:
    """One report, or a list of reports and errors."""
    if len(outcomes) == 1:
        print_json(outcomes[0])
    else:
        print_json([_as_data(outcome) for outcome in outcomes])


def _as_data(outcome: Report | ConvertError) -> dict[str, Any]:
    if isinstance(outcome, ConvertError):
        return {"error": outcome.message, "hint": outcome.hint, "exit_code": outcome.exit_code}
    return outcome.model_dump(mode="json")


def show_report(report: Report, folder: Path) -> None:
    """Variant, bytes, ratio, figure, drop and its interval, ms, ratio, gates."""
    headline = headline_of(report)
    reference = report.reference
    out().print(
        f"\n[bold]{report.recipe}[/bold]  reference {headline} "
        f"{reference.metrics[headline]:.4f} over {reference.images} pictures of "
        f"{reference.dataset} {reference.split}; cut proven: {report.cut.figure} "
        f"{report.cut.value:.6g} over {report.cut.images} pictures",
        soft_wrap=True,
    )
    out().print(_table(report, headline))
    for variant in report.variants:
        if variant.error:
            out().print(f"[red]{name(variant)}[/red]: {escape(variant.error)}", soft_wrap=True)
    published = sum(variant.passed for variant in report.variants)
    out().print(
        f"{published} of {len(report.variants)} published in {folder} "
        f"in {duration(report.seconds)}",
        soft_wrap=True,
    )


def headline_of(report: Report) -> str:
    """The figure that this report's gates judge."""
    known = {metric.HEADLINE for metric in METRICS.values()}
    return next(figure for figure in report.reference.metrics if figure in known)


def name(variant: Variant) -> str:
    """Such as `tflite-uint8`."""
    return f"{variant.target}-{variant.scheme}"


def _table(report: Report, headline: str) -> Table:
    table = Table(header_style="bold", pad_edge=False)
    table.add_column("variant", no_wrap=True)
    for title in ("bytes", "ratio", headline, "drop ± 95 %", "agreement", "ms", "ratio", "MB"):
        table.add_column(title, justify="right", no_wrap=True)
    table.add_column("gates")
    base = {v.target: v for v in report.variants if v.scheme == "float32"}
    for variant in report.variants:
        table.add_row(name(variant), *_cells(variant, base.get(variant.target), headline))
    return table


def _cells(variant: Variant, float32: Variant | None, headline: str) -> list[str]:
    one = next((item for item in variant.latency if item.threads == 1), None)
    return [
        f"{variant.bytes:,}" if variant.bytes else "",
        _ratio(variant.bytes, float32.bytes if float32 else None),
        f"{variant.metrics[headline].value:.4f}" if variant.metrics else "",
        _drop(variant, headline),
        f"{variant.metrics['agreement'].value:.2%}" if variant.metrics else "",
        *_times(one),
        _gates(variant),
    ]


def _ratio(value: int | None, base: int | None) -> str:
    return f"{value / base:.2f}" if value and base else ""


def _times(latency: Latency | None) -> tuple[str, str, str]:
    if latency is None:
        return "", "", ""
    ratio = f"{latency.ratio_to_float32:.2f}" if latency.ratio_to_float32 else ""
    memory = f"{latency.peak_rss_mb:.0f}" if latency.peak_rss_mb else ""
    return f"{latency.p50_ms:.2f}", ratio, memory


def _drop(variant: Variant, headline: str) -> str:
    """In points: 0.01 of mIoU is one."""
    if not variant.metrics:
        return ""
    measured = variant.metrics[headline]
    text = f"{100 * (measured.drop or 0):+.2f}"
    if measured.drop_ci95:
        low, high = (100 * bound for bound in measured.drop_ci95)
        text += f" ({low:+.2f} to {high:+.2f})"
    return text


def _gates(variant: Variant) -> str:
    if variant.error:
        return "[red]failed[/red]"
    missed = [
        f"{gate.gate} {_figure(gate.value)} > {gate.bound:g}"
        for gate in variant.gates
        if not gate.passed
    ]
    return f"[red]refused: {escape(', '.join(missed))}[/red]" if missed else "[green]passed[/green]"


def _figure(value: float | None) -> str:
    return "not taken" if value is None else f"{value:.4g}"


def show_overview(outcomes: Sequence[Report | ConvertError]) -> None:
    """All recipes of one command in one table."""
    table = Table(
        "recipe", "reference", "published", "refused", "failed", "time", header_style="bold"
    )
    for outcome in outcomes:
        if isinstance(outcome, ConvertError):
            table.add_row("[red]error[/red]", escape(outcome.message.split("\n")[0]), *[""] * 4)
        else:
            table.add_row(*_overview_cells(outcome))
    out().print(table)


def _overview_cells(report: Report) -> list[str]:
    headline = headline_of(report)
    failed = [name(v) for v in report.variants if v.error]
    refused = [name(v) for v in report.variants if not v.passed and not v.error]
    return [
        report.recipe,
        f"{headline} {report.reference.metrics[headline]:.4f}",
        str(sum(v.passed for v in report.variants)),
        ", ".join(refused),
        ", ".join(failed),
        duration(report.seconds),
    ]
