"""The times of pages, with what only pages have to tell."""

from collections.abc import Sequence

from rich.markup import escape

from convert.render.console import out, show, table
from convert.report import BrowserFacts, Latency

_ABOUT = (
    "threads",
    "min ms",
    "p25",
    "p50",
    "runs",
    "cold ms",
    "files",
    "MB sent",
    "heap MB",
    "load",
)


def show_pages(times: Sequence[tuple[str, Latency, BrowserFacts]]) -> None:
    """A line a file and runtime, the fastest first; cold is from empty page to first answer."""
    made = table("variant", "runtime", *_ABOUT, right=_ABOUT)
    for name, item, page in sorted(times, key=lambda one: one[1].min_ms):
        made.add_row(name.partition("@")[0], *_cells(item, page))
    show(made)
    page = times[0][2]
    isolated = "isolated" if page.isolated else "not isolated: no threads"
    out().print(f"\nChromium {page.browser}, {isolated}, a clock of {page.clock_us:.0f} µs")
    for name, _, one in times:
        for remark in _remarks(one):
            out().print(f"{escape(name)}: {remark}", soft_wrap=True)


def _cells(item: Latency, page: BrowserFacts) -> list[str]:
    mark = "*" if page.correctness_only else ""
    return [
        f"{item.runtime}{mark}",
        str(item.threads),
        f"{item.min_ms:.2f}",
        f"{item.p25_ms:.2f}" if item.p25_ms else "",
        f"{item.p50_ms:.2f}",
        str(item.runs),
        f"{page.load_ms + page.first_ms:.0f}",
        str(page.requests),
        f"{page.bytes_wire / 1e6:.2f}",
        f"{page.heap_mb:.0f}",
        f"{item.load:.1f}",
    ]


def _remarks(page: BrowserFacts) -> list[str]:
    found = []
    if page.wasm:
        found.append(f"loaded {', '.join(page.wasm)}, {page.workers} workers")
    if page.correctness_only:
        found.append("* its GPU is drawn by the CPU: right answers, and times that say nothing")
    if page.bounded:
        found.append("so slow that its time was over before all runs were done")
    return found
