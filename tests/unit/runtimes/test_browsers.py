"""The table of the browser's runtimes, and the tensors that come back from a page."""

import numpy as np
import pytest

from convert.errors import RuntimeFailure, UsageError
from convert.runtimes import BROWSER_GROUPS, BROWSER_RUNTIMES, RUNTIMES, browser_runtimes, named
from convert.runtimes.browser_session import arrays_of
from convert.vocabulary import TARGETS
from convert.web import packages
from convert.web.features import Features
from convert.web.page import PAGES

ALL = Features(simd=True, relaxed_simd=True, threads=True, webgl="a card", webgpu="a card")


def test_every_target_has_several_in_the_browser_and_no_name_is_taken_twice() -> None:
    assert {runtime.TARGET for runtime in BROWSER_RUNTIMES.values()} == set(TARGETS)
    assert not set(BROWSER_RUNTIMES) & (set(RUNTIMES) | set(BROWSER_GROUPS))


@pytest.mark.parametrize("runtime", BROWSER_RUNTIMES.values(), ids=lambda one: one.NAME)
def test_each_has_its_page_and_its_package(runtime) -> None:
    assert (PAGES / f"{runtime.page}.js").is_file()
    assert runtime.version() == packages.versions()[runtime.package]
    assert named(runtime.NAME) is runtime


def test_a_word_stands_for_several_and_none_is_asked_twice() -> None:
    found = [runtime.NAME for runtime in browser_runtimes(("web-wasm", "tfjs-cpu", "ort-web"))]
    assert len(found) == len(set(found))
    assert "tfjs-cpu" in found
    assert not [runtime for runtime in browser_runtimes(("web-wasm",)) if runtime.gpu]


def test_an_unknown_word_is_said_with_those_that_there_are() -> None:
    for look in (lambda: named("safari"), lambda: browser_runtimes(("safari",))):
        with pytest.raises(UsageError, match="'safari'") as caught:
            look()
        assert "litert-web" in (caught.value.hint or "")


@pytest.mark.parametrize(
    ("name", "without", "lacks"),
    [
        ("tfjs-webgl", {"webgl": None}, "WebGL"),
        ("tfjs-webgpu", {"webgpu": None}, "WebGPU"),
        ("litert-web-webgpu", {"webgpu": None}, "WebGPU"),
        ("ort-web-webgpu", {"webgpu": None}, "WebGPU"),
        ("tfjs-wasm-threads", {"threads": False}, "threads"),
        ("tfjs-wasm-simd", {"simd": False}, "SIMD"),
        ("litert-web", {"relaxed_simd": False}, "relaxed SIMD"),
        ("litert-web-compat", {"relaxed_simd": False, "threads": False}, None),
        ("tfjs-wasm", {"simd": False, "threads": False, "webgl": None, "webgpu": None}, None),
    ],
)
def test_a_browser_without_what_one_needs_is_told_so(
    name: str, without: dict[str, object], lacks: str | None
) -> None:
    assert BROWSER_RUNTIMES[name].lacks(ALL) is None
    assert BROWSER_RUNTIMES[name].lacks(ALL.model_copy(update=without)) == lacks


def test_a_gpu_that_the_cpu_draws_is_known() -> None:
    assert not ALL.software_gpu
    assert ALL.model_copy(update={"webgl": "ANGLE (Google, SwiftShader)"}).software_gpu


def test_tensors_that_lie_one_after_the_other_are_cut_apart() -> None:
    one = np.arange(3, dtype=np.uint8)
    other = np.arange(6, dtype=np.float32).reshape(1, 2, 3)
    told = [
        {"name": name, "dtype": array.dtype.name, "shape": list(array.shape)}
        for name, array in (("one", one), ("other", other))
    ]
    found = arrays_of(one.tobytes() + other.tobytes(), told)
    np.testing.assert_array_equal(found["one"], one)
    np.testing.assert_array_equal(found["other"], other)
    with pytest.raises(RuntimeFailure, match="sent 3 bytes, and other ends later"):
        arrays_of(one.tobytes(), told)
