"""Every place keeps the same promises: a folder, a bucket of a real S3 server, the Hub's API."""

from pathlib import Path
from typing import Any

import pytest

from convert.errors import SourceError, UsageError
from convert.places import PLACES, open_place
from convert.places.base import Place

WHY = "a test"


@pytest.fixture(params=["file", "s3", "hf"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    if request.param == "file":
        return open_place((tmp_path / "a place").as_uri())
    if request.param == "s3":
        return open_place(request.getfixturevalue("s3") + "/models")
    request.getfixturevalue("hub")
    return open_place("hf://me/nets")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "weights.bin"
    path.write_bytes(bytes(range(256)) * 40)
    return path


def test_what_was_put_is_read_and_fetched(place: Place, file: Path, tmp_path: Path) -> None:
    place.put({"net/1.0.0/weights.bin": file, "net/1.0.0/deeper/more.bin": file}, WHY)
    assert place.read("net/1.0.0/weights.bin") == file.read_bytes()
    place.fetch("net/1.0.0/deeper/more.bin", tmp_path / "into" / "more.bin")
    assert (tmp_path / "into" / "more.bin").read_bytes() == file.read_bytes()


def test_what_is_not_there_is_none(place: Place, file: Path) -> None:
    assert place.read("net/index.json") is None
    place.put({"net/weights.bin": file}, WHY)
    assert place.read("net/index.json") is None
    assert place.read("net/weights.bin/more") is None


def test_what_is_not_there_cannot_be_fetched(place: Place, tmp_path: Path, file: Path) -> None:
    place.put({"net/weights.bin": file}, WHY)
    with pytest.raises(SourceError, match=r"net/absent\.bin"):
        place.fetch("net/absent.bin", tmp_path / "absent.bin")


def test_a_file_that_is_written_again_is_read_as_it_is_now(place: Place, file: Path) -> None:
    place.put({"net/weights.bin": file}, WHY)
    for content in (b"first", b"second"):
        place.write("net/index.json", content, WHY)
        assert place.read("net/index.json") == content


def test_a_place_that_was_cleared_takes_files_again(place: Place, file: Path) -> None:
    place.put({"net/1.0.0/weights.bin": file}, WHY)
    place.clear("net/1.0.0", WHY)
    place.clear("net/2.0.0", WHY)
    place.put({"net/1.0.0/weights.bin": file}, WHY)
    assert place.read("net/1.0.0/weights.bin") == file.read_bytes()


@pytest.mark.parametrize("url", ["/a/folder", "ftp://host/x", "s3:bucket", "host/x"])
def test_what_is_no_place_is_refused(url: str) -> None:
    with pytest.raises(UsageError, match="no such place"):
        open_place(url)


def test_a_bucket_that_is_not_there_is_an_error_with_its_name(s3: str, file: Path) -> None:
    with pytest.raises(SourceError, match="s3://no-such-bucket-here/x"):
        open_place("s3://no-such-bucket-here/x").put({"weights.bin": file}, WHY)


@pytest.mark.parametrize("url", ["hf://me", "hf://datasets/me/pictures", "hf://me//x"])
def test_the_hub_takes_models_in_repositories(url: str) -> None:
    with pytest.raises(UsageError, match="no model repository"):
        open_place(url)


def test_the_hub_gets_all_files_in_one_commit_and_a_private_repository(
    hub: Any, file: Path
) -> None:
    place = open_place("hf://me/nets/below")
    place.put({"net/a.bin": file, "net/b.bin": file}, WHY)
    assert hub.private == {"me/nets": True}
    assert len(hub.repos["me/nets"]) == 2
    assert set(hub.files("me/nets")) == {"below/net/a.bin", "below/net/b.bin"}
    assert hub.tokens == {"Bearer hf_token"}


def test_what_the_hub_refuses_is_told(hub: Any, file: Path) -> None:
    hub.refuse_commits = True
    with pytest.raises(SourceError, match="no room"):
        open_place("hf://me/nets").put({"net/a.bin": file}, WHY)


def test_a_web_server_is_read(tmp_path: Path, file: Path) -> None:
    import functools
    import threading
    from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

    serve = functools.partial(SimpleHTTPRequestHandler, directory=str(tmp_path))
    with ThreadingHTTPServer(("127.0.0.1", 0), serve) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        place = open_place(f"http://127.0.0.1:{server.server_address[1]}")
        assert place.read("weights.bin") == file.read_bytes()
        assert place.read("absent.bin") is None
        server.shutdown()
    assert {"http", "https"} <= set(PLACES)
