"""The runtimes of web pages, in a real browser: one table over one way to drive a page.

They stand beside the native ones: a file is published for what its native runtime makes of it, and
the browser's say where else it is right.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from convert.errors import RuntimeFailure
from convert.runtimes.browser_session import BrowserSession, Job
from convert.signature import Signature
from convert.vocabulary import Target
from convert.web import browser, packages
from convert.web.features import Features

_COMPAT = "litert_wasm_compat_internal.js"
"""The build of LiteRT.js that has no relaxed SIMD."""


@dataclass(frozen=True, kw_only=True)
class BrowserRuntime:
    """One way to run one target's files in a page; it satisfies `Runtime`."""

    NAME: str
    TARGET: Target
    page: str
    """Which of `convert/web/pages/` opens the file: tfjs, litert, ort."""
    package: str
    """The npm package whose version is the runtime's."""
    options: Mapping[str, str | bool] = field(default_factory=dict)
    """What that page is told."""
    gpu: bool = False
    """Whether it computes on the GPU; where that is drawn by the CPU, times say nothing."""
    slow: bool = False
    """Whether it takes seconds for what others do in milliseconds: it is shown fewer pictures."""
    simd: bool = True
    relaxed_simd: bool = False
    MEASURED: bool = True

    @property
    def threaded(self) -> bool:
        """Whether it takes more than one thread."""
        return bool(self.options.get("threaded"))

    def missing(self) -> str | None:
        """Why it cannot run here and what to install; what the browser lacks is not looked at."""
        return browser.missing() or packages.missing()

    def needs(self) -> dict[str, str]:
        """The `Features` that it computes with -> what they are called."""
        asked = {
            ("webgl", "WebGL"): self.options.get("backend") == "webgl",
            ("webgpu", "WebGPU"): "webgpu" in self.options.values(),
            ("threads", "threads"): self.threaded,
            ("simd", "SIMD"): self.simd,
            ("relaxed_simd", "relaxed SIMD"): self.relaxed_simd,
        }
        return dict(pair for pair, needed in asked.items() if needed)

    def lacks(self, can: Features) -> str | None:
        """What the browser would have to have for it, or None where it has all."""
        return next((name for key, name in self.needs().items() if not getattr(can, key)), None)

    def version(self) -> str:
        """The version of its npm package."""
        return packages.versions()[self.package]

    def open_session(self, path: Path, signature: Signature, threads: int) -> BrowserSession:
        """Load a file in a page of its own. Raises RuntimeFailure with the runtime's own words."""
        job = Job(
            runtime=self.page,
            options=dict(self.options),
            signature=signature,
            threads=threads if self.threaded else 1,
        )
        try:
            return BrowserSession(job, path, gpu=self.gpu)
        except RuntimeFailure as failure:
            raise RuntimeFailure(
                f"{self.NAME} cannot load {path}: {failure.message}", hint=failure.hint
            ) from failure


def _tfjs(name: str, backend: str, **options: bool) -> BrowserRuntime:
    return BrowserRuntime(
        NAME=name,
        TARGET="tfjs",
        page="tfjs",
        package=f"@tensorflow/tfjs-backend-{backend}",
        options={"backend": backend, **options},
        simd=options.get("simd", False),
        gpu=backend.startswith("webg"),
        slow=backend == "cpu",
    )


def _litert(name: str, **options: str | bool) -> BrowserRuntime:
    return BrowserRuntime(
        NAME=name,
        TARGET="tflite",
        page="litert",
        package="@litertjs/core",
        options=options,
        gpu=options.get("accelerator") == "webgpu",
        relaxed_simd=options.get("file") != _COMPAT,
    )


def _ort(name: str, provider: str = "wasm", threaded: bool = False) -> BrowserRuntime:
    return BrowserRuntime(
        NAME=name,
        TARGET="onnx",
        page="ort",
        package="onnxruntime-web",
        options={"provider": provider, "threaded": threaded},
        gpu=provider == "webgpu",
    )


BROWSER_RUNTIMES: dict[str, BrowserRuntime] = {
    runtime.NAME: runtime
    for runtime in (
        _tfjs("tfjs-cpu", "cpu"),
        _tfjs("tfjs-wasm", "wasm", simd=False, threaded=False),
        _tfjs("tfjs-wasm-simd", "wasm", simd=True, threaded=False),
        _tfjs("tfjs-wasm-threads", "wasm", simd=True, threaded=True),
        _tfjs("tfjs-webgl", "webgl"),
        _tfjs("tfjs-webgpu", "webgpu"),
        # Of its two builds for one thread, the first has relaxed SIMD.
        _litert("litert-web", file="litert_wasm_internal.js"),
        _litert("litert-web-compat", file=_COMPAT),
        _litert("litert-web-threads", threaded=True),
        _litert("litert-web-webgpu", accelerator="webgpu"),
        _ort("ort-web"),
        _ort("ort-web-threads", threaded=True),
        _ort("ort-web-webgpu", provider="webgpu"),
    )
}
