"""A web server on this machine alone, with the headers that let pages use threads.

Every page has a site of its own below a name that nobody can guess, so that what it loads can be
counted and no other program's page can read it. The apps' site has a name that can be kept.
"""

import secrets
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Self
from urllib.parse import unquote, urlsplit

import brotli

from convert.errors import UsageError
from convert.web.packages import BROTLI

_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".md": "text/plain; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".wasm": "application/wasm",
}
_OTHER = "application/octet-stream"
# Cross-origin isolation: SharedArrayBuffer, and a clock of 5 us instead of 100.
_HEADERS = {
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
_OURS = ("127.0.0.1", "localhost")
_FILES_KEPT = 64


@dataclass(frozen=True, kw_only=True)
class Transfer:
    """One file that a page was sent."""

    path: str
    wire_bytes: int
    """As it was sent: after brotli where the page takes it; without headers."""


@dataclass(kw_only=True)
class Site:
    """What one page may load, what it has loaded, and the tensors on their way."""

    roots: Mapping[str, Path]
    """Name -> a folder, or one file, below that name."""
    address: str = ""
    inbox: bytes = b""
    """What the page reads at `inbox`."""
    outbox: bytes = b""
    """What the page has posted to `outbox`."""
    transfers: list[Transfer] = field(default_factory=list)

    def find(self, path: str) -> Path | None:
        """The file that a path such as `npm/a/b.js` names; None where it names none of ours."""
        name, _, rest = path.partition("/")
        root = self.roots.get(name)
        if root is None:
            return None
        if root.is_file():
            return root if rest == root.name else None
        file = (root / rest).resolve()
        return file if file.is_relative_to(root.resolve()) and file.is_file() else None


class Server:
    """Serves sites on 127.0.0.1, in threads of its own; `close` it."""

    def __init__(self, port: int = 0) -> None:
        """Listen on a port, or on one that the system chooses (0).

        Raises UsageError where the port is taken or may not be used.
        """
        self._sites: dict[str, Site] = {}
        try:
            self._http = _Http(("127.0.0.1", port), _Handler)
        except OSError as error:
            raise UsageError(
                f"port {port} cannot be used: {error.strerror}",
                hint="Name another with --port, or 0 for any that is free.",
            ) from error
        self._http.sites = self._sites
        self.origin = f"http://127.0.0.1:{self._http.server_port}"
        self._thread = threading.Thread(target=self._http.serve_forever, daemon=True)
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def open(self, roots: Mapping[str, Path], name: str | None = None) -> Site:
        """A new site of these folders and files, below a name or one that nobody can guess."""
        token = name or secrets.token_urlsafe(12)
        site = Site(roots=roots, address=f"{self.origin}/{token}/")
        self._sites[token] = site
        return site

    def forget(self, site: Site) -> None:
        """Serve it no longer."""
        self._sites.pop(urlsplit(site.address).path.strip("/"), None)

    def close(self) -> None:
        """Stop listening."""
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()


def packed(file: Path) -> bytes:
    """A file after brotli: what lies beside it as `.br`, or compressed now and kept."""
    beside = file.with_name(f"{file.name}.br")
    if beside.is_file():
        return beside.read_bytes()
    return _compressed(file, file.stat().st_mtime_ns)


@lru_cache(maxsize=_FILES_KEPT)
def _compressed(file: Path, modified: int) -> bytes:
    compressed: bytes = brotli.compress(file.read_bytes(), quality=BROTLI)
    return compressed


class _Http(ThreadingHTTPServer):
    daemon_threads = True
    sites: dict[str, Site]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    server: _Http

    def do_GET(self) -> None:
        """A file of the site, or its inbox."""
        site, path = self._place()
        if site and path == "inbox":
            self._send(site.inbox, _OTHER)
            return
        file = site.find(path) if site else None
        if site is None or file is None:
            self._send(b"not here", _TYPES[".html"], status=404)
            return
        compress = "br" in self.headers.get("Accept-Encoding", "")
        body = packed(file) if compress else file.read_bytes()
        # Counted first: who has read the last byte may ask at once.
        site.transfers.append(Transfer(path=path, wire_bytes=len(body)))
        self._send(body, _TYPES.get(file.suffix, _OTHER), encoding="br" if compress else None)

    def do_POST(self) -> None:
        """Keep what a page has computed."""
        site, path = self._place()
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if site is None or path != "outbox":
            self._send(b"not here", _TYPES[".html"], status=404)
            return
        site.outbox = body
        self._send(b"", _OTHER)

    def log_message(self, *values: object) -> None:
        """Say nothing: transfers are kept by the site."""

    def _place(self) -> tuple[Site | None, str]:
        # A page of another host whose name was made to mean this machine is no page of ours.
        host, _, _ = self.headers.get("Host", "").partition(":")
        if host not in _OURS:
            return None, ""
        token, _, path = unquote(urlsplit(self.path).path).lstrip("/").partition("/")
        return self.server.sites.get(token), path

    def _send(
        self, body: bytes, kind: str, *, status: int = 200, encoding: str | None = None
    ) -> None:
        headers = {**_HEADERS, "Content-Type": kind, "Content-Length": str(len(body))}
        if encoding:
            headers["Content-Encoding"] = encoding
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()
