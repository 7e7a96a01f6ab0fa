"""The articles' tables as a page and as JSON."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from rich.markup import escape

from convert.articles.found import Cell, Row, Suite
from convert.articles.ratios import COMPARISONS, bars, best, quotient, sizes
from convert.articles.table import COLUMNS, CONVERTER_ON, SCHEMES
from convert.render.console import err, out, print_json
from convert.store import write_text
from convert.vocabulary import Scheme

PAGE, DATA = "benchmarks.md", "benchmarks.json"
_SIDE_BY_SIDE = ("tfjs-wasm-simd", "litert-web", "ort-web")
_HEAD = """\
# The articles' tables

Written by `convert bench --suite articles`; every figure is in [{data}]({data}).

{machine}, {cores} cores; {browser}; load average {load} while it ran. Each cell: the fastest of at
most {runs} runs, in ms, all files of a row taking turns in the browser, each in a page of its own
that was warmed up; native runtimes apart, with one thread. The load of a machine only adds to
times: compare within a row, not across pages like this one. Runs read drawn random tensors, no
pictures: what the files answer is measured by `convert verify`.
"""
_MARKS = """\
(n†): so slow that its {seconds:g} s, or the half of them to warm up, were over early, after n timed
runs. ✓ WebGL is drawn by the CPU here: it answers right, and its time would say nothing. ✗ it
failed or answers wrongly, see below.
"""
_CLAIMS = """\
Times faster, of the fastest runs. The claims are the articles' for TFLite-WASM, and tfjs's own for
MobileNetV2 on a laptop; "" where none is known. The fastest of few runs is longer than that of
many: a ratio with a (n†) cell favours the other one.
"""


def show_articles(suite: Suite, folder: Path, as_json: bool) -> None:
    """Write the page and the JSON into `folder`, and say what stands there."""
    write_text(folder / PAGE, page(suite))
    write_text(folder / DATA, suite.model_dump_json(indent=1, exclude_none=True) + "\n")
    for runtime, reason in suite.lacking.items():
        err().print(f"{runtime} is left out: {escape(reason)}", soft_wrap=True)
    for absent in suite.absent:
        files = ", ".join(absent.variants)
        err().print(f"{absent.title} lacks {files}: {absent.command}", soft_wrap=True)
    if as_json:
        print_json(suite)
        return
    for bar in bars(suite):
        out().print(f"{bar.title}: {bar.bound}; {bar.found or 'not measured'}", soft_wrap=True)
    out().print(f"{len(suite.rows)} rows in {folder / PAGE}", soft_wrap=True)


def page(suite: Suite) -> str:
    """The whole page, in Markdown."""
    parts = [_head(suite)]
    for scheme in SCHEMES:
        table = _times(suite, scheme)
        if table:
            parts += [f"## {scheme}, ms\n", table]
    parts += [_MARKS.format(seconds=suite.seconds), *_failures(suite)]
    parts += ["## Ratios\n", _CLAIMS, _ratios(suite), *_sizes(suite)]
    parts += ["## To beat\n", _bars(suite)]
    parts += ["## Cold start\n", _cold(suite)]
    parts += _missing(suite)
    return "\n".join(parts)


def _head(suite: Suite) -> str:
    times = [cell.latency for row in suite.rows for cell in row.cells if cell.latency]
    loads = sorted(one.load for one in times)
    pages = [one.browser for one in times if one.browser]
    return _HEAD.format(
        data=DATA,
        machine=suite.machine.processor,
        cores=suite.machine.cores,
        browser=f"Chromium {pages[0].browser}" if pages else "no browser",
        load=f"{loads[0]:.1f} to {loads[-1]:.1f}" if loads else "unknown",
        runs=suite.runs,
    )


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _times(suite: Suite, scheme: Scheme) -> str:
    """A line a model and a column a runtime; "" where no file of the scheme was measured."""
    columns = [column for column in COLUMNS if scheme in column.schemes]
    rows = [
        [row.title, *(_cell(row.cell(column.runtime, scheme)) for column in columns)]
        for row in suite.rows
        if any(cell.scheme == scheme for cell in row.cells)
    ]
    return _table(["model", *(column.title for column in columns)], rows) if rows else ""


def _cell(cell: Cell | None) -> str:
    if cell is None:
        return ""
    if cell.latency is None:
        return "✓" if cell.right else "✗"
    bounded = cell.latency.browser is not None and cell.latency.browser.bounded
    return f"{cell.latency.min_ms:.2f}{f' ({cell.latency.runs}†)' if bounded else ''}"


def _failures(suite: Suite) -> Iterator[str]:
    """What each cell that failed said."""
    for row in suite.rows:
        for cell in row.cells:
            if cell.error:
                file = f"{cell.scheme} file{'' if cell.writer == 'ours' else ' of the converter'}"
                yield f"- {row.title}, {cell.runtime}, {file}: {cell.error}\n"


def _ratios(suite: Suite) -> str:
    head = ["model", *(one.title for one in COMPARISONS), "best in the browser"]
    claims = ["*claimed*", *(one.claim for one in COMPARISONS), ""]
    rows = [
        [row.title, *(_times_faster(one.of(row)) for one in COMPARISONS), _best(row)]
        for row in suite.rows
    ]
    return _table(head, [claims, *rows])


def _times_faster(value: float | None) -> str:
    return f"{value:.1f}" if value else ""


def _best(row: Row) -> str:
    found = best(row)
    return f"{found[0]:.2f} ms, {found[1]}" if found else ""


def _sizes(suite: Suite) -> Iterator[str]:
    """The larger model of two against the smaller, on each runtime."""
    pairs = list(sizes(suite))
    if not pairs:
        return
    head = ["larger against smaller, times longer", *(column.title for column in COLUMNS)]
    rows = [
        [
            f"{large.title} against {small.title}",
            *(
                _times_faster(quotient(large.ms(column.runtime), small.ms(column.runtime)))
                for column in COLUMNS
            ),
        ]
        for large, small in pairs
    ]
    yield _table(head, rows)


def _bars(suite: Suite) -> str:
    words = {True: "yes", False: "**no**", None: "not measured"}
    rows = [[bar.title, bar.bound, bar.found or "", words[bar.passed]] for bar in bars(suite)]
    return _table(["what", "bound", "found", "met"], rows) + (
        "\nThe converter's file is what tensorflowjs_converter's writer makes of the same frozen "
        "graph, cut at the same ends and without a pass of ours; it takes its turns in the row's "
        f"own rounds, on {CONVERTER_ON}.\n"
    )


def _cold(suite: Suite) -> str:
    """From an empty page to the first answer, what is sent, and memory."""
    head = ["model", *(f"{name}: ms, MB sent, MB heap" for name in _SIDE_BY_SIDE)]
    rows = [
        [row.title, *(_start(row.cell(name, "float32")) for name in _SIDE_BY_SIDE)]
        for row in suite.rows
    ]
    return (
        "From an empty page to the first answer with the float32 file, bytes after brotli, and "
        "WebAssembly's memory.\n\n" + _table(head, rows)
    )


def _start(cell: Cell | None) -> str:
    found = cell.latency.browser if cell and cell.latency else None
    if found is None:
        return ""
    cold = found.load_ms + found.first_ms
    return f"{cold:.0f}, {found.bytes_wire / 1e6:.2f}, {found.heap_mb:.0f}"


def _missing(suite: Suite) -> Iterator[str]:
    """What was not measured and how it would be."""
    if suite.lacking or suite.absent:
        yield "## Not measured\n"
    for runtime, reason in suite.lacking.items():
        yield f"- {runtime}: {reason}\n"
    for absent in suite.absent:
        yield f"- {absent.title}: {', '.join(absent.variants)}. `{absent.command}`\n"
