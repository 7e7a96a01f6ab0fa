"""The embedded model's files in a real Chromium, on every runtime that pages have."""

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from convert.errors import RuntimeFailure, UsageError
from convert.pipeline.again import read_manifest, verify_again
from convert.pipeline.settings import Settings
from convert.progress import Silence
from convert.report import Report
from convert.runtimes import BROWSER_GROUPS, BROWSER_RUNTIMES, BrowserRuntime, browser_runtimes
from convert.runtimes.browser_session import BrowserSession
from convert.stages.golden import replay
from convert.vocabulary import DEFAULT_SCHEMES
from convert.web.features import features
from convert.web.page import Page

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("browser")]

WASM = {
    "tfjs-wasm": "tfjs-backend-wasm.wasm",
    "tfjs-wasm-simd": "tfjs-backend-wasm-simd.wasm",
    "tfjs-wasm-threads": "tfjs-backend-wasm-threaded-simd.wasm",
    "litert-web": "litert_wasm_internal.wasm",
    "litert-web-compat": "litert_wasm_compat_internal.wasm",
    "litert-web-threads": "litert_wasm_threaded_internal.wasm",
    "ort-web": "ort-wasm-simd-threaded.wasm",
    "ort-web-threads": "ort-wasm-simd-threaded.wasm",
}
"""Which build each runtime is: one that fell back to another would be taken for what it is not."""


def require(runtime: BrowserRuntime) -> None:
    """Skip where this browser has not what the runtime needs."""
    lacks = runtime.lacks(features())
    if lacks:
        pytest.skip(f"this browser has no {lacks}")


def opened(runtime: BrowserRuntime, folder: Path, threads: int = 2) -> BrowserSession:
    model = read_manifest(folder).artifact
    return runtime.open_session(folder / model.path, model.signature, threads)


@pytest.mark.parametrize("scheme", DEFAULT_SCHEMES)
@pytest.mark.parametrize("name", BROWSER_GROUPS["web-wasm"])
def test_a_file_answers_in_the_browser_as_on_its_native_runtime(
    name: str, scheme: str, road: Any
) -> None:
    runtime = BROWSER_RUNTIMES[name]
    require(runtime)
    folder = road.out / f"{runtime.TARGET}-{scheme}"
    manifest = read_manifest(folder)
    with opened(runtime, folder) as session:
        (spec,) = manifest.artifact.signature.inputs
        found = replay(session, spec.name, folder, manifest.golden, classified=True)
        facts = session.page_facts()
        loaded = session.loaded_wasm()
    assert found.wrong is None
    # A step of an eight-bit output is 1/255 of its range; floats differ by their sums' order.
    assert found.difference < (0.02 if scheme == "uint8" else 0.005)
    assert loaded == (WASM[name],)
    assert facts.isolated
    assert facts.clock_us < 50
    assert facts.heap_mb > 1
    assert session.facts.threads == (2 if runtime.threaded else 1)
    assert (facts.workers > 0) == runtime.threaded


SLOW = [name for name in BROWSER_RUNTIMES if name not in BROWSER_GROUPS["web-wasm"]]


@pytest.mark.parametrize("name", SLOW)
def test_a_slow_or_drawn_runtime_answers_right(name: str, road: Any) -> None:
    runtime = BROWSER_RUNTIMES[name]
    require(runtime)
    folder = road.out / f"{runtime.TARGET}-float32"
    manifest = read_manifest(folder)
    with opened(runtime, folder) as session:
        (spec,) = manifest.artifact.signature.inputs
        found = replay(session, spec.name, folder, manifest.golden, classified=True)
    assert found.wrong is None
    assert found.difference < 0.005


def test_a_page_answers_twice_the_same_and_each_input_for_itself(road: Any) -> None:
    folder = road.out / "tflite-float32"
    (spec,) = read_manifest(folder).artifact.signature.inputs
    random = np.random.default_rng(1)
    one, other = (random.uniform(-1, 1, spec.shape).astype(np.float32) for _ in range(2))
    with opened(BROWSER_RUNTIMES["litert-web"], folder) as session:
        first, second, again = (session.run({spec.name: value}) for value in (one, other, one))
    for name, output in first.items():
        np.testing.assert_array_equal(output, again[name])
        assert not np.array_equal(output, second[name])


