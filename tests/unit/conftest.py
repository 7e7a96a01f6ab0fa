"""A real web server on this machine, as good or as bad as a test wants it."""

import hashlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from convert.artifact import Artifact
from convert.bundle.timings import Timings
from convert.machine import Machine
from convert.manifest import Golden, Lineage, Manifest
from convert.recipe import Recipe
from convert.report import Latency, Measured, Verdict
from convert.signature import Quantization, Signature, TensorSpec
from convert.stages.publish import publish


@dataclass(kw_only=True)
class Page:
    """What a path answers; each of `turns` overrides some of it for one request."""

    content: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    etag: str | None = None
    ranges: bool = True
    heeds_if_range: bool = True
    length: int | str | None = "true"
    """Content-Length: the true one, a lie, or none (the end of the connection is the end)."""
    break_after: int | None = None
    """Bytes of the body after which the connection is cut."""
    hang_after: int | None = None
    """Bytes of the body after which nothing more comes."""
    turns: list[dict[str, Any]] = field(default_factory=list)


class Site:
    """The server: pages by path, and the requests that came."""

    def __init__(self) -> None:
        self.pages: dict[str, Page] = {}
        self.requests: list[tuple[str, dict[str, str]]] = []
        self.over = threading.Event()
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.server.server_address[1]}"

    def page(self, path: str, content: bytes = b"", **how: Any) -> str:
        """Serve a page from now on; returns its URL."""
        self.pages[path] = Page(content=content, **how)
        return f"http://{self.host}{path}"

    def paths(self) -> list[str]:
        return [path for path, _ in self.requests]

    def ranges(self) -> list[str | None]:
        return [headers.get("Range") for _, headers in self.requests]

    def close(self) -> None:
        self.over.set()
        self.server.shutdown()
        self.server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        site = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                site.requests.append((self.path, dict(self.headers)))
                page = site.pages.get(self.path, Page(status=404))
                turn = page.turns.pop(0) if page.turns else {}
                answer(self, replace(page, **turn), site.over)

            def log_message(self, *_: object) -> None:
                """Keep the test's output clean."""

        return Handler


def answer(handler: BaseHTTPRequestHandler, page: Page, over: threading.Event) -> None:
    begin = wanted_begin(handler, page)
    body, status, headers = page.content, page.status, dict(page.headers)
    if begin is not None and begin >= len(page.content):
        body, status = b"", HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE
        headers.setdefault("Content-Range", f"bytes */{len(page.content)}")
    elif begin is not None:
        body, status = page.content[begin:], HTTPStatus.PARTIAL_CONTENT
        whole = len(page.content)
        headers.setdefault("Content-Range", f"bytes {begin}-{whole - 1}/{whole}")
    if page.etag:
        headers["ETag"] = page.etag
    if page.length is not None:
        headers["Content-Length"] = str(len(body) if page.length == "true" else page.length)
    handler.close_connection = page.length is None
    handler.send_response(status)
    for name, value in headers.items():
        handler.send_header(name, value)
    handler.end_headers()
    send(handler, body, page, over)


def wanted_begin(handler: BaseHTTPRequestHandler, page: Page) -> int | None:
    asked, version = handler.headers.get("Range"), handler.headers.get("If-Range")
    if not asked or not page.ranges or page.status != HTTPStatus.OK:
        return None
    if version and page.heeds_if_range and version != page.etag:
        return None
    return int(asked.removeprefix("bytes=").removesuffix("-"))


def send(handler: BaseHTTPRequestHandler, body: bytes, page: Page, over: threading.Event) -> None:
    cut = page.break_after if page.break_after is not None else page.hang_after
    try:
        handler.wfile.write(body[:cut])
        handler.wfile.flush()
    except OSError:
        pass  # the client has had enough
    if page.hang_after is not None:
        over.wait(10)
    lied = page.length not in (None, "true", len(body))
    if cut is not None or lied:
        handler.close_connection = True


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """An empty web server; `site.page(path, content, ...)` gives it something to serve."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    opened = Site()
    yield opened
    opened.close()


def recipe() -> Recipe:
    return Recipe.model_validate(
        {
            "name": "tiny-net",
            "title": "A tiny net: segments",
            "task": "segmentation",
            "source": {"format": "frozen_graph", "bundled": "net.pb", "sha256": "0" * 64},
            "license": {"id": "Apache-2.0", "evidence": "LICENSE", "dated": "2018-01-29"},
            "preprocessing": {"size": (8, 12), "resize": "letterbox", "pad_value": 127.5},
            "postprocessing": {"decode": "argmax", "unpad": True},
            "labels": ("ground", "thing"),
            "classes": 2,
            "dataset": {"kind": "shapes"},
            "metric": "miou",
            "targets": {"tflite": {}},
        }
    )


def signature() -> Signature:
    spec = TensorSpec(
        name="image",
        dtype="uint8",
        shape=(1, 8, 12, 3),
        layout="NHWC",
        quantization=Quantization(scale=0.0078125, zero_point=127),
    )
    return Signature(inputs=(spec,), outputs=(spec.model_copy(update={"name": "logits"}),))


@pytest.fixture
def manifest() -> Manifest:
    """What a published tflite uint8 file says of itself; its digests are of no file."""
    return Manifest(
        convert_version="1.2.3",
        artifact=Artifact(
            target="tflite",
            scheme="uint8",
            path="model.tflite",
            sha256="a" * 64,
            bytes=726_444,
            bytes_brotli=600_123,
            signature=signature(),
            parent="b" * 64,
        ),
        files={},
        lineage=Lineage(
            source_sha256="c" * 64,
            source_origin="net.pb",
            core_sha256="b" * 64,
            recipe_sha256="d" * 64,
        ),
        license=recipe().license,
        tools={"tensorflow": "2.19.0"},
        golden=Golden(file="golden.npz", stride=2, runtime="litert"),
        images=100,
        dataset="shapes val",
        metrics={
            "miou": Measured(value=0.81234, drop=0.00421, drop_ci95=(-0.00112, 0.00987)),
            "agreement": Measured(value=0.98765),
        },
        gates=(Verdict(gate="miou_drop", bound=0.03, value=0.00421, passed=True),),
        recipe=recipe(),
    )


@pytest.fixture
def timings() -> Timings:
    """How fast that file was."""
    return Timings(
        machine=Machine(system="Any", processor="One", cores=2, memory_gb=4.0, python="3.11.0"),
        latency=(
            Latency(
                runtime="litert",
                threads=1,
                min_ms=2.114,
                p50_ms=2.235,
                p90_ms=2.356,
                runs=50,
                load=0.3,
                peak_rss_mb=81.4,
                ratio_to_float32=0.554,
            ),
        ),
    )


@pytest.fixture
def bundle(tmp_path: Path, manifest: Manifest, timings: Timings) -> Path:
    """A published folder, whose model no runtime would take."""
    content = b"not a model, but bytes"
    model, golden = tmp_path / "made" / "model.tflite", tmp_path / "made" / "golden.npz"
    model.parent.mkdir()
    model.write_bytes(content)
    np.savez(golden, input=np.zeros(3))
    made = {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}
    artifact = manifest.artifact.model_copy(update=made)
    final = tmp_path / "out" / "tiny-net" / "tflite-uint8"
    publish(manifest.model_copy(update={"artifact": artifact}), timings, model, golden, final)
    return final
