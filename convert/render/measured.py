"""What verify and bench found on a published folder."""

from collections.abc import Mapping

from rich.markup import escape

from convert.errors import RuntimeFailure
from convert.pipeline.again import Verified
from convert.render.console import err, out, print_json, show, table
from convert.render.pages import show_pages
from convert.report import Latency
from convert.stages.bench import Outcome


def show_verified(found: Verified, as_json: bool) -> None:
    """Each figure beside the one that was published."""
    if as_json:
        print_json(found)
        return
    made = table("figure", "found", "published", right=("found", "published"))
    for name, value in found.metrics.items():
        made.add_row(name, f"{value:.4f}", f"{found.published[name]:.4f}")
    out().print(
        f"{escape(found.path)} on {found.runtime}: digests good, golden output within "
        f"{found.golden_difference:.2g} of its range",
        soft_wrap=True,
    )
    if found.metrics:
        which = "those" if found.same_pictures else "not as many as those"
        out().print(f"{found.images} pictures, {which} of the published figures\n")
        show(made)
        out().print()
    out().print("[green]as published[/green]" if found.passed else "[red]not as published[/red]")


def show_times(found: Mapping[tuple[str, int], Outcome], as_json: bool) -> None:
    """A line a variant and thread count."""
    times = {key: item for key, item in found.items() if not isinstance(item, RuntimeFailure)}
    for (name, threads), item in found.items():
        if isinstance(item, RuntimeFailure):
            at = "" if "@" in name else f", {threads} threads"
            err().print(f"{name}{at}: {escape(item.message)}", soft_wrap=True)
    if as_json:
        rows = [
            {"variant": _variant(name), **item.model_dump()} for (name, _), item in times.items()
        ]
        print_json(rows)
        return
    ordered = sorted(times.items(), key=lambda pair: (pair[0][1], pair[0][0]))
    native = [(name, item) for (name, _), item in ordered if item.browser is None]
    pages = [(name, item, item.browser) for (name, _), item in ordered if item.browser]
    if native:
        figures = ("threads", "min ms", "p50", "p90", "ratio", "MB", "delegated", "load")
        made = table("variant", "runtime", *figures, right=figures)
        for name, item in native:
            made.add_row(name, *_cells(item))
        show(made)
    if pages:
        show_pages(pages)


def _cells(item: Latency) -> list[str]:
    taken = "" if item.delegated_ops is None else f"{item.delegated_ops}/{item.total_ops}"
    return [
        item.runtime,
        str(item.threads),
        *(f"{value:.2f}" for value in (item.min_ms, item.p50_ms, item.p90_ms)),
        f"{item.ratio_to_float32:.2f}" if item.ratio_to_float32 else "",
        f"{item.peak_rss_mb:.0f}" if item.peak_rss_mb else "",
        taken,
        f"{item.load:.1f}",
    ]


def _variant(name: str) -> str:
    """The variant of a job's key, which in the browser names the runtime, too."""
    return name.partition("@")[0]