def test_verify_measures_a_published_file_on_a_runtime_that_is_named(road: Any) -> None:
    done = road.convert(
        "verify", road.out / "tfjs-uint8", "--runtime", "tfjs-wasm-simd", "--json", "--limit", "12"
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["runtime"] == "tfjs-wasm-simd"
    assert found["golden_correlation"] > 0.999
    assert abs(found["metrics"]["miou"] - found["published"]["miou"]) < 0.002


def test_a_runtime_of_another_target_is_refused(road: Any) -> None:
    with pytest.raises(UsageError, match="litert-web runs tflite files"):
        verify_again(
            *(road.out / "onnx-float32", Settings(home=road.convert.home), None, 1, Silence()),
            runtime="litert-web",
        )
    with pytest.raises(UsageError, match="'safari' is no runtime"):
        browser_runtimes(("safari",))


def test_a_damaged_file_is_the_runtimes_own_refusal(road: Any, tmp_path: Path) -> None:
    model = read_manifest(road.out / "onnx-float32").artifact
    broken = tmp_path / "model.onnx"
    broken.write_bytes((road.out / "onnx-float32" / model.path).read_bytes()[:5000])
    with pytest.raises(RuntimeFailure, match=r"ort-web cannot load .*model\.onnx: .*protobuf"):
        BROWSER_RUNTIMES["ort-web"].open_session(broken, model.signature, 1)


def test_a_page_that_asks_another_host_fails() -> None:
    with Page({}) as page:
        with pytest.raises(RuntimeFailure, match=r"another host: http://example\.com/x"):
            page.evaluate("fetch('http://example.com/x').catch(String)")
        assert "ERR_NAME_NOT_RESOLVED" in " ".join(page.said)


def test_bench_says_what_only_a_page_can_tell(road: Any) -> None:
    runtimes = ("tfjs-wasm-simd", "tfjs-wasm-threads")
    named = [word for name in runtimes for word in ("--runtime", name)]
    done = road.convert(
        "bench", road.out / "tfjs-float32", *named, "--threads", "2", "--runs", "50", "--json"
    )
    assert done.returncode == 0, done.stderr
    rows = {row["runtime"]: row for row in json.loads(done.stdout)}
    assert list(rows) == list(runtimes)
    for name, row in rows.items():
        page = row["browser"]
        assert row["variant"] == "tfjs-float32"
        assert page["wasm"] == [WASM[name]]
        assert row["threads"] == (2 if name.endswith("threads") else 1)
        assert 0 < row["min_ms"] <= row["p25_ms"] <= row["p50_ms"] < page["load_ms"] * 100
        assert page["isolated"]
        assert page["first_ms"] > 0
        assert page["warm_up_runs"] > 25 or page["bounded"]
        assert row["runs"] == 50 or page["bounded"]
        # Core, converter, backend, model.json, weights, the backend's WebAssembly.
        assert page["requests"] == 6
        model = read_manifest(road.out / "tfjs-float32").artifact.bytes_brotli
        assert page["bytes_wire"] > model
        assert not page["correctness_only"]


def test_a_run_brings_the_browser_into_report_and_manifest(copied: Any) -> None:
    asked = ("--targets", "tfjs,onnx", "--schemes", "uint8", "--runtimes", "tfjs-wasm-simd,ort-web")
    done = copied.convert(*copied.run, *asked, "--json")
    assert done.returncode == 0, done.stderr
    report = Report.model_validate_json(done.stdout)
    found = {variant.target: variant for variant in report.variants}
    for target, name in (("tfjs", "tfjs-wasm-simd"), ("onnx", "ort-web")):
        (there,) = found[target].web
        assert (there.runtime, there.images, there.error) == (name, 12, None)
        assert there.passed
        here = found[target].metrics["miou"].value
        assert abs(there.metrics["miou"].value - here) < 0.01
        assert there.metrics["miou"].drop_ci95
        assert read_manifest(copied.out / f"{target}-uint8").web == (there,)
    assert re.search(r"tfjs-uint8 tfjs-wasm-simd: 12 pictures", done.stderr)


def test_doctor_names_the_browser_and_what_it_can_do(road: Any) -> None:
    findings = {one["subject"]: one for one in json.loads(road.convert("doctor", "--json").stdout)}
    assert re.search(r"\d+\.\d+", findings["Chromium"]["found"])
    assert "SIMD" in findings["features"]["found"]
    assert set(BROWSER_RUNTIMES) <= set(findings)
    assert findings["tfjs-wasm-simd"]["status"] == "good"
