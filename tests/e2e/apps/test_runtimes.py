"""Files and runtimes are exchanged in a page, and what is missing or refused says so."""

import re
from typing import Any

import pytest

from .visit import (
    LONG,
    leave,
    visit,
)

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("browser")]


def test_runtimes_are_exchanged_while_the_camera_runs_and_missing_ones_say_so(
    served: str, chrome: Any
) -> None:
    found = visit(chrome, f"{served}background.html?file=tfjs-float32")
    found.page.get_by_role("button", name="Camera").click()
    runtime = found.select("runtime")
    for name in ("tfjs-cpu", "tfjs-wasm-threads", "tfjs-wasm-simd"):
        runtime.select_option(name)
        found.opened()
        found.frames(2)
        assert f"on {name}" in found.status()
        assert f"runtime={name}" in found.page.url
    missing = runtime.locator("option", has_text="this browser has no WebGPU")
    assert missing.get_attribute("value") == "tfjs-webgpu"
    assert missing.is_disabled()
    leave(found)


def test_a_file_that_a_runtime_refuses_is_told_in_its_words(served: str, chrome: Any) -> None:
    found = visit(chrome, f"{served}background.html?file=onnx-float32")
    found.page.route("**/model.onnx", lambda route: route.fulfill(body=b"no model"))
    found.choose("file", "onnx-uint8")
    found.page.wait_for_selector(".status.bad", timeout=LONG)
    assert re.search(r"ort-web cannot run .*onnx-uint8: .*protobuf", found.status())
    found.page.unroute("**/model.onnx")
    found.choose("file", "tfjs-uint8")
    found.opened()
    found.page.wait_for_function("() => window.app.frames >= 1", timeout=LONG)
    assert "ready after" in found.status()
    leave(found)
