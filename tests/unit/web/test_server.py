"""Pages are served to this machine alone, isolated, compressed and counted."""

from collections.abc import Iterator
from pathlib import Path

import brotli
import httpx
import pytest

from convert.web.server import Server, Site


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as server:
        yield server


@pytest.fixture
def site(server: Server, tmp_path: Path) -> Site:
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages" / "a.js").write_text("let a = 1;" * 100)
    (tmp_path / "secret.txt").write_text("secret")
    (tmp_path / "model.tflite").write_bytes(b"TFL3" * 1000)
    return server.open({"pages": tmp_path / "pages", "model": tmp_path / "model.tflite"})


def get(site: Site, path: str, **headers: str) -> httpx.Response:
    with httpx.Client(trust_env=False) as client:
        return client.get(site.address + path, headers={"Accept-Encoding": "", **headers})


def test_every_answer_isolates_the_page(site: Site) -> None:
    headers = get(site, "pages/a.js").headers
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Cross-Origin-Embedder-Policy"] == "require-corp"
    assert headers["Content-Type"].startswith("text/javascript")


def test_only_this_machine_can_ask(server: Server) -> None:
    assert server.origin.startswith("http://127.0.0.1:")


def test_files_are_sent_as_brotli_to_who_takes_it_and_their_bytes_are_counted(site: Site) -> None:
    plain = get(site, "model/model.tflite")
    packed = get(site, "model/model.tflite", **{"Accept-Encoding": "br, gzip"})
    assert plain.content == packed.content == b"TFL3" * 1000
    assert packed.headers["Content-Encoding"] == "br"
    assert [one.path for one in site.transfers] == ["model/model.tflite"] * 2
    first, second = (one.wire_bytes for one in site.transfers)
    assert (first, second) == (4000, int(packed.headers["Content-Length"]))
    assert second < 100


def test_what_lies_compressed_beside_a_file_is_sent(site: Site) -> None:
    beside = site.roots["pages"] / "a.js.br"
    beside.write_bytes(brotli.compress(b"let b = 2;"))
    assert get(site, "pages/a.js", **{"Accept-Encoding": "br"}).text == "let b = 2;"


@pytest.mark.parametrize(
    "path",
    ["pages/../secret.txt", "pages/%2e%2e/secret.txt", "model/secret.txt", "secret.txt", "pages/b"],
)
def test_nothing_else_is_served(site: Site, path: str) -> None:
    assert get(site, path).status_code == 404
    assert not site.transfers


def test_a_page_cannot_be_guessed_and_is_forgotten(server: Server, site: Site) -> None:
    elsewhere = Site(roots={}, address=f"{server.origin}/guess/")
    assert get(elsewhere, "pages/a.js").status_code == 404
    server.forget(site)
    assert get(site, "pages/a.js").status_code == 404


def test_tensors_go_to_the_page_and_back_as_bytes(site: Site) -> None:
    site.inbox = bytes(range(256))
    assert get(site, "inbox").content == site.inbox
    with httpx.Client(trust_env=False) as client:
        assert client.post(site.address + "outbox", content=b"\x00\xff").status_code == 200
    assert site.outbox == b"\x00\xff"
    assert not site.transfers
