"""The page of the articles' tables: times, ratios beside claims, bounds, and what lacks."""

import re

import pytest

from convert.articles.found import Absent, Cell, Row, Suite, Writer
from convert.articles.ratios import bars
from convert.machine import machine
from convert.render.articles import page
from convert.report import BrowserFacts, Latency
from convert.vocabulary import Scheme


def facts(bounded: bool) -> BrowserFacts:
    return BrowserFacts(
        browser="156.0",
        wasm=(),
        workers=0,
        isolated=True,
        clock_us=5,
        load_ms=100,
        first_ms=20,
        warm_up_runs=26,
        requests=6,
        bytes_wire=1_500_000,
        heap_mb=17,
        bounded=bounded,
    )


def cell(
    runtime: str,
    ms: float,
    scheme: Scheme = "float32",
    writer: Writer = "ours",
    bounded: bool = False,
) -> Cell:
    latency = Latency(
        runtime=runtime,
        threads=1,
        min_ms=ms,
        p50_ms=ms * 1.5,
        p90_ms=ms * 2,
        runs=50,
        load=2.5,
        browser=None if runtime in ("litert", "onnxruntime") else facts(bounded),
    )
    return Cell(runtime=runtime, scheme=scheme, writer=writer, latency=latency)


MEET = Row(
    title="Meet 96x160",
    recipe="meet-segmentation-96x160",
    cells=(
        cell("tfjs-cpu", 270.0, bounded=True),
        cell("tfjs-wasm", 30.0),
        cell("tfjs-wasm-simd", 12.0),
        Cell(runtime="tfjs-webgl", scheme="float32", right=True),
        cell("litert-web", 8.0),
        cell("litert-web", 4.0, scheme="uint8"),
        cell("litert", 2.0),
        Cell(runtime="ort-web", scheme="float32", error="the page said no"),
    ),
)
LARGER = Row(
    title="Meet 144x256",
    recipe="meet-segmentation-144x256",
    cells=(cell("litert-web", 24.0), Cell(runtime="tfjs-wasm", scheme="float32", error="refused")),
)


def suite(*rows: Row) -> Suite:
    return Suite(
        convert_version="1",
        machine=machine(),
        runtimes={},
        lacking={"litert-web-threads": "this browser has no threads"},
        runs=50,
        seconds=60,
        rows=rows,
        absent=(Absent(title="BlazeFace", variants=("tfjs-float32",), command="convert run it"),),
    )


def cells(text: str, heading: str, first: str) -> list[str]:
    """The line that begins with `first`, of the section."""
    section = text.split(f"## {heading}")[1].split("\n## ")[0]
    (line,) = re.findall(rf"^\| {re.escape(first)} \|(.*)\|$", section, re.M)
    return [one.strip() for one in line.split("|")]


def test_each_runtime_has_its_column_and_eight_bits_their_own_table() -> None:
    text = page(suite(MEET))
    want = ["270.00 (50†)", "30.00", "12.00", "", "✓", "", "8.00", "", "✗", "2.00", ""]
    assert cells(text, "float32, ms", "Meet 96x160") == want
    assert cells(text, "uint8, ms", "Meet 96x160") == ["", "4.00", "", "", "", ""]
    assert "- Meet 96x160, ort-web, float32 file: the page said no" in text
    assert "Chromium 156.0; load average 2.5 to 2.5" in text


def test_no_table_is_made_of_what_was_not_measured() -> None:
    assert "## uint8" not in page(suite(LARGER))


def test_ratios_are_of_the_fastest_runs_beside_the_claims() -> None:
    text = page(suite(MEET, LARGER))
    assert cells(text, "Ratios", "*claimed*")[:4] == ["9.1", "3.3", "2.9", "1.5 to 2"]
    assert cells(text, "Ratios", "Meet 96x160") == [
        *("9.0", "2.5", "", "1.5", "", "4.0"),
        "4.00 ms, litert-web, uint8",
    ]
    assert cells(text, "Ratios", "Meet 144x256 against Meet 96x160")[6] == "3.0"


def test_a_cold_start_is_loading_and_the_first_run() -> None:
    assert cells(page(suite(MEET)), "Cold start", "Meet 96x160") == [
        *("120, 1.50, 17", "120, 1.50, 17", ""),
    ]


def test_what_is_not_measured_is_told_with_the_reason_or_the_command() -> None:
    text = page(suite(MEET))
    assert "- litert-web-threads: this browser has no threads" in text
    assert "- BlazeFace: tfjs-float32. `convert run it`" in text


@pytest.mark.parametrize(
    ("theirs", "passed", "words"), [(96.0, True, "8.0 times"), (60.0, False, "5.0 times")]
)
def test_the_converters_file_is_held_against_ours(theirs: float, passed: bool, words: str) -> None:
    ours = cell("tfjs-wasm-simd", 12.0)
    other = cell("tfjs-wasm-simd", theirs, writer="converter")
    row = Row(title="DeepLab", recipe="deeplab-mnv2-dm05", cells=(ours, other))
    (bar,) = (bar for bar in bars(suite(row)) if "converter" in bar.title)
    assert bar.passed is passed
    assert bar.found == f"{words}: 18 ms, {theirs * 1.5:.0f} ms"


def test_bounds_are_met_missed_or_not_measured_and_the_page_says_which() -> None:
    text = page(suite(MEET, LARGER))
    best = "Meet 96x160 in the best web runtime"
    assert cells(text, "To beat", best)[1:] == ["4.00 ms (litert-web, uint8)", "yes"]
    ahead = f"{best} against tfjs WASM + SIMD"
    assert cells(text, "To beat", ahead)[1:] == ["3.0 times", "yes"]
    assert cells(text, "To beat", "Meet 144x256 runs in tfjs")[1:] == ["on 0 of 1", "**no**"]
    other = "Meet 128x128 in the best web runtime"
    assert cells(text, "To beat", other)[1:] == ["", "not measured"]
