"""A real web server on this machine, as good or as bad as a test wants it."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest


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
