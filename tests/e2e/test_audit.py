"""`convert audit` and `convert why` on what a real run left."""

import json
from pathlib import Path
from typing import Any

import pytest

from convert.runtimes import BROWSER_RUNTIMES

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def audited(road: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of everything that `convert audit` writes."""
    pytest.importorskip("altair")
    pytest.importorskip("vl_convert")
    folder = tmp_path_factory.mktemp("audit")
    done = road.convert("audit", "--html", folder / "page.html", "--plots", folder / "plots")
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="module")
def whys(road: Any) -> dict[str, Any]:
    done = road.convert("why", road.out, "--runs", "25", "--json")
    assert done.returncode == 0, done.stderr
    return {one["variant"]: one for one in json.loads(done.stdout)}


def test_the_page_shows_pictures_layers_and_classes(audited: Path) -> None:
    page = (audited / "page.html").read_text()
    assert "where they differ" in page
    assert "data:image/webp;base64," in page
    assert "Layers by quantization error" in page
    for target in ("tflite", "onnx"):
        assert f"</span> uint8 against {target} float32" in page
    assert "By class" in page
    assert "no longer in models/work" not in page


def test_plots_are_there_for_each_axis(audited: Path) -> None:
    names = {path.name for path in (audited / "plots").iterdir()}
    for axis in (
        "bytes",
        "brotli",
        "ms-litert",
        "ms-onnxruntime",
        "classes",
        "layers-tflite",
        "layers-onnx",
    ):
        assert {f"deeplab-shapes-{axis}.svg", f"deeplab-shapes-{axis}.png"} <= names


def test_pictures_that_were_changed_since_are_not_shown_as_the_worst(
    copied: Any, tmp_path: Path
) -> None:
    pytest.importorskip("altair")
    for parts in copied.convert.home.glob("models/work/deeplab-shapes/reference-*/labels.npz"):
        parts.write_bytes(b"damaged")
    done = copied.convert("audit", "--html", tmp_path / "page.html")
    assert done.returncode == 0, done.stderr
    assert "no longer in models/work" in (tmp_path / "page.html").read_text()


def test_every_published_file_is_explained(road: Any, whys: dict[str, Any]) -> None:
    published = {path.parent.name for path in road.out.glob("*/manifest.json")}
    assert set(whys) == published
    assert all(one["advice"].endswith(".") for one in whys.values())


def test_one_graph_has_the_same_work_in_each_target(whys: dict[str, Any]) -> None:
    macs = whys["tflite-float32"]["macs"]
    assert macs > 1e6
    for name in ("tflite-float16", "tflite-uint8", "onnx-uint8"):
        assert whys[name]["macs"] == pytest.approx(macs, rel=0.02)
    # Of float files ONNX Runtime fills up channels to whole vectors.
    assert macs <= whys["onnx-float32"]["macs"] <= 2 * macs


def test_eight_bits_move_less_and_multiply_in_eight_bits(whys: dict[str, Any]) -> None:
    small, large = whys["tflite-uint8"], whys["tflite-float32"]
    assert small["macs_in_eight_bits"] == small["macs"]
    assert large["macs_in_eight_bits"] == 0
    assert small["weight_bytes"] < 0.4 * large["weight_bytes"]
    assert small["activation_bytes"] < 0.6 * large["activation_bytes"]


def test_ratios_are_of_files_timed_in_the_same_rounds(whys: dict[str, Any]) -> None:
    assert whys["tflite-float32"]["ratio_to_float32"] == 1
    assert whys["onnx-uint8"]["ratio_to_float32"] > 0


def test_tfjs_files_are_timed_in_a_page_where_there_is_a_browser(whys: dict[str, Any]) -> None:
    missing = BROWSER_RUNTIMES["tfjs-wasm-simd"].missing()
    one = whys["tfjs-uint8"]
    if missing:
        assert one["ms"] is None
        assert f"It is not timed: {missing}." in one["advice"]
    else:
        assert one["runtime"] == "tfjs-wasm-simd"
        assert one["ms"] > 0
        assert one["ratio_to_float32"] > 0
        assert "not timed" not in one["advice"]


def opened(page: Any, path: Path) -> list[str]:
    """What a page asks for beside itself."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: asked.append(str(error)))
    page.on("console", lambda said: asked.append(said.text))
    page.goto(path.as_uri())
    return [one for one in asked if one != path.as_uri() and not one.startswith("data:")]


@pytest.fixture
def chromium() -> Any:
    """A page of a real browser."""
    from convert.web import chromium as program

    sync = pytest.importorskip("playwright.sync_api")
    path = program.find()
    if path is None:
        pytest.skip("no Chromium is here")
    with sync.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=path, args=program.flags(gpu=False))
        yield browser.new_page
        browser.close()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_page_stands_alone_and_is_legible_in_both_themes(
    audited: Path, chromium: Any, theme: str
) -> None:
    page = chromium(color_scheme=theme)
    assert opened(page, audited / "page.html") == []
    paint = "e => getComputedStyle(e).fill"
    ink = page.locator("figure svg text").first.evaluate(paint)
    paper = page.evaluate("getComputedStyle(document.body).backgroundColor")
    light = [sum(map(int, colour.strip("rgb()").split(", ")[:3])) for colour in (ink, paper)]
    assert abs(light[0] - light[1]) > 200
    assert page.locator("svg title").count() > 9


def test_the_catalogue_is_searched_and_filtered(road: Any, chromium: Any) -> None:
    assert road.convert("audit", "--catalogue").returncode == 0
    page = chromium()
    assert opened(page, road.out.parent / "catalogue.html") == []
    rows = page.locator("#rows tr")
    assert rows.count() == 9
    page.select_option("[name=target]", "tflite")
    assert rows.count() == 3
    page.fill("[name=text]", "shapes uint8")
    assert rows.count() == 1
    page.fill("[name=text]", "<b>nothing")
    assert rows.count() == 0
    assert page.locator("#count").inner_text() == "0 of 9 published"
