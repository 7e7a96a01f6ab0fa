"""Ratios in the articles' terms, of the fastest runs, beside the figures that are claimed."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from convert.articles.found import Row, Suite
from convert.articles.table import CONVERTER_ON, LINES, SIZES, WEB

_WITHIN = 10.0
"""Milliseconds in which Meet's masks are wanted."""
_AHEAD = 2.0
_CONVERTER = 8.0
_LIVE = ("meet-segmentation-96x160", "meet-segmentation-128x128")
_REFUSED = "meet-segmentation-144x256"


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """How many times faster one runtime is than another on one model."""

    title: str
    claim: str
    """The published figure; "" where none is known."""
    of: Callable[[Row], float | None]


@dataclass(frozen=True, kw_only=True)
class Bar:
    """One bound, and what was found; None where it could not be measured."""

    title: str
    bound: str
    found: str | None
    passed: bool | None


def _faster(quick: str, slow: str) -> Callable[[Row], float | None]:
    return lambda row: quotient(row.ms(slow), row.ms(quick))


# TFLite in WebAssembly: what the articles say. The others: tfjs's own figures for MobileNetV2 on a
# laptop, 893 ms in plain JavaScript, 98.4 in WebAssembly, 30.2 with SIMD, 10.3 with threads, too.
COMPARISONS = (
    Comparison(title="WASM against plain JS", claim="9.1", of=_faster("tfjs-wasm", "tfjs-cpu")),
    Comparison(title="SIMD against WASM", claim="3.3", of=_faster("tfjs-wasm-simd", "tfjs-wasm")),
    Comparison(
        title="threads against SIMD",
        claim="2.9",
        of=_faster("tfjs-wasm-threads", "tfjs-wasm-simd"),
    ),
    Comparison(
        title="TFLite-WASM against tfjs-WASM (SIMD, one thread)",
        claim="1.5 to 2",
        of=_faster("litert-web", "tfjs-wasm-simd"),
    ),
    Comparison(
        title="ort-web against tfjs-WASM (SIMD, one thread)",
        claim="",
        of=_faster("ort-web", "tfjs-wasm-simd"),
    ),
    Comparison(
        title="native against TFLite-WASM (one thread)",
        claim="",
        of=_faster("litert", "litert-web"),
    ),
)


def sizes(suite: Suite) -> Iterator[tuple[Row, Row]]:
    """The rows of one model in two sizes, where both were measured: the larger, the smaller."""
    for large, small in SIZES:
        pair = suite.row(large), suite.row(small)
        if pair[0] and pair[1]:
            yield pair[0], pair[1]


def bars(suite: Suite) -> tuple[Bar, ...]:
    """What is to be beaten."""
    live = [bar for recipe in _LIVE for bar in _live(_title(recipe), suite.row(recipe))]
    return (*live, _converter(suite), _runs(suite))


def best(row: Row | None) -> tuple[float, str] | None:
    """The fastest run in the browser, of any of our files, and its file and runtime."""
    found = [
        (cell.latency.min_ms, f"{cell.runtime}, {cell.scheme}")
        for cell in (row.cells if row else ())
        if cell.latency and cell.runtime in WEB and cell.writer == "ours"
    ]
    return min(found, default=None)


def quotient(long: float | None, short: float | None) -> float | None:
    """How many times longer; None where one is not known."""
    return long / short if long and short else None


def _live(title: str, row: Row | None) -> Iterator[Bar]:
    quick = best(row)
    yield Bar(
        title=f"{title} in the best web runtime",
        bound=f"under {_WITHIN:g} ms",
        found=f"{quick[0]:.2f} ms ({quick[1]})" if quick else None,
        passed=quick[0] < _WITHIN if quick else None,
    )
    ahead = quotient(row.ms("tfjs-wasm-simd"), quick[0]) if row and quick else None
    yield Bar(
        title=f"{title} in the best web runtime against tfjs WASM + SIMD",
        bound=f"at least {_AHEAD:g} times faster",
        found=f"{ahead:.1f} times" if ahead else None,
        passed=ahead >= _AHEAD if ahead else None,
    )


def _converter(suite: Suite) -> Bar:
    line = next(line for line in LINES if line.converter)
    row = suite.row(line.recipe)
    ours = row.median(CONVERTER_ON) if row else None
    theirs = row.median(CONVERTER_ON, writer="converter") if row else None
    # Seconds bound the slower file's runs: a minimum of few is longer than one of many.
    found = quotient(theirs, ours)
    return Bar(
        title=f"{line.title} in tfjs WASM + SIMD, medians: ours against tensorflowjs_converter's",
        bound=f"at least {_CONVERTER:g} times faster",
        found=f"{found:.1f} times: {ours:.0f} ms, {theirs:.0f} ms" if found else None,
        passed=found >= _CONVERTER if found else None,
    )


def _runs(suite: Suite) -> Bar:
    row = suite.row(_REFUSED)
    asked = [cell for cell in (row.cells if row else ()) if cell.runtime.startswith("tfjs")]
    run = [cell.runtime for cell in asked if cell.latency or cell.right]
    return Bar(
        title=f"{_title(_REFUSED)} runs in tfjs",
        bound="on every backend",
        found=f"on {len(run)} of {len(asked)}" if asked else None,
        passed=len(run) == len(asked) if asked else None,
    )


def _title(recipe: str) -> str:
    return next(line.title for line in LINES if line.recipe == recipe)
