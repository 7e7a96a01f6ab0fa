"""The articles' tables: filled from what is published, row by row, and never twice."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from convert.articles.found import Suite
from convert.articles.table import COLUMNS, WEB

pytestmark = pytest.mark.slow

SUITE = ("bench", "--suite", "articles", "--runs", "10", "--seconds", "1")
FIRST, SECOND = "mobilenet-v1-025-128", "deeplab-mnv2-dm05"
NATIVE = {column.runtime for column in COLUMNS} - set(WEB)


@pytest.fixture
def home(road: Any, convert_in: Any, tmp_path: Path) -> Any:
    """The embedded model's files stand where two of the articles' models would."""
    for name in (FIRST, SECOND):
        shutil.copytree(road.out, tmp_path / "models" / "out" / name)
    return convert_in(tmp_path)


def without_browser(home: Any) -> Any:
    """The same, where no program is on PATH."""
    home.settings.update(PATH="/nowhere", CONVERT_BROWSER="")
    return home


def found(home: Any) -> Suite:
    return Suite.model_validate_json((home.home / "docs" / "benchmarks.json").read_bytes())


def test_a_suite_that_was_broken_off_goes_on_with_the_next_row(home: Any) -> None:
    convert = without_browser(home)
    code, said = convert.interrupted_at("row 2 of 2", *SUITE)
    assert code == 130, said
    assert not (convert.home / "docs").exists()
    (kept,) = (convert.home / "models/work/articles").glob(f"{FIRST}-*/row.json")
    before = kept.stat().st_mtime_ns
    done = convert(*SUITE)
    assert done.returncode == 0, done.stderr
    assert kept.stat().st_mtime_ns == before
    assert "bench: " not in done.stderr.split("row 2 of 2")[0]
    assert "bench: " in done.stderr.split("row 2 of 2")[1]
    rows = found(convert).rows
    assert [row.recipe for row in rows] == [FIRST, SECOND]
    for row in rows:
        assert {cell.runtime for cell in row.cells if cell.latency} == NATIVE
    again = convert(*SUITE, "--json")
    assert Suite.model_validate_json(again.stdout).rows == rows
    assert "bench: " not in again.stderr


def test_what_is_not_there_is_told_with_what_makes_it(home: Any) -> None:
    convert = without_browser(home)
    shutil.rmtree(convert.home / "models/out" / SECOND)
    shutil.rmtree(convert.home / "models/out" / FIRST / "onnx-uint8")
    done = convert(*SUITE)
    assert done.returncode == 0, done.stderr
    page = (convert.home / "docs/benchmarks.md").read_text()
    make = f"convert run {FIRST} --schemes float32,uint8"
    assert f"- MobileNetV1 0.25, 128: onnx-uint8. `{make}`" in page
    assert "`convert run white-box-cartoonization --schemes float32,uint8`" in page
    assert "- tfjs-wasm-simd: tfjs-wasm-simd: no Chromium is on PATH" in page
    assert f"lacks onnx-uint8: {make}" in done.stderr
    (row,) = found(convert).rows
    assert row.cell("onnxruntime", "uint8") is None
    assert row.ms("onnxruntime")


def test_where_nothing_is_published_the_next_move_is_told(convert_in: Any, tmp_path: Path) -> None:
    done = convert_in(tmp_path)(*SUITE)
    assert done.returncode == 2
    assert "nothing that the articles measure is published in" in done.stderr
    assert f"convert run {FIRST}" in done.stderr


@pytest.mark.parametrize("more", [("models/out/x",), ("--runtime", "litert")])
def test_a_suite_names_its_own_files(
    more: tuple[str, ...], convert_in: Any, tmp_path: Path
) -> None:
    done = convert_in(tmp_path)(*SUITE, *more, "--json")
    assert done.returncode == 2
    assert "--suite names its own" in json.loads(done.stdout)["error"]


@pytest.mark.usefixtures("browser")
def test_a_row_is_every_runtime_and_the_converters_file_beside_ours(home: Any) -> None:
    shutil.rmtree(home.home / "models/out" / FIRST)
    done = home(*SUITE)
    assert done.returncode == 0, done.stderr
    suite = found(home)
    (row,) = suite.rows
    assert {cell.runtime for cell in row.cells if cell.writer == "ours"} == set(suite.runtimes)
    assert not [cell for cell in row.cells if cell.error]
    for cell in row.cells:
        assert cell.latency or cell.right
    ours, theirs = (row.ms("tfjs-wasm-simd", writer=who) for who in ("ours", "converter"))
    assert ours
    assert theirs
    # Its atrous convolutions are pairs of operators around each, which tfjs runs one by one.
    assert theirs > ours
    sizes = [row.cell("tfjs-wasm-simd", "float32", who) for who in ("ours", "converter")]
    assert all(cell and cell.bytes > 1000 for cell in sizes)
