"""The table that a person wants at the end of a run."""

from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

from rich.markup import escape
from rich.table import Table

from convert.audit.words import headline_of, name, points, title_of, why_not
from convert.render.console import duration, err, out, roomy, show, table
from convert.render.elsewhere import show_elsewhere
from convert.report import Latency, Report, Variant

_NAMED = 3
"""Layers that a remark names; report.json has more."""
_SOUND = {"passed": "green", "refused": "yellow", "failed": "red"}


def show_report(report: Report, folder: Path) -> None:
    """Variant, bytes, ratio, figure, drop and its interval, agreement, ms, ratio, gates."""
    headline = headline_of(report)
    reference, cut = report.reference, report.cut
    err().print()
    out().print(
        f"[bold]{report.recipe}[/bold]\n"
        f"  reference  {title_of(headline)} {reference.metrics[headline]:.4f} on "
        f"{reference.images} pictures of {reference.dataset} {reference.split}\n"
        f"  cut        {cut.figure} {cut.value:.3g} with the uncut graph, {cut.images} pictures\n",
        soft_wrap=True,
    )
    show(_table(report, headline))
    out().print("\ndrop in points with its 95 % interval; x: against the target's float32")
    for line in _remarks(report):
        out().print(line, soft_wrap=True)
    show_elsewhere(report, headline, title_of(headline))
    published = sum(variant.passed for variant in report.variants)
    out().print(
        f"{published} of {len(report.variants)} published in {escape(str(folder))} "
        f"in {duration(report.seconds)}",
        soft_wrap=True,
    )


def outcome(variant: Variant) -> str:
    """One of `passed`, `refused` (by a gate), `failed`."""
    return "failed" if variant.error else "passed" if variant.passed else "refused"


def _table(report: Report, headline: str) -> Table:
    figure = title_of(headline)
    figures = ("bytes", "x", figure, "drop", *(("agree",) if roomy() else ()), "ms", "x")
    made = table("variant", *figures, "gates", right=figures)
    for _, group in groupby(report.variants, lambda variant: variant.target):
        variants = list(group)
        base = next((v for v in variants if v.scheme == "float32"), None)
        for variant in variants:
            made.add_row(*_cells(variant, base, headline))
        made.add_section()
    return made


def _cells(variant: Variant, float32: Variant | None, headline: str) -> list[str]:
    one = next((item for item in variant.latency if item.threads == 1), None)
    sound = outcome(variant)
    agree = _share(variant.metrics["agreement"].value) if variant.metrics else ""
    return [
        name(variant),
        f"{variant.bytes:,}" if variant.bytes else "",
        _ratio(variant.bytes, float32.bytes if float32 else None),
        f"{variant.metrics[headline].value:.4f}" if variant.metrics else "",
        _drop(variant, headline),
        *([agree] if roomy() else []),
        *_times(one),
        f"[{_SOUND[sound]}]{sound}[/]",
    ]


def _ratio(value: int | None, base: int | None) -> str:
    return f"{value / base:.2f}" if value and base else ""


def _share(value: float) -> str:
    return "100%" if value == 1 else f"{value:.2%}"


def _times(latency: Latency | None) -> tuple[str, str]:
    if latency is None:
        return "", ""
    ratio = f"{latency.ratio_to_float32:.2f}" if latency.ratio_to_float32 else ""
    return f"{latency.p50_ms:.2f}", ratio


def _drop(variant: Variant, headline: str) -> str:
    """In points: 0.01 of mIoU is one."""
    if not variant.metrics:
        return ""
    measured = variant.metrics[headline]
    text = points(measured.drop or 0)
    if measured.drop_ci95:
        low, high = map(points, measured.drop_ci95)
        text += f" [dim]({low}…{high})[/dim]"
    return text


def _remarks(report: Report) -> Iterator[str]:
    """A line for each variant that is not published, with the reason."""
    for variant in report.variants:
        sound = outcome(variant)
        if sound != "passed":
            yield f"[{_SOUND[sound]}]{name(variant)} {sound}[/]: {escape(why_not(variant))}"
        yield from map(escape, _eight_bits(variant))


def _eight_bits(variant: Variant) -> Iterator[str]:
    """What harms a refused file most, and what stays in float, or would have to."""
    head = variant.sensitivity
    if head:
        for kind, harms in (("weights", head.weights), ("activations", head.activations)):
            if harms:
                named = ", ".join(f"{one.name} {one.disagreement:.2%}" for one in harms[:_NAMED])
                yield f"  most harm by {kind}: {named} ({head.unit}, each alone)"
    found = variant.mixed
    if found:
        kept = f"{len(found.kept_float)} nodes in float"
        says = (
            "keeps"
            if variant.scheme == "mixed"
            else "would pass with"
            if found.passed
            else ("would not pass even with")
        )
        of = name(variant) if variant.scheme == "mixed" else f"{variant.target}-mixed"
        yield (
            f"  {of} {says} {kept}: agreement {_share(found.agreement)} on {found.pictures} "
            f"calibration pictures, {found.bytes:,} bytes"
            + (f", {found.latency_ratio:.2f} of its time" if found.latency_ratio else "")
        )
